/** A WebAssembly module under construction: one imported memory, functions, exports, names. */
import { InternalError } from "../../../errors/errors.ts";
import { ByteWriter } from "./bytes.ts";
import { Code, Locals } from "./code.ts";
import { op, type ValueType, valueType } from "./opcodes.ts";

/** A function whose index is known, and whose body may follow later, so that functions can call each other. */
export interface DeclaredFunction {
  readonly index: number;
  readonly name: string;
  readonly locals: Locals;
  readonly code: Code;
}

/** A function type. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

const section = { custom: 0, type: 1, import: 2, function: 3, export: 7, code: 10 } as const;
const magic = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const sharedWithMaximum = 0x03;
const withoutMaximum = 0x00;
const memoryKind = 0x02;
const functionKind = 0x00;
const functionTypeForm = 0x60;
/** 4 GiB in pages of 64 KiB. */
const maximumPages = 65536;

export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #signatures: Signature[] = [];
  readonly #imports: { readonly name: string; readonly type: number }[] = [];
  readonly #functions: { readonly declared: DeclaredFunction; readonly type: number }[] = [];
  readonly #exports = new Map<string, number>();
  readonly #sharedMemory: boolean;

  /** `sharedMemory` says whether the imported `env.memory` is shared; a shared one has a maximum of 4 GiB. */
  constructor(sharedMemory: boolean) {
    this.#sharedMemory = sharedMemory;
  }

  /** The index of a function of `env`. All imports come before any declaration, because they are numbered first. */
  import(name: string, signature: Signature): number {
    if (this.#functions.length > 0) throw new InternalError(`${name} is imported too late`);
    return this.#imports.push({ name, type: this.#typeIndex(signature) }) - 1;
  }

  declare(name: string, signature: Signature): DeclaredFunction {
    const declared: DeclaredFunction = {
      index: this.#imports.length + this.#functions.length,
      name,
      locals: new Locals(signature.params),
      code: new Code(),
    };
    this.#functions.push({ declared, type: this.#typeIndex(signature) });
    return declared;
  }

  export(name: string, func: DeclaredFunction): void {
    if (this.#exports.has(name)) throw new InternalError(`two functions are exported as ${name}`);
    this.#exports.set(name, func.index);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter().bytes(Uint8Array.from(magic));
    writeSection(out, section.type, (s) => writeVector(s, this.#signatures, writeSignature));
    writeSection(out, section.import, (s) => {
      s.unsigned(1 + this.#imports.length)
        .name("env")
        .name("memory")
        .u8(memoryKind);
      if (this.#sharedMemory) s.u8(sharedWithMaximum).unsigned(1).unsigned(maximumPages);
      else s.u8(withoutMaximum).unsigned(1);
      for (const { name, type } of this.#imports)
        s.name("env").name(name).u8(functionKind).unsigned(type);
    });
    writeSection(out, section.function, (s) =>
      writeVector(s, this.#functions, (f, w) => w.unsigned(f.type)),
    );
    writeSection(out, section.export, (s) =>
      writeVector(s, [...this.#exports], ([name, index], w) =>
        w.name(name).u8(functionKind).unsigned(index),
      ),
    );
    writeSection(out, section.code, (s) =>
      writeVector(s, this.#functions, (f, w) => writeBody(f.declared, w)),
    );
    writeSection(out, section.custom, (s) => this.#writeNames(s));
    return out.toBytes();
  }

  #typeIndex(signature: Signature): number {
    const key = `${signature.params.join()}:${signature.results.join()}`;
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#signatures.push(signature);
    return this.#types.push(key) - 1;
  }

  /** The name section, which profilers and stack traces show. */
  #writeNames(out: ByteWriter): void {
    const names = new ByteWriter();
    writeVector(names, this.#functions, ({ declared }, w) =>
      w.unsigned(declared.index).name(declared.name),
    );
    out.name("name").u8(1).unsigned(names.length).append(names);
  }
}

function writeSection(out: ByteWriter, id: number, write: (section: ByteWriter) => void): void {
  const content = new ByteWriter();
  write(content);
  out.u8(id).unsigned(content.length).append(content);
}

function writeVector<T>(
  out: ByteWriter,
  items: readonly T[],
  write: (item: T, out: ByteWriter) => void,
): void {
  out.unsigned(items.length);
  for (const item of items) write(item, out);
}

function writeSignature(signature: Signature, out: ByteWriter): void {
  const types = (list: readonly ValueType[]): void =>
    writeVector(out, list, (type, w) => w.u8(valueType[type]));
  out.u8(functionTypeForm);
  types(signature.params);
  types(signature.results);
}

function writeBody(func: DeclaredFunction, out: ByteWriter): void {
  const body = new ByteWriter();
  func.locals.writeTo(body);
  func.code.writeTo(body);
  body.u8(op.end);
  out.unsigned(body.length).append(body);
}
