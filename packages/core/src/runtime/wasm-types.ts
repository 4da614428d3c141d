/**
 * What we need of WebAssembly's objects, by structure: the declarations that we publish must make sense in projects without the
 * DOM library, which is where TypeScript keeps the names.
 */

/** A WebAssembly.Memory. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  grow(pages: number): number;
}
/** A WebAssembly.Module: opaque, can be sent to workers. */
export type WasmModule = object;
/** A WebAssembly.Instance. */
export interface WasmInstance {
  readonly exports: object;
}
