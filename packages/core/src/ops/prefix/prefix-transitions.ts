/** What a prefix combination does from row to row, for its derivatives. */
import { isFloating } from "../../graph/dtype.ts";
import type { Apply, GradientContext } from "../../graph/op.ts";
import { freshLike, inlineBlock } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { toposort } from "../../graph/walk.ts";
import { present } from "../arity.ts";
import { onlyBlock } from "../block-op.ts";
import { stretch } from "../broadcast.ts";
import { onesLike } from "../constant.ts";
import { whereOp } from "../logic.ts";
import type { PrefixParams } from "./prefix-params.ts";
import type { Matrix, Maybe } from "./prefix-recurrence.ts";
import { otherRows } from "./prefix-rows.ts";

/** All combinations but that of the first row, which is none, side by side. */
export class Transitions {
  readonly #apply: Apply<PrefixParams>;
  /** Stand-ins for consts, left and right rows `[T - 1, ...]`, and the results made of them. */
  readonly consts: readonly Tensor[];
  readonly left: readonly Tensor[];
  readonly right: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly jacobian: Matrix;
  /** True where derivatives are products of matrices: none chooses between values, and all are of one type. */
  readonly isLinear: boolean;

  constructor(context: GradientContext, apply: Apply<PrefixParams>) {
    this.#apply = apply;
    const [consts, left, right] = this.#given();
    const fresh = (list: readonly Tensor[]): Tensor[] => list.map((x) => freshLike(x));
    [this.consts, this.left, this.right] = [fresh(consts), fresh(left), fresh(right)];
    const block = onlyBlock("prefix", apply.blocks);
    const made = inlineBlock(block, [...this.consts, ...this.left, ...this.right]);
    this.outputs = made.map((y, i) => stretch(y, this.right[i]?.shape ?? y.shape));
    const slopes = this.outputs.map((y) =>
      isFloating(y.dtype)
        ? context.pullback([y], [onesLike(y)], this.left)
        : this.left.map(() => undefined),
    );
    const chooses = toposort(present(slopes.flat())).some(({ op }) => op === whereOp);
    const dtypes = new Set(this.outputs.map(({ dtype }) => dtype).filter(isFloating));
    this.isLinear = !chooses && dtypes.size <= 1;
    this.jacobian = slopes.map((row) => this.bind(row, []));
  }

  /** Consts, what is on the left of every combination, what is on the right. */
  #given(): readonly [readonly Tensor[], readonly Tensor[], readonly Tensor[]] {
    const { inputs, outputs, params } = this.#apply;
    return [
      inputs.slice(0, params.consts),
      outputs.map((x) => otherRows(x, !params.reverse)),
      inputs.slice(params.consts).map((x) => otherRows(x, params.reverse)),
    ];
  }

  /** What was made of stand-ins, made of what they stand for; `directions` are pairs of further ones. */
  bind(
    made: readonly Maybe[],
    directions: readonly (readonly [standIn: Tensor, value: Tensor])[],
  ): readonly Maybe[] {
    const standIns = [...this.consts, ...this.left, ...this.right, ...directions.map(([x]) => x)];
    const values = [...this.#given().flat(), ...directions.map(([, value]) => value)];
    const bound = inlineBlock({ inputs: standIns, outputs: present(made) }, values);
    let next = 0;
    return made.map((x) => (x === undefined ? undefined : bound[next++]));
  }
}
