/**
 * Addresses and positions. The part of an index that an inner loop does not change is summed before that loop; the loop's own part is
 * an offset that runs along with its variable and is shared by all accesses with the same stride.
 */
import { InternalError } from "../../errors/errors.ts";
import type { Buffer, Expr, Index, IndexVar, ScalarType } from "../../loop-ir/types.ts";
import { constantSize, type Size, subSizes } from "../../size/size.ts";
import type { Local } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { FunctionContext } from "./function-context.ts";
import type { LoopState, Scope } from "./scope.ts";

/** Bytes of one element in memory. */
export function bytesOf(type: ScalarType): 4 | 8 {
  return type === "f64" ? 8 : 4;
}

/** A sum of index variables without data-dependent parts: `scale` bytes (or 1) per element from `buffer` (or 0). */
interface Sum {
  readonly buffer: Buffer | undefined;
  readonly scale: number;
  readonly offset: Size;
  readonly terms: readonly SumTerm[];
}
interface SumTerm {
  readonly of: IndexVar;
  readonly coef: Size;
}
type DataTerm = { readonly of: Expr; readonly coef: Size };

/** Writes the i32 value of an expression to the scope's code. */
export type ScalarWriter = (expr: Expr, scope: Scope) => void;

export class Addresses {
  readonly #context: FunctionContext;
  readonly #scalar: ScalarWriter;

  constructor(context: FunctionContext, scalar: ScalarWriter) {
    this.#context = context;
    this.#scalar = scalar;
  }

  /** Writes the size times `scale`. */
  size(scope: Scope, size: Size, scale = 1): void {
    const value = this.sizeBound(size, scale);
    if (typeof value === "number") scope.code.i32(value);
    else scope.code.get(value);
  }

  /** The size times `scale`: a number, or a local that the function's prologue sets. */
  sizeBound(size: Size, scale = 1): number | Local {
    if (size.constant !== undefined) return size.constant * scale;
    const key = `${size.key} x ${scale}`;
    const { sums, code } = this.#context.prologue;
    const old = sums.get(key);
    if (old !== undefined) return old;
    const local = this.#context.locals.fresh("i32");
    if (scale === 1)
      code.get(this.#context.frame).memory(op.i32Load, this.#context.module.frame.size(size));
    else {
      const value = this.sizeBound(size);
      if (typeof value === "number") throw new InternalError("a constant size has a local");
      code.get(value).i32(scale).op(op.i32Mul);
    }
    code.set(local);
    sums.set(key, local);
    return local;
  }

  /** The size as a number of iterations: not less than 0. */
  extent(size: Size): number | Local {
    const value = this.sizeBound(size);
    if (typeof value === "number") return Math.max(value, 0);
    if (isNonNegative(size)) return value;
    const { sums, code } = this.#context.prologue;
    const key = `extent ${size.key}`;
    const old = sums.get(key);
    if (old !== undefined) return old;
    const local = this.#context.locals.fresh("i32");
    code.get(value).i32(0).get(value).i32(0).op(op.i32GtS, op.select).set(local);
    sums.set(key, local);
    return local;
  }

  /** Writes the address of an element; returns the offset to give to the memory instruction. */
  element(scope: Scope, buffer: Buffer, index: Index): number {
    const { of, by } = this.#context.neighbours.get(index) ?? { of: index, by: 0 };
    return this.#address(scope, buffer, of, true) + by * bytesOf(buffer.type);
  }

  /** Writes the whole address of an element. */
  pointer(scope: Scope, buffer: Buffer, index: Index): void {
    this.#address(scope, buffer, index, false);
  }

  #address(scope: Scope, buffer: Buffer, index: Index, split: boolean): number {
    const scale = bytesOf(buffer.type);
    const { terms, data } = this.#split(index);
    const wished = split && data.length === 0 ? immediatePart(index.offset, terms) : 0;
    const rest = subSizes(index.offset, wished);
    const known = rest.constant !== undefined || this.#context.module.frame.hasSize(rest);
    const immediate = known ? wished : 0;
    this.#write(scope, { buffer, scale, offset: known ? rest : index.offset, terms });
    this.#data(scope, data, scale);
    return immediate * scale;
  }

  /** Writes the value of an index as an i32. */
  position(scope: Scope, index: Index): void {
    const { terms, data } = this.#split(index);
    this.#write(scope, { buffer: undefined, scale: 1, offset: index.offset, terms });
    this.#data(scope, data, 1);
  }

