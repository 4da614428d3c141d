/** One fold over consecutive elements, several of them at once. */
import type { IndexVar } from "../../loop-ir/types.ts";
import type { Local } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { Expressions } from "./expressions.ts";
import { accumulators, at, Fold, identity, nothingChanged, type Reduce } from "./fold.ts";
import type { FunctionContext } from "./function-context.ts";
import { bound, restOf, roundedDown, writeLoop } from "./loops.ts";
import { valueTypeOf } from "./scalar-ops.ts";
import type { Bound, Lanes, Scope } from "./scope.ts";
import { extractLane } from "./vector-memory.ts";
import { constantBytes } from "./vector-ops.ts";

/**
 * The 16 accumulators of one fold in 4 or 8 vectors. A vector takes the next elements and goes to the end of the queue; what is missing
 * to a full vector, or to a full queue, is filled with the identity, which changes no accumulator.
 */
export class LaneFold extends Fold {
  readonly #lanes: 2 | 4;

  constructor(context: FunctionContext, expressions: Expressions, reduce: Reduce, lanes: 2 | 4) {
    super(context, expressions, reduce, lanes);
    this.#lanes = lanes;
  }

  write(scope: Scope, end: Bound, variable: IndexVar): Local {
    const queue = Array.from({ length: accumulators / this.#lanes }, () => this.fresh(scope));
    const whole = roundedDown(this.context, scope, end, this.#lanes);
    const lanes = { count: this.#lanes, variable, varying: new Set<never>() } as const;
    writeLoop(
      this.context,
      scope,
      { variable, start: 0, end: whole, step: this.#lanes, changed: nothingChanged, lanes },
      (inside) =>
        this.#takeTurn(inside, queue, () =>
          this.expressions.write(this.reduce.value, inside, this.#lanes),
        ),
    );
    this.#rest(scope, queue, whole, end, lanes);
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

  /** The last, incomplete vector: what its lanes find beyond the end changes nothing. */
  #rest(scope: Scope, queue: readonly Local[], whole: Bound, end: Bound, lanes: Lanes): void {
    if (typeof whole === "number" && whole === end) return;
    const rest = restOf(this.context, scope, whole, end);
    const numbers = this.#isWide() ? [0, 0, 1, 1] : [0, 1, 2, 3];
    const shape = { variable: lanes.variable, start: whole, end, step: this.#lanes, once: true };
    writeLoop(this.context, scope, { ...shape, changed: nothingChanged, lanes }, (inside) =>
      this.#takeTurn(inside, queue, () => {
        this.expressions.write(this.reduce.value, inside, this.#lanes);
        const { code } = inside;
        code.v128(constantBytes(this.type, identity(this.reduce.op, this.type)));
        code.v128(new Uint8Array(new Int32Array(numbers).buffer));
        bound(code, rest);
        code.op(op.i32x4Splat, op.i32x4LtS, op.v128Bitselect);
      }),
    );
  }

  /** True when each of two lanes takes 64 bits. */
  #isWide(): boolean {
    return this.#lanes === 2 && (this.type === "f64" || this.type === "bool");
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
      for (let turns = (queue.length - (taken % queue.length)) % queue.length; turns > 0; turns--)
        rotate();
      return;
    }
    const left = this.context.locals.fresh("i32");
    code
      .i32(0)
      .get(end)
      .i32(this.#lanes - 1)
      .op(op.i32Add)
      .i32(this.#lanes === 4 ? 2 : 1)
      .op(op.i32ShrU, op.i32Sub)
      .i32(queue.length - 1)
      .op(op.i32And)
      .tee(left)
      .if(() => {
        code.loop(() => {
          rotate();
          code.get(left).i32(1).op(op.i32Sub).tee(left).brIf(0);
        });
      });
  }

  #tree(scope: Scope, queue: readonly Local[]): Local {
    for (let distance = queue.length / 2; distance >= 1; distance /= 2) {
      for (let j = 0; j < distance; j++)
        this.accumulate(scope, at(queue, j), () => scope.code.get(at(queue, j + distance)));
    }
    const { code } = scope;
    const sum = at(queue, 0);
    if (this.#lanes === 4)
      this.accumulate(scope, sum, () => code.get(sum, sum).shuffle32(2, 3, 2, 3));
    this.accumulate(scope, sum, () =>
      this.#isWide()
        ? code.get(sum, sum).shuffle32(2, 3, 2, 3)
        : code.get(sum, sum).shuffle32(1, 1, 1, 1),
    );
    const result = this.context.locals.fresh(valueTypeOf(this.type));
    code.get(sum).lane(extractLane(this.type), 0);
    if (this.type === "bool") code.i32(1).op(op.i32And);
    code.set(result);
    return result;
  }
}
