/** Writes folds in the order that `ReduceOrder` fixes. */
import { InternalError } from "../../errors/errors.ts";
import type { IndexVar, ReduceOp, ScalarType, Statement } from "../../loop-ir/types.ts";
import type { Local } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { Expressions } from "./expressions.ts";
import { varies } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { bound, roundedDown, writeLoop } from "./loops.ts";
import { type OpContext, valueTypeOf, writeScalarBinary, writeScalarConst } from "./scalar-ops.ts";
import type { Bound, Form, Scope } from "./scope.ts";
import { extractLane, replaceLane } from "./vector-memory.ts";
import { constantBytes, writeVectorBinary } from "./vector-ops.ts";
import { lanesOfReduce } from "./vectorize.ts";

export type Reduce = Extract<Statement, { kind: "reduce" }>;

const accumulators = 16;
const blockLength = 256;
const nothingChanged: ReadonlySet<never> = new Set();

export class Reductions {
  readonly #context: FunctionContext;
  readonly #expressions: Expressions;

  constructor(context: FunctionContext, expressions: Expressions) {
    this.#context = context;
    this.#expressions = expressions;
  }

  /** Declares the variable of the reduction and gives it its value. */
  write(reduce: Reduce, scope: Scope): void {
    const form: Form = scope.lanes !== undefined && (varies(reduce.value, scope.lanes) || scope.lanes.varying.has(reduce.var)) ? scope.lanes.count : "scalar";
    const fold = new Fold(this.#context, this.#expressions, reduce, form);
    const end = this.#expressions.addresses.extent(reduce.extent);
    const lanes = form === "scalar" && reduce.order === "lanes" ? lanesOfReduce(reduce) : undefined;
    let result: Local;
    if (reduce.order === "blocks") result = fold.blocks(scope, end);
    else if (lanes === undefined) result = fold.strided(scope, end);
    else result = new LaneFold(this.#context, this.#expressions, reduce, lanes.count).write(scope, end, lanes.variable);
    this.#context.variables.set(reduce.var, result);
  }
}

/** A fold whose accumulators are scalars, or vectors with one fold per lane. */
class Fold {
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
    const local = this.context.locals.fresh(this.form === "scalar" ? valueTypeOf(this.type) : "v128");
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
    const c: OpContext = { code: scope.code, locals: this.context.locals, divide: () => noDivision() };
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

  protected accumulateValue(scope: Scope, into: Local): void {
    this.accumulate(scope, into, () => this.expressions.write(this.reduce.value, scope, this.form));
  }

  /** Blocks of 256 in ascending order. */
  blocks(scope: Scope, end: Bound): Local {
    const total = this.fresh(scope);
    if (typeof end === "number" && end <= blockLength) {
      // One block: combining it with the identity changes nothing.
      writeLoop(this.context, scope, { variable: this.reduce.index, start: 0, end, step: 1, changed: nothingChanged }, (inside) => this.accumulateValue(inside, total));
      return total;
    }
    const blockVariable: IndexVar = { kind: "indexVar", name: `${this.reduce.index.name} block` };
    writeLoop(this.context, scope, { variable: blockVariable, start: 0, end, step: blockLength, changed: nothingChanged }, (outer) => {
      const block = this.fresh(outer);
      const [from, to] = this.context.locals.many(2, "i32") as [Local, Local];
      const state = outer.loop;
      if (state === undefined) throw new InternalError("a loop without state");
      outer.code.get(this.expressions.addresses.counter(state, outer)).tee(from).i32(blockLength).op(op.i32Add).tee(to);
      bound(outer.code, end);
      outer.code.get(to);
      bound(outer.code, end);
      outer.code.op(op.i32LtS, op.select).set(to);
      writeLoop(this.context, outer, { variable: this.reduce.index, start: from, end: to, step: 1, changed: nothingChanged }, (inside) => this.accumulateValue(inside, block));
      this.accumulate(outer, total, () => outer.code.get(block));
    });
    return total;
  }

  /** Each of the 16 accumulators in turn folds every sixteenth element. */
  strided(scope: Scope, end: Bound): Local {
    const parts = Array.from({ length: accumulators }, () => this.fresh(scope));
    const start: IndexVar = { kind: "indexVar", name: `${this.reduce.index.name} lane` };
    const passes = typeof end === "number" ? Math.min(end, accumulators) : accumulators;
    writeLoop(this.context, scope, { variable: start, start: 0, end: passes, step: 1, changed: nothingChanged }, (outer) => {
      const part = this.fresh(outer);
      const from = this.context.locals.fresh("i32");
      if (outer.loop === undefined) throw new InternalError("a loop without state");
      outer.code.get(this.expressions.addresses.counter(outer.loop, outer)).set(from);
      writeLoop(this.context, outer, { variable: this.reduce.index, start: from, end, step: accumulators, changed: nothingChanged }, (inside) => this.accumulateValue(inside, part));
      this.#assignByNumber(outer, parts, from, part);
    });
    for (let distance = accumulators / 2; distance >= 1; distance /= 2) {
      for (let j = 0; j < distance; j++) this.accumulate(scope, at(parts, j), () => scope.code.get(at(parts, j + distance)));
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

/**
 * The 16 accumulators of one fold in 4 or 8 vectors. A vector takes the next elements and goes to the end of the queue; what is missing
 * to a full vector, or to a full queue, is filled with the identity, which changes no accumulator.
 */
class LaneFold extends Fold {
  readonly #lanes: 2 | 4;

  constructor(context: FunctionContext, expressions: Expressions, reduce: Reduce, lanes: 2 | 4) {
    super(context, expressions, reduce, lanes);
    this.#lanes = lanes;
  }

  write(scope: Scope, end: Bound, variable: IndexVar): Local {
    const queue = Array.from({ length: accumulators / this.#lanes }, () => this.fresh(scope));
    const whole = roundedDown(this.context, scope, end, this.#lanes);
    const lanes = { count: this.#lanes, variable, varying: new Set<never>() } as const;
    writeLoop(this.context, scope, { variable, start: 0, end: whole, step: this.#lanes, changed: nothingChanged, lanes }, (inside) =>
      this.#takeTurn(inside, queue, () => this.expressions.write(this.reduce.value, inside, this.#lanes)),
    );
    this.#rest(scope, queue, whole, end, variable);
    this.#alignQueue(scope, queue, end);
    return this.#tree(scope, queue);
  }

  /** The first of the queue takes a vector and becomes the last. */
  #takeTurn(scope: Scope, queue: readonly Local[], value: () => void): void {
    scope.code.get(at(queue, 0));
    value();
    this.combine(scope);
    for (const part of queue.slice(1)) scope.code.get(part);
    const order = queue.slice(0, -1).reverse();
    for (const part of order) scope.code.set(part);
    scope.code.set(at(queue, queue.length - 1));
  }

  /** The last, incomplete vector. */
  #rest(scope: Scope, queue: readonly Local[], whole: Bound, end: Bound, variable: IndexVar): void {
    if (typeof whole === "number" && whole === end) return;
    const last = this.fresh(scope);
    writeLoop(this.context, scope, { variable, start: whole, end, step: 1, changed: nothingChanged }, (inside) => {
      const value = this.expressions.inLocal(this.reduce.value, inside, "scalar");
      if (inside.loop === undefined) throw new InternalError("a loop without state");
      const place = this.expressions.addresses.counter(inside.loop, inside);
      for (let lane = 0; lane < this.#lanes - 1; lane++) {
        const { code } = inside;
        code.get(place).i32(this.#lanes - 1).op(op.i32And).i32(lane).op(op.i32Eq).if(() => {
          code.get(last, value);
          if (this.type === "bool") code.i32(-1).op(op.i32Mul);
          this.#replace(inside, lane);
          code.set(last);
        });
      }
    });
    const { code } = scope;
    bound(code, whole);
    bound(code, end);
    code.op(op.i32LtS).if(() => this.#takeTurn(scope, queue, () => code.get(last)));
  }

  #replace(scope: Scope, lane: number): void {
    if (this.type === "bool" && this.#lanes === 2) scope.code.op(op.i64ExtendI32S).lane(op.i64x2ReplaceLane, lane);
    else scope.code.lane(replaceLane(this.type), lane);
  }

  /** Turns the queue until the vector of accumulator 0 is its first again. */
  #alignQueue(scope: Scope, queue: readonly Local[], end: Bound): void {
    const { code } = scope;
    const rotate = (): void => {
      for (const part of queue.slice(1)) code.get(part);
      code.get(at(queue, 0));
      for (const part of [...queue].reverse()) code.set(part);
    };
    if (typeof end === "number") {
      const taken = Math.ceil(Math.max(end, 0) / this.#lanes);
      for (let turns = (queue.length - (taken % queue.length)) % queue.length; turns > 0; turns--) rotate();
      return;
    }
    const left = this.context.locals.fresh("i32");
    code.i32(0).get(end).i32(this.#lanes - 1).op(op.i32Add).i32(this.#lanes === 4 ? 2 : 1).op(op.i32ShrU, op.i32Sub).i32(queue.length - 1).op(op.i32And).tee(left).if(() => {
      code.loop(() => {
        rotate();
        code.get(left).i32(1).op(op.i32Sub).tee(left).brIf(0);
      });
    });
  }

  #tree(scope: Scope, queue: readonly Local[]): Local {
    for (let distance = queue.length / 2; distance >= 1; distance /= 2) {
      for (let j = 0; j < distance; j++) this.accumulate(scope, at(queue, j), () => scope.code.get(at(queue, j + distance)));
    }
    const { code } = scope;
    const sum = at(queue, 0);
    const wide = this.#lanes === 2 && (this.type === "f64" || this.type === "bool");
    if (this.#lanes === 4) this.accumulate(scope, sum, () => code.get(sum, sum).shuffle32(2, 3, 2, 3));
    this.accumulate(scope, sum, () => (wide ? code.get(sum, sum).shuffle32(2, 3, 2, 3) : code.get(sum, sum).shuffle32(1, 1, 1, 1)));
    const result = this.context.locals.fresh(valueTypeOf(this.type));
    code.get(sum).lane(extractLane(this.type), 0);
    if (this.type === "bool") code.i32(1).op(op.i32And);
    code.set(result);
    return result;
  }
}

function at(list: readonly Local[], place: number): Local {
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
