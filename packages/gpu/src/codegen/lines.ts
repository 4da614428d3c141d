/** Indented text. */
export class Lines {
  readonly #lines: string[] = [];
  #depth = 0;

  add(...lines: readonly string[]): void {
    for (const line of lines) this.#lines.push(line === "" ? "" : "  ".repeat(this.#depth) + line);
  }

  /** `head {`, what `body` adds, and `}`. */
  block(head: string, body: () => void): void {
    this.add(`${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.add("}");
  }

  toString(): string {
    return this.#lines.join("\n");
  }
}

/** The text without the parentheses that enclose all of it. */
export function bare(text: string): string {
  if (!text.startsWith("(")) return text;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    depth += text[i] === "(" ? 1 : text[i] === ")" ? -1 : 0;
    if (depth === 0) return i === text.length - 1 ? text.slice(1, -1) : text;
  }
  return text;
}
