/** The rows of tables that hold a text, for tests. */
export function rowsOf(lines: readonly string[], text: string): readonly string[] {
  return lines.filter((line) => line.startsWith("|") && line.includes(text));
}
