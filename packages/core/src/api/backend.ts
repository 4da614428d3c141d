/** What compile compiles for. The backend decides whether calls are synchronous. */
export interface Backend<M extends "sync" | "async" = "sync" | "async"> {
  readonly name: string;
  readonly calls: M;
}

/** WebAssembly with SIMD, the default: calls are synchronous. */
export const wasm: Backend<"sync"> = { name: "wasm", calls: "sync" };
