/**
 * The name that comes twice among the fields of a JSON object; JSON.parse keeps the last one without a word.
 *
 * @param text of a valid object
 * @param kept how many fields JSON.parse found
 */
export function repeatedField(text: string, kept: number): string | undefined {
  const names: string[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    else if (character === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && isName(text, end)) names.push(String(JSON.parse(text.slice(at, end))));
      at = end - 1;
    }
  }
  return names.length === kept ? undefined : names.find((name, i) => names.indexOf(name) < i);
}

/** Past the quote that closes the string which begins here. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === "\\") first -= 1;
  return (at - first) % 2 === 1;
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (text[at] !== undefined && " \t\r".includes(text[at] ?? "")) at += 1;
  return text[at] === ":";
}
