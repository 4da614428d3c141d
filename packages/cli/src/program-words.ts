/** What the libraries advise their callers, in words that the command line knows. */
const advice: readonly (readonly [ofLibrary: string, ofProgram: string])[] = [
  ["compile for WebAssembly: leave backend out", "train on threads: --backend wasm"],
];

/** A message of a library as this program says it. */
export function inProgramWords(message: string): string {
  return advice.reduce((text, [from, to]) => text.replaceAll(from, to), message);
}
