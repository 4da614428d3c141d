/** Chooses how a `reduce` statement is written. */
import type { Local } from "./encoder/code.ts";
import type { Expressions } from "./expressions.ts";
import { varies } from "./expressions.ts";
import { Fold, type Reduce } from "./fold.ts";
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
    const form: Form =
      scope.lanes !== undefined &&
      (varies(reduce.value, scope.lanes) || scope.lanes.varying.has(reduce.var))
        ? scope.lanes.count
        : "scalar";
    const fold = new Fold(this.#context, this.#expressions, reduce, form);
    const end = this.#expressions.addresses.extent(reduce.extent);
    const lanes = form === "scalar" && reduce.order === "lanes" ? lanesOfReduce(reduce) : undefined;
    let result: Local;
    if (reduce.order === "blocks") result = fold.blocks(scope, end);
    else if (lanes === undefined) result = fold.strided(scope, end);
    else
      result = new LaneFold(this.#context, this.#expressions, reduce, lanes.count).write(
        scope,
        end,
        lanes.variable,
      );
    this.#context.variables.set(reduce.var, result);
  }
}
