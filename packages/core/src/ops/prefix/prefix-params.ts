/** What an application of `prefix` says, and how one is made. */
import type { Block } from "../../graph/op.ts";
import type { Tensor } from "../../graph/tensor.ts";

export interface PrefixParams {
  /** How many inputs come before the elements: scalars that every combination sees. */
  readonly consts: number;
  readonly reverse: boolean;
}

export type MakePrefix = (
  consts: readonly Tensor[],
  elements: readonly Tensor[],
  block: Block,
  reverse: boolean,
) => readonly Tensor[];
