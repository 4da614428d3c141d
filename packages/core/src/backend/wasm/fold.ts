/** Folds in the orders of `ReduceOrder`, with scalar accumulators or with one fold per SIMD lane. */
import { InternalError } from "../../errors/errors.ts";
import type { Expr, IndexVar, ReduceOp, ScalarType, Statement } from "../../loop-ir/types.ts";
import type { Local } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { Expressions } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { bound, writeLoop } from "./loops.ts";
import { type OpContext, valueTypeOf, writeScalarBinary, writeScalarConst } from "./scalar-ops.ts";
import type { Bound, Form, Scope } from "./scope.ts";
import { constantBytes, writeVectorBinary } from "./vector-ops.ts";

export type Reduce = Extract<Statement, { kind: "reduce" }>;

export const accumulators = 16;
const blockLength = 256;
/** A fold's loops change no variable of the program. */
export const nothingChanged: ReadonlySet<never> = new Set();

/** A fold whose accumulators are scalars, or vectors with one fold per lane. */
export class Fold {
  protected readonly context: FunctionContext;
  protected readonly expressions: Expressions;
  protected readonly reduce: Reduce;
  protected readonly form: Form;

  constructor(context: FunctionContext, expressions: Expressions, reduce: Reduce, form: Form) {
    this.context = context;
    this.expressions = expressions;
    this.reduce = reduce;
    this.form = form;
  }

  protected get type(): ScalarType {
    return this.reduce.var.type;
  }

  /** A local that holds the identity of the operation. */
  protected fresh(scope: Scope): Local {
    const local = this.context.locals.fresh(
      this.form === "scalar" ? valueTypeOf(this.type) : "v128",
    );
    this.clear(scope, local);
    return local;
  }

  protected clear(scope: Scope, local: Local): void {
    const value = identity(this.reduce.op, this.type);
    if (this.form === "scalar") writeScalarConst(scope.code, this.type, value);
    else scope.code.v128(constantBytes(this.type, value));
    scope.code.set(local);
  }

  /** The operation on the two values on the stack. */
  protected combine(scope: Scope): void {
    const c: OpContext = {
      code: scope.code,
      locals: this.context.locals,
      divide: () => noDivision(),
    };
    if (this.form === "scalar") writeScalarBinary(c, this.reduce.op, this.type);
    else writeVectorBinary({ ...c, lanes: this.form }, this.reduce.op, this.type);
  }

  /** into = op(into, value) with the value that `write` leaves on the stack. */
  protected accumulate(scope: Scope, into: Local, write: () => void): void {
    scope.code.get(into);
    write();
    this.combine(scope);
    scope.code.set(into);
  }

  protected accumulateValue(scope: Scope, into: Local, value = this.reduce.value): void {
    this.accumulate(scope, into, () => this.expressions.write(value, scope, this.form));
  }

  /** Blocks of 256 in ascending order, of several values side by side. */
  blocks(scope: Scope, end: Bound, values: readonly Expr[] = [this.reduce.value]): Local[] {
    const totals = values.map(() => this.fresh(scope));
    const add = (inside: Scope, sums: readonly Local[]): void =>
      values.forEach((value, i) => this.accumulateValue(inside, at(sums, i), value));
    if (typeof end === "number" && end <= blockLength) {
      // One block: combining it with the identity changes nothing.
      writeLoop(
        this.context,
        scope,
        { variable: this.reduce.index, start: 0, end, step: 1, changed: nothingChanged },
        (inside) => add(inside, totals),
      );
      return totals;
    }
    const blockVariable: IndexVar = { kind: "indexVar", name: `${this.reduce.index.name} block` };
    writeLoop(
      this.context,
      scope,
      { variable: blockVariable, start: 0, end, step: blockLength, changed: nothingChanged },
      (outer) => {
        const blocks = values.map(() => this.fresh(outer));
        const [from, to] = this.context.locals.many(2, "i32") as [Local, Local];
        const state = outer.loop;
        if (state === undefined) throw new InternalError("a loop without state");
        outer.code
          .get(this.expressions.addresses.counter(state, outer))
          .tee(from)
          .i32(blockLength)
          .op(op.i32Add)
          .tee(to);
        bound(outer.code, end);
        outer.code.get(to);
        bound(outer.code, end);
        outer.code.op(op.i32LtS, op.select).set(to);
        writeLoop(
          this.context,
          outer,
          { variable: this.reduce.index, start: from, end: to, step: 1, changed: nothingChanged },
          (inside) => add(inside, blocks),
        );
        totals.forEach((total, i) =>
          this.accumulate(outer, total, () => outer.code.get(at(blocks, i))),
        );
      },
    );
    return totals;
  }

  /** Each of the 16 accumulators in turn folds every sixteenth element. */
  strided(scope: Scope, end: Bound): Local {
    const parts = Array.from({ length: accumulators }, () => this.fresh(scope));
    const start: IndexVar = { kind: "indexVar", name: `${this.reduce.index.name} lane` };
    const passes = typeof end === "number" ? Math.min(end, accumulators) : accumulators;
    writeLoop(
      this.context,
      scope,
      { variable: start, start: 0, end: passes, step: 1, changed: nothingChanged },
      (outer) => {
        const part = this.fresh(outer);
        const from = this.context.locals.fresh("i32");
        if (outer.loop === undefined) throw new InternalError("a loop without state");
        outer.code.get(this.expressions.addresses.counter(outer.loop, outer)).set(from);
        writeLoop(
          this.context,
          outer,
          {
            variable: this.reduce.index,
            start: from,
            end,
            step: accumulators,
            changed: nothingChanged,
          },
          (inside) => this.accumulateValue(inside, part),
        );
        this.#assignByNumber(outer, parts, from, part);
      },
    );
    for (let distance = accumulators / 2; distance >= 1; distance /= 2) {
      for (let j = 0; j < distance; j++)
        this.accumulate(scope, at(parts, j), () => scope.code.get(at(parts, j + distance)));
    }
    return at(parts, 0);
  }

  /** parts[number] = value */
  #assignByNumber(scope: Scope, parts: readonly Local[], number: Local, value: Local): void {
    const { code } = scope;
    const nest = (depth: number): void => {
      if (depth < 0) {
        code.get(number).brTable(parts.map((_, j) => j));
        return;
      }
      code.block(() => nest(depth - 1));
      code.get(value).set(at(parts, depth));
      // Inside the outermost block stand depths 0 .. 15; leaving all of them takes as many steps as blocks remain.
      if (depth < parts.length - 1) code.br(parts.length - 1 - depth);
    };
    code.block(() => nest(parts.length - 1));
  }
}

/** The accumulator at a place. */
export function at(list: readonly Local[], place: number): Local {
  const found = list[place];
  if (found === undefined) throw new InternalError(`no accumulator ${place}`);
  return found;
}

function noDivision(): never {
  throw new InternalError("a reduction that divides");
}

/** The neutral element. */
export function identity(name: ReduceOp, type: ScalarType): number {
  switch (name) {
    case "add":
    case "or":
      return 0;
    case "mul":
    case "and":
      return 1;
    case "min":
      return type === "i32" ? 0x7fffffff : Infinity;
    case "max":
      return type === "i32" ? -0x80000000 : -Infinity;
    default:
      return name satisfies never;
  }
}
