/** Chooses the kernels of `matmul` and `pack` statements from what is known of the strides, and calls them. */
import { InternalError } from "../../errors/errors.ts";
import type { Buffer, Index, MatrixView, ScalarType, Statement } from "../../loop-ir/types.ts";
import { constantSize, type Size } from "../../size/size.ts";
import { type Addresses, bytesOf } from "./addresses.ts";
import { op } from "./encoder/opcodes.ts";
import type { FunctionContext } from "./function-context.ts";
import type { GemvKind, Layout } from "./kernels/library.ts";
import type { Scope } from "./scope.ts";

type Matmul = Extract<Statement, { kind: "matmul" }>;
type Pack = Extract<Statement, { kind: "pack" }>;
const none = constantSize(0);

function floatType(type: ScalarType): "f32" | "f64" {
  if (type !== "f32" && type !== "f64") throw new InternalError(`a matrix product of ${type}`);
  return type;
}

function layoutOf(view: MatrixView): Layout {
  if (view.colStride.constant === 1) return "rows";
  return view.rowStride.constant === 1 ? "columns" : "any";
}

export function writePack(
  context: FunctionContext,
  addresses: Addresses,
  scope: Scope,
  s: Pack,
): void {
  const type = floatType(s.into.type);
  const operands = new Operands(context, addresses, scope, type);
  operands.view(s.b).write("address", "rowStride", "colStride");
  operands.whole(s.into).write("address");
  operands.sizes(s.n, s.k);
  scope.code.call(context.module.kernels.pack(type, layoutOf(s.b)));
}

export function writeMatmul(
  context: FunctionContext,
  addresses: Addresses,
  scope: Scope,
  s: Matmul,
): void {
  const layout = "packed" in s.b ? "packed" : layoutOf(s.b);
  const calls = new ProductCalls(context, addresses, scope, s);
  const oneRow = s.m.constant === 1;
  if (s.c.colStride.constant !== 1 || layout === "any") calls.any();
  else if (oneRow) calls.row(layout);
  else if (layout === "columns") calls.eachRow();
  else if (s.m.constant !== undefined) calls.tiles(layout);
  else {
    addresses.size(scope, s.m);
    scope.code
      .i32(1)
      .op(op.i32Eq)
      .if(
        () => calls.row(layout),
        () => calls.tiles(layout),
      );
  }
}

/** The calls that can compute one product. The addresses are computed once, before any of them. */
class ProductCalls {
  readonly #kernels: FunctionContext["module"]["kernels"];
  readonly #code: Scope["code"];
  readonly #operands: Operands;
  readonly #s: Matmul;
  readonly #type: "f32" | "f64";
  readonly #a: Operand;
  readonly #b: Operand;
  readonly #c: Operand;
  readonly #scratch: Operand | undefined;

  constructor(context: FunctionContext, addresses: Addresses, scope: Scope, s: Matmul) {
    this.#kernels = context.module.kernels;
    this.#code = scope.code;
    this.#s = s;
    this.#type = floatType(s.c.buffer.type);
    this.#operands = new Operands(context, addresses, scope, this.#type);
    this.#a = this.#operands.view(s.a);
    this.#b = "packed" in s.b ? this.#operands.whole(s.b.packed) : this.#operands.view(s.b);
    this.#c = this.#operands.view(s.c);
    this.#scratch = s.scratch === undefined ? undefined : this.#operands.whole(s.scratch);
  }

  /** Operands of any strides. */
  any(): void {
    const { m, n, k } = this.#s;
    this.#a.write("address", "rowStride", "colStride");
    this.#b.write("address", "rowStride", "colStride");
    this.#c.write("address", "rowStride", "colStride");
    this.#finish(
      [m, n, k],
      "packed" in this.#s.b
        ? this.#kernels.gemmAnyPacked(this.#type)
        : this.#kernels.gemmAny(this.#type),
    );
  }

  /** One row of a. */
  row(kind: GemvKind): void {
    const { n, k } = this.#s;
    this.#a.write("address", "colStride");
    this.#b.write("address", "rowStride", "colStride");
    this.#c.write("address");
    this.#finish([n, k], this.#kernels.gemv(this.#type, kind));
  }

  /** A transposed b that is not packed: row by row. */
  eachRow(): void {
    const { m, n, k } = this.#s;
    this.#a.write("address", "rowStride", "colStride");
    this.#b.write("address", "rowStride", "colStride");
    this.#c.write("address", "rowStride");
    this.#finish([m, n, k], this.#kernels.gemmColumns(this.#type));
  }

  tiles(b: "rows" | "packed"): void {
    const { m, n, k } = this.#s;
    this.#a.write("address", "rowStride", "colStride");
    this.#b.write("address", "rowStride");
    this.#c.write("address", "rowStride");
    const layout = layoutOf(this.#s.a);
    const scratch = layout === "columns" ? this.#scratch : undefined;
    const kernel = this.#kernels.gemm(this.#type, scratch === undefined ? layout : "tiles", b);
    this.#finish([m, n, k], kernel, scratch);
  }

  #finish(sizes: readonly Size[], kernel: number, scratch?: Operand): void {
    this.#operands.sizes(...sizes);
    this.#code.i32(Number(this.#s.accumulate));
    scratch?.write("address");
    this.#code.call(kernel);
  }
}

type Part = "address" | "rowStride" | "colStride";

/** A matrix as arguments: its address and its strides in bytes, which are 0 for a packed one. */
interface Operand {
  readonly write: (...parts: readonly Part[]) => void;
}

class Operands {
  readonly #context: FunctionContext;
  readonly #addresses: Addresses;
  readonly #scope: Scope;
  readonly #bytes: number;

  constructor(context: FunctionContext, addresses: Addresses, scope: Scope, type: "f32" | "f64") {
    this.#context = context;
    this.#addresses = addresses;
    this.#scope = scope;
    this.#bytes = bytesOf(type);
  }

  view(view: MatrixView): Operand {
    return this.#operand(view.buffer, view.offset, view.rowStride, view.colStride);
  }

  /** A whole buffer. */
  whole(buffer: Buffer): Operand {
    return this.#operand(buffer, { terms: [], offset: none }, none, none);
  }

  sizes(...sizes: readonly Size[]): void {
    for (const size of sizes) this.#addresses.size(this.#scope, size);
  }

  #operand(buffer: Buffer, offset: Index, rowStride: Size, colStride: Size): Operand {
    const { code } = this.#scope;
    const address = this.#context.locals.fresh("i32");
    this.#addresses.pointer(this.#scope, buffer, offset);
    code.set(address);
    const writers: Readonly<Record<Part, () => void>> = {
      address: () => void code.get(address),
      rowStride: () => this.#addresses.size(this.#scope, rowStride, this.#bytes),
      colStride: () => this.#addresses.size(this.#scope, colStride, this.#bytes),
    };
    return { write: (...parts) => parts.forEach((part) => writers[part]()) };
  }
}