  #data(scope: Scope, data: readonly DataTerm[], scale: number): void {
    for (const { of, coef } of data) {
      this.#scalar(of, scope);
      if (coef.constant !== undefined && coef.constant * scale === 1) scope.code.op(op.i32Add);
      else {
        this.size(scope, coef, scale);
        scope.code.op(op.i32Mul, op.i32Add);
      }
    }
  }

  /** Equal variables are one term; variables that can only be 0 are none. */
  #split(index: Index): { terms: SumTerm[]; data: DataTerm[] } {
    const terms: SumTerm[] = [];
    const data: DataTerm[] = [];
    for (const { of, coef } of index.terms) {
      if (of.kind !== "indexVar") data.push({ of, coef });
      else if (!this.#context.zeroVariables.has(of)) terms.push({ of, coef });
    }
    return { terms, data };
  }

  #write(scope: Scope, sum: Sum): void {
    const home = scope.outermostFor(new Set(sum.terms.map((t) => t.of)));
    const key = this.#key(sum);
    const known = home.sums.get(key);
    if (known !== undefined) {
      scope.code.get(known);
      return;
    }
    if (home === scope) {
      this.#writeHere(home, sum);
      return;
    }
    scope.code.get(this.#sumLocal(home, sum, key));
  }

  #sumLocal(home: Scope, sum: Sum, key: string): Local {
    const known = home.sums.get(key);
    if (known !== undefined) return known;
    const local = this.#context.locals.fresh("i32");
    this.#writeHere(home, sum);
    home.code.set(local);
    home.sums.set(key, local);
    return local;
  }

  #writeHere(home: Scope, sum: Sum): void {
    const loop = home.loop;
    const own = sum.terms.find((t) => t.of === loop?.variable);
    if (loop === undefined || own === undefined) {
      this.#writeAtStart(home, sum);
      return;
    }
    const rest: Sum = { ...sum, terms: sum.terms.filter((t) => t !== own) };
    const running = this.#running(loop, home, own.coef, sum.scale);
    if (rest.buffer === undefined && rest.terms.length === 0 && rest.offset.constant === 0)
      home.code.get(running);
    else {
      this.#write(home, rest);
      home.code.get(running).op(op.i32Add);
    }
  }

  /** In the prologue: only parameters are left. */
  #writeAtStart(home: Scope, sum: Sum): void {
    if (home.kind !== "prologue")
      throw new InternalError("an index uses a variable whose loop it is not in");
    const { code } = home;
    let first = true;
    const plus = (write: () => void): void => {
      write();
      if (!first) code.op(op.i32Add);
      first = false;
    };
    const { buffer } = sum;
    if (buffer !== undefined)
      plus(() =>
        code.get(this.#context.frame).memory(op.i32Load, this.#context.module.frame.buffer(buffer)),
      );
    for (const { of, coef } of sum.terms) {
      const param = this.#context.parameters.get(of);
      if (param === undefined)
        throw new InternalError(`index variable ${of.name} has no value here`);
      plus(() => {
        code.get(param);
        this.size(home, coef, sum.scale);
        code.op(op.i32Mul);
      });
    }
    if (first || sum.offset.constant !== 0) plus(() => this.size(home, sum.offset, sum.scale));
  }

  #key(sum: Sum): string {
    const terms = sum.terms.map((t) => `${this.#context.identity(t.of)}*(${t.coef.key})`).sort();
    return `${sum.buffer?.id ?? "-"}:${sum.scale}:${sum.offset.key}:${terms.join("+")}`;
  }

  /** The value of `loop.variable` times the stride, in a local that the loop keeps in step. */
  #running(loop: LoopState, home: Scope, coef: Size, scale: number): Local {
    const key = `${coef.key} x ${scale}`;
    const old = loop.running.get(key);
    if (old !== undefined) return old.local;
    const before = home.parent;
    if (before === undefined) throw new InternalError("a loop without a scope before it");
    const local = this.#context.locals.fresh("i32");
    const stride = this.sizeBound(coef, scale);
    if (typeof loop.start === "number" && (typeof stride === "number" || loop.start === 0)) {
      before.code.i32(typeof stride === "number" ? loop.start * stride : 0);
    } else {
      if (typeof loop.start === "number") before.code.i32(loop.start);
      else before.code.get(loop.start);
      this.size(before, coef, scale);
      before.code.op(op.i32Mul);
    }
    before.code.set(local);
    loop.running.set(key, { local, stride, consecutive: coef.constant === 1 });
    return local;
  }

  /** Writes the running value of the loop's own variable. */
  counter(loop: LoopState, home: Scope): Local {
    return this.#running(loop, home, constantSize(1), 1);
  }
}

/** The part of a constant offset that may stand in the instruction: only where the rest of the index cannot be negative. */
function immediatePart(offset: Size, terms: readonly SumTerm[]): number {
  const constant = offset.terms.find((t) => t.atoms.length === 0)?.coef ?? 0;
  if (constant <= 0 || constant > 0xffffff) return 0;
  return isNonNegative(offset) && terms.every((t) => isNonNegative(t.coef)) ? constant : 0;
}

/** Symbols are >= 0, so a sum of positive products of symbols is. */
function isNonNegative(size: Size): boolean {
  return size.terms.every((t) => t.coef >= 0 && t.atoms.every((a) => a.kind === "symbol"));
}
