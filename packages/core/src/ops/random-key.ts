/** Random keys: int32 [2]. Equal keys give equal numbers, so use a key once; `split` and `foldIn` make new ones. */
import { ArgumentError, DTypeError } from "../errors/errors.ts";
import { generate } from "../graph/ndarray.ts";
import { applyOne } from "../graph/op.ts";
import { Tensor } from "../graph/tensor.ts";
import { compare, literal, positionOf, select } from "../loop-ir/build.ts";
import { constantIndex } from "../loop-ir/index-expr.ts";
import type { Expr, Index } from "../loop-ir/types.ts";
import { constantSize } from "../size/size.ts";
import { arange } from "./arange.ts";
import { binaryInputs, inputAt } from "./arity.ts";
import { stretch } from "./broadcast.ts";
import { stack } from "./concatenate.ts";
import { constant, zeros } from "./constant.ts";
import { insertAxes, padRank } from "./dimshuffle.ts";
import { toInteger, type Operand } from "./operand.ts";
import { philoxExpr } from "./philox.ts";
import { defineRecord, type OpRecord } from "./record.ts";
import { philox } from "./reference/philox.ts";
import { agree, describeTyped, type Dimension } from "./shape.ts";

/** Counters of draws and of derived keys differ in their last word, so that they never meet. */
export const domains = { draw: 0, fold: 1, split: 2 } as const;

/** @throws DTypeError RANDOM_KEY when `key` is not int32 [..., 2] */
export function requireKey(op: string, key: Tensor): Tensor {
  const given: unknown = key;
  if (!(given instanceof Tensor))
    throw new DTypeError("RANDOM_KEY", `${op}: ${String(given)} is no random key`, {
      hint: "make one with key(seed), split(key, n) or foldIn(key, step)",
    });
  if (key.dtype === "int32" && key.shape.at(-1)?.constant === 2) return key;
  throw new DTypeError(
    "RANDOM_KEY",
    `${op}: ${describeTyped(key)} is no random key, which is int32 [2]`,
    {
      hint: "make one with key(seed), split(key, n) or foldIn(key, step)",
    },
  );
}

/** Both words of the key at `lead`. */
export function keyWords(
  read: (index: readonly Index[]) => Expr,
  lead: readonly Index[],
): readonly [Expr, Expr] {
  return [read([...lead, constantIndex(0)]), read([...lead, constantIndex(1)])];
}

interface DeriveParams {
  readonly domain: number;
}

/** (keys [..., 2], data [...]) -> keys [..., 2]. */
export const deriveKeyOp: OpRecord<DeriveParams> = defineRecord<DeriveParams>({
  name: "deriveKey",
  infer(inputs) {
    const [keys, data] = binaryInputs(inputs);
    for (const axis of data.shape.keys())
      agree("deriveKey", { tensor: keys, axis }, { tensor: data, axis }, []);
    return { types: [keys.type] };
  },
  reference(inputs, { domain }) {
    const [keys, data] = binaryInputs(inputs);
    return [
      generate("int32", keys.shape, (i) => {
        const row = Math.floor(i / 2);
        const words = philox(
          [data.data[row] ?? 0, 0, 0, domain],
          [keys.data[2 * row] ?? 0, keys.data[2 * row + 1] ?? 0],
        );
        return inputAt(words, i % 2);
      }),
    ];
  },
  vjp: () => [],
  jvp: () => [undefined],
  batch({ params }, inputs, batched, length) {
    const [keys, data] = binaryInputs(
      inputs.map((x, i) => (batched[i] === true ? x : stretch(x, [length, ...x.shape]))),
    );
    return [applyOne(deriveKeyOp, [keys, data], params)];
  },
  lowering: {
    kind: "element",
    element({ apply, index, read }) {
      const lead = index.slice(0, -1);
      const zero = literal("i32", 0);
      const [w0, w1] = philoxExpr(
        [read(1, lead), zero, zero, literal("i32", apply.params.domain)],
        keyWords((at) => read(0, at), lead),
      );
      return select(compare("eq", positionOf(inputAt(index, index.length - 1)), zero), w0, w1);
    },
  },
  cost: "transcendental",
});

/** The key of a seed: a whole number up to 2^53, or an int32 scalar tensor. @throws ArgumentError SEED */
export function key(seed: number | Tensor): Tensor<"int32"> {
  if (seed instanceof Tensor)
    return stack([toInteger("key", seed), zeros([], "int32")]) as Tensor<"int32">;
  if (!Number.isSafeInteger(seed))
    throw new ArgumentError("SEED", `a seed is a whole number, got ${JSON.stringify(seed)}`, {
      hint: "give one below 2^53, or an int32 scalar tensor: key(1)",
    });
  return constant([seed | 0, Math.floor(seed / 0x100000000) | 0], "int32");
}

function derive(from: Tensor, data: Tensor, domain: number): Tensor<"int32"> {
  const lead = from.shape.slice(0, -1);
  const each = data.rank < lead.length ? stretch(padRank(data, lead.length, 0), lead) : data;
  const keys = stretch(padRank(from, each.rank + 1, 0), [...each.shape, constantSize(2)]);
  return applyOne(deriveKeyOp, [keys, each], { domain }) as Tensor<"int32">;
}

/** `n` new keys [n, 2]; of keys [..., 2], n of each: [..., n, 2]. @throws DTypeError RANDOM_KEY */
export function split(from: Tensor, n: Dimension): Tensor<"int32"> {
  const lead = requireKey("split", from).shape.slice(0, -1);
  const numbers = arange(n);
  if (lead.length === 0) return derive(from, numbers, domains.split);
  const shape = [...lead, ...numbers.shape];
  const each = stretch(insertAxes(from, [lead.length]), [...shape, constantSize(2)]);
  return derive(each, stretch(padRank(numbers, shape.length, 0), shape), domains.split);
}

/**
 * A new key for each integer in `data`: the step, the epoch, a sequence's number. Keys [B, 2] and a scalar give keys [B, 2]; keys [B, 2] and
 * numbers [B], each its own.
 * @throws DTypeError RANDOM_KEY, NOT_INTEGER
 */
export function foldIn(from: Tensor, data: Operand): Tensor<"int32"> {
  return derive(requireKey("foldIn", from), toInteger("foldIn", data), domains.fold);
}
