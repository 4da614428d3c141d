/** What one kernel mentions: its buffers, uniforms, helpers and names, found out while its body is written. */
import {
  InternalError,
  type Buffer,
  type IndexVar,
  type LoopFunction,
  type Size,
} from "@scan-train/core/backend-kit";
import type { WgslBinding, WgslUniforms } from "../wgsl-kernel.ts";
import { requireType, traitOf } from "./device-traits.ts";
import { helperNames, type HelperName } from "./helpers.ts";
import { Names, sizeName, toIdentifier } from "./identifiers.ts";
import type { UseHelper } from "./scalar-ops.ts";

interface BoundBuffer {
  readonly name: string;
  readonly vectors: boolean;
}

/** How kernels see memory and counters. */
export interface KernelStyle {
  /** Buffers as parts of one array of words, at places that sizes tell: as many as a kernel likes. */
  readonly inMemory: boolean;
  /** Params as immediates. */
  readonly immediates: boolean;
  /** Buffers that lie where others do. */
  readonly aliases: ReadonlyMap<Buffer, Buffer>;
}

export class KernelScope {
  readonly names = new Names(helperNames);
  readonly helpers = new Set<HelperName>();
  /** WGSL functions that the body calls, callees first. */
  readonly functions = new Map<LoopFunction, { readonly name: string; readonly code: string }>();
  /** Declarations of workgroup memory. */
  readonly workgroupVars: string[] = [];
  readonly panelWidth: number;
  readonly style: KernelStyle;
  readonly #buffers = new Map<Buffer, BoundBuffer>();
  readonly #params: readonly IndexVar[];
  readonly #paramNames = new Map<IndexVar, string>();
  readonly #sizes = new Map<string, { readonly name: string; readonly value: Size | Buffer }>();
  readonly #fields = { sizes: new Names(), params: new Names() };
  readonly #special = new Set<"status" | "flags">();

  /** `params` are the counters that the host may give. */
  constructor(params: readonly IndexVar[], panelWidth: number, style: KernelStyle) {
    this.#params = params;
    this.panelWidth = panelWidth;
    this.style = style;
  }

  readonly use: UseHelper = (name) => {
    this.helpers.add(name);
    return name;
  };

  /** An element as it lies: a bool is an i32. */
  load(buffer: Buffer, at: string): string {
    if (!this.style.inMemory) return `${this.#bind(buffer, false)}[${at}]`;
    return `bitcast<${traitOf(buffer.type).element}>(${this.#word(buffer, at)})`;
  }

  /** Sets an element as it lies. */
  store(buffer: Buffer, at: string, value: string): string {
    if (!this.style.inMemory) return `${this.#bind(buffer, false)}[${at}] = ${value};`;
    return `${this.#word(buffer, at)} = bitcast<u32>(${value});`;
  }

  /** Four elements from `4 * at` on, in a kernel that mentions the buffer in this way alone. */
  vector(buffer: Buffer, at: string): string {
    if (this.style.inMemory) throw new InternalError("a word of memory is no vector");
    return `${this.#bind(buffer, true)}[${at}]`;
  }

  #word(given: Buffer, at: string): string {
    const buffer = this.style.aliases.get(given) ?? given;
    requireType(buffer.type, `buffer "${buffer.name}"`);
    return `memory[${this.#field(`place ${buffer.id}`, `at_${buffer.name}`, buffer)} + ${at}]`;
  }

  #bind(given: Buffer, vectors: boolean): string {
    const buffer = this.style.aliases.get(given) ?? given;
    requireType(buffer.type, `buffer "${buffer.name}"`);
    const bound = this.#buffers.get(buffer) ?? { name: this.names.fresh(buffer.name), vectors };
    if (bound.vectors !== vectors)
      throw new InternalError(`${buffer.name} is read by elements and by vectors`);
    this.#buffers.set(buffer, bound);
    return bound.name;
  }

  fail(code: number): string {
    this.#special.add("status");
    return `${this.use("record_failure")}(${code}u);`;
  }

  /** The first failure of the call so far; 0 for none. */
  status(): string {
    this.#special.add("status");
    return "atomicLoad(&status)";
  }

  /** The word of a loop that ends by a condition. */
  flag(slot: number): string {
    this.#special.add("flags");
    return `flags[${slot}]`;
  }

  /** A number, or a field of the uniform. */
  size(size: Size): string {
    if (size.constant !== undefined) return `${size.constant}`;
    return this.#field(size.key, sizeName(size.toString()), size);
  }

  #field(key: string, wanted: string, value: Size | Buffer): string {
    const known = this.#sizes.get(key) ?? { name: this.#fields.sizes.fresh(wanted), value };
    this.#sizes.set(key, known);
    return `sizes.${known.name}`;
  }

  /** A size to divide by: WGSL refuses a literal 0, also where nothing would run. */
  divisor(size: Size): string {
    return size.constant === 0 ? "1" : this.size(size);
  }

  /** A counter of the host. @throws INTERNAL when it is none */
  param(index: IndexVar): string {
    if (!this.#params.includes(index)) throw new InternalError(`${index.name} has no value here`);
    const name = this.#paramNames.get(index) ?? this.#fields.params.fresh(toIdentifier(index.name));
    this.#paramNames.set(index, name);
    return `params.${name}`;
  }

  /** The buffers by their place in the program, then flags and status. */
  bindings(): readonly WgslBinding[] {
    const bound = [...this.#buffers].sort(([a], [b]) => a.id - b.id);
    const buffers = bound.map(([buffer, { name, vectors }]): WgslBinding => ({
      name,
      buffer,
      type: vectors ? `vec4<${traitOf(buffer.type).element}>` : buffer.type,
    }));
    const all: WgslBinding[] = this.style.inMemory
      ? [{ name: "memory", buffer: "memory", type: "u32" }]
      : buffers;
    if (this.#special.has("flags")) all.push({ name: "flags", buffer: "flags", type: "u32" });
    if (this.#special.has("status"))
      all.push({ name: "status", buffer: "status", type: "atomic<u32>" });
    return all;
  }

  uniforms(): WgslUniforms {
    const byKey = [...this.#sizes].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      sizes: byKey.map(([, field]) => field),
      params: this.#params.flatMap((index) => {
        const name = this.#paramNames.get(index);
        return name === undefined ? [] : [{ name, index }];
      }),
    };
  }
}
