/** What one kernel mentions: its buffers, uniforms, helpers and names, found out while its body is written. */
import {
  InternalError,
  type Buffer,
  type IndexVar,
  type LoopFunction,
  type Size,
} from "@scan-train/core/backend-kit";
import type { WgslBinding, WgslUniforms } from "../wgsl-kernel.ts";
import { requireType } from "./device-traits.ts";
import { helperNames, type HelperName } from "./helpers.ts";
import { Names, sizeName, toIdentifier } from "./identifiers.ts";
import type { UseHelper } from "./scalar-ops.ts";

interface BoundBuffer {
  readonly name: string;
  written: boolean;
}

export class KernelScope {
  readonly names = new Names(helperNames);
  readonly helpers = new Set<HelperName>();
  /** WGSL functions that the body calls, callees first. */
  readonly functions = new Map<LoopFunction, { readonly name: string; readonly code: string }>();
  readonly panelWidth: number;
  readonly #buffers = new Map<Buffer, BoundBuffer>();
  readonly #params: readonly IndexVar[];
  readonly #paramNames = new Map<IndexVar, string>();
  readonly #sizes = new Map<string, { readonly name: string; readonly size: Size }>();
  readonly #fields = { sizes: new Names(), params: new Names() };
  #fails = false;

  /** `params` are the counters that the host may give. */
  constructor(params: readonly IndexVar[], panelWidth: number) {
    this.#params = params;
    this.panelWidth = panelWidth;
  }

  readonly use: UseHelper = (name) => {
    this.helpers.add(name);
    return name;
  };

  read(buffer: Buffer): string {
    return this.#bind(buffer).name;
  }

  write(buffer: Buffer): string {
    const bound = this.#bind(buffer);
    bound.written = true;
    return bound.name;
  }

  #bind(buffer: Buffer): BoundBuffer {
    requireType(buffer.type, `buffer "${buffer.name}"`);
    const bound = this.#buffers.get(buffer) ?? {
      name: this.names.fresh(buffer.name),
      written: false,
    };
    this.#buffers.set(buffer, bound);
    return bound;
  }

  fail(code: number): string {
    this.#fails = true;
    return `${this.use("record_failure")}(${code}u);`;
  }

  /** A number, or a field of the uniform. */
  size(size: Size): string {
    if (size.constant !== undefined) return `${size.constant}`;
    const known = this.#sizes.get(size.key) ?? {
      name: this.#fields.sizes.fresh(sizeName(size.toString())),
      size,
    };
    this.#sizes.set(size.key, known);
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

  /** The buffers by their place in the program, and the status last. */
  bindings(): readonly WgslBinding[] {
    const bound = [...this.#buffers].sort(([a], [b]) => a.id - b.id);
    const buffers = bound.map(([buffer, { name, written }]): WgslBinding => ({
      name,
      buffer,
      type: buffer.type,
      access: written ? "read_write" : "read",
    }));
    const status = {
      name: "status",
      buffer: "status",
      type: "atomic<u32>",
      access: "read_write",
    } as const;
    return this.#fails ? [...buffers, status] : buffers;
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
