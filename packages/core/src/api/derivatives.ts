/** Autodiff with the few ops it needs bound, and what the words for derivatives share. */
import { gradientContext } from "../autodiff/context.ts";
import { ArgumentError } from "../errors/errors.ts";
import { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { zerosLike } from "../ops/constant.ts";

export const context = gradientContext({ add: (x, y) => add(x, y), zeros: (x) => zerosLike(x) });

/** One tensor for one, a list for a list, each with the dtype of what it belongs to. */
export type Matching<W extends Tensor | readonly Tensor[]> = W extends readonly Tensor[]
  ? { -readonly [K in keyof W]: W[K] extends Tensor<infer D> ? Tensor<D> : never }
  : W extends Tensor<infer D>
    ? Tensor<D>
    : never;

const isList = <T>(x: T | readonly T[]): x is readonly T[] => Array.isArray(x);

/** @throws ArgumentError NOT_A_TENSOR */
export function tensorsOf(
  what: string,
  role: string,
  given: Tensor | readonly Tensor[],
): readonly Tensor[] {
  const list = isList(given) ? given : [given];
  const wrong = list.findIndex((x: unknown) => !(x instanceof Tensor));
  if (wrong < 0) return list;
  throw new ArgumentError(
    "NOT_A_TENSOR",
    `${what}: ${role}${list.length > 1 ? `[${wrong}]` : ""} is ${typeof list[wrong]}, not a tensor`,
  );
}

/** `tensors` in the form of `like`. */
export const matching = <W extends Tensor | readonly Tensor[]>(
  like: W,
  tensors: readonly (Tensor | undefined)[],
): Matching<W> => (isList<Tensor>(like) ? tensors : tensors[0]) as Matching<W>;
