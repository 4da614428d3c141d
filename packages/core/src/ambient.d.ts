/**
 * What every JavaScript engine that scan-train supports has, and the language's own library does not declare. Only what core uses;
 * the same shapes as in the DOM library, so that both may be present.
 */
declare namespace WebAssembly {
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
  type Imports = Record<string, Record<string, Memory | ((...args: number[]) => void)>>;
  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Record<string, unknown>;
  }
  function compile(bytes: Uint8Array<ArrayBuffer>): Promise<Module>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  function validate(bytes: Uint8Array<ArrayBuffer>): boolean;
}

declare const performance: { now(): number };
declare const console: { log(...values: unknown[]): void; warn(message: string): void };
