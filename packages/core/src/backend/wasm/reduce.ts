/** Chooses how a `reduce` statement is written. */
import type { Local } from "./encoder/code.ts";
import type { Expressions } from "./expressions.ts";
import { varies } from "./expressions.ts";
import { at, Fold, type Reduce } from "./fold.ts";
import type { FunctionContext } from "./function-context.ts";
import { LaneFold } from "./lane-fold.ts";
import type { Form, Scope } from "./scope.ts";
import { lanesOfReduce } from "./vectorize.ts";

export class Reductions {
  readonly #context: FunctionContext;
  readonly #expressions: Expressions;

  constructor(context: FunctionContext, expressions: Expressions) {
    this.#context = context;
    this.#expressions = expressions;
  }

  /** Declares the variable of the reduction and gives it its value. */
  write(reduce: Reduce, scope: Scope): void {
    if (reduce.order === "blocks") {
      this.writeTogether([reduce], scope);
      return;
    }
    const form = formOf(reduce, scope);
    const fold = new Fold(this.#context, this.#expressions, reduce, form);
    const end = this.#expressions.addresses.extent(reduce.extent);
    const lanes = form === "scalar" ? lanesOfReduce(reduce) : undefined;
    let result: Local;
    if (lanes === undefined) result = fold.strided(scope, end);
    else
      result = new LaneFold(this.#context, this.#expressions, reduce, lanes.count).write(
        scope,
        end,
        lanes.variable,
      );
    this.#context.variables.set(reduce.var, result);
  }

  /** The same for reductions in blocks that differ in their values only, in one loop. */
  writeTogether(reduces: readonly Reduce[], scope: Scope): void {
    const [first] = reduces;
    if (first === undefined) return;
    const fold = new Fold(this.#context, this.#expressions, first, formOf(first, scope));
    const results = fold.blocks(
      scope,
      this.#expressions.addresses.extent(first.extent),
      reduces.map(({ value }) => value),
    );
    reduces.forEach((reduce, i) => this.#context.variables.set(reduce.var, at(results, i)));
  }
}

const formOf = (reduce: Reduce, { lanes }: Scope): Form =>
  lanes !== undefined && (varies(reduce.value, lanes) || lanes.varying.has(reduce.var))
    ? lanes.count
    : "scalar";
