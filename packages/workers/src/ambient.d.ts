/**
 * What every JavaScript engine that scan-train supports has, and the language's own library does not declare. Only what this
 * package uses; the same shapes as in the DOM library and in newer versions of the language's, so that both may be present.
 */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
  interface MemoryDescriptor {
    initial: number;
    maximum?: number;
    shared?: boolean;
  }
  class Memory {
    constructor(descriptor: MemoryDescriptor);
    readonly buffer: ArrayBuffer | SharedArrayBuffer;
    grow(delta: number): number;
  }
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>);
  }
  type Imports = Record<string, Record<string, Memory>>;
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Record<string, unknown>;
  }
}

interface Atomics {
  waitAsync(
    array: Int32Array,
    index: number,
    value: number,
    timeout?: number,
  ):
    | { async: false; value: "not-equal" | "timed-out" }
    | { async: true; value: Promise<"ok" | "timed-out"> };
}
