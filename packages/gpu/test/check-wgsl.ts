/**
 * What can be said about WGSL without a compiler: brackets match, every identifier is declared before it is used and once in its block,
 * and nothing that WGSL reserves is declared.
 */
const keywords = new Set(
  "struct var let fn if for loop break return else true false uniform storage read_write private workgroup immediate requires immediate_address_space".split(
    " ",
  ),
);
const predeclared = new Set(
  "f32 i32 u32 bool vec3 vec4 array atomic bitcast select min max abs sqrt floor ceil round trunc atomicCompareExchangeWeak atomicLoad workgroupBarrier workgroupUniformLoad storageBarrier".split(
    " ",
  ),
);
const attributes = new Set(
  "compute workgroup_size group binding builtin workgroup_id num_workgroups local_invocation_index".split(
    " ",
  ),
);
/** A sample of what WGSL reserves: names that people give to tensors. */
const reserved = new Set(
  "target shared set self type match of new from final mod use with super this module".split(" "),
);

interface Scope {
  readonly names: Set<string>;
  /** The scope of a `fn` or `for` head, which ends with its block. */
  readonly isHead: boolean;
}

/** The faults of a shader, in words; none when it is well formed as far as this can see. */
export function wgslFaults(code: string): readonly string[] {
  return new WgslCheck(code).run();
}

class WgslCheck {
  readonly #tokens: readonly string[];
  readonly #faults: string[] = [];
  readonly #scopes: Scope[] = [{ names: new Set(), isHead: false }];
  readonly #brackets: string[] = [];
  #pending: string | undefined;
  #structDepth = -1;

  constructor(code: string) {
    const text = code.replaceAll(/\/\/.*/g, "");
    this.#tokens = text.match(/[A-Za-z_]\w*|\d[\w.]*(?:[+-]\d+f)?|->|\S/g) ?? [];
  }

  run(): readonly string[] {
    this.#tokens.forEach((token, i) => this.#token(token, i));
    if (this.#brackets.length > 0) this.#faults.push(`open ${this.#brackets.join(" ")}`);
    if (this.#scopes.length !== 1) this.#faults.push("a head without a block");
    return this.#faults;
  }

  #token(token: string, i: number): void {
    if ("([{".includes(token)) this.#open(token);
    else if (")]}".includes(token)) this.#close(token);
    else if (token === ";") this.#settle();
    else if (/^[A-Za-z_]/.test(token)) this.#word(token, i);
  }

  #open(token: string): void {
    this.#brackets.push(token);
    if (token === "{") this.#scopes.push({ names: new Set(), isHead: false });
  }

  #close(token: string): void {
    const opened = this.#brackets.pop() ?? "nothing";
    if (
      `${opened}${token}` !== "()" &&
      `${opened}${token}` !== "[]" &&
      `${opened}${token}` !== "{}"
    )
      this.#faults.push(`${opened} closed by ${token}`);
    if (token !== "}") return;
    if (this.#brackets.length === this.#structDepth) this.#structDepth = -1;
    this.#scopes.pop();
    if (this.#scopes.at(-1)?.isHead === true) this.#scopes.pop();
  }

  #settle(): void {
    if (this.#pending !== undefined) this.#declare(this.#pending);
    this.#pending = undefined;
  }

  #word(token: string, i: number): void {
    const before = this.#declarator(i);
    const after = this.#tokens[i + 1];
    if (this.#tokens[i - 1] === ".") return;
    if (token === "for") this.#scopes.push({ names: new Set(), isHead: true });
    else if (keywords.has(token)) return;
    else if (before === "fn") {
      this.#declare(token);
      this.#scopes.push({ names: new Set(), isHead: true });
    } else if (before === "struct") {
      this.#declare(token);
      this.#structDepth = this.#brackets.length;
    } else if (before === "let" || before === "var") {
      if (this.#brackets.length === 0) this.#declare(token);
      else this.#pending = token;
    } else if (after === ":" && this.#structDepth >= 0) this.#refuseReserved(token);
    else if (after === ":") this.#declare(token);
    else if (!this.#isVisible(token)) this.#faults.push(`${token} is not declared`);
  }

  /** `let`, `var`, `fn` or `struct` in front of a name; the address space of a variable is skipped. */
  #declarator(i: number): string | undefined {
    let at = i - 1;
    if (this.#tokens[at] === ">") {
      while (at > 0 && this.#tokens[at] !== "<") at--;
      at--;
      return this.#tokens[at] === "var" ? "var" : undefined;
    }
    return this.#tokens[at];
  }

  #declare(name: string): void {
    this.#refuseReserved(name);
    const names = this.#scopes.at(-1)?.names;
    if (names?.has(name) === true) this.#faults.push(`${name} is declared twice`);
    names?.add(name);
  }

  #refuseReserved(name: string): void {
    if (reserved.has(name) || keywords.has(name) || predeclared.has(name))
      this.#faults.push(`${name} is reserved`);
  }

  #isVisible(name: string): boolean {
    return (
      predeclared.has(name) ||
      attributes.has(name) ||
      this.#scopes.some((scope) => scope.names.has(name))
    );
  }
}
