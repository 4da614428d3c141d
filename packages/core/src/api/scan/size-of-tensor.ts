/** int32 scalars as sizes: `x.size(0).sub(1)` is a polynomial of sizes; any other tensor becomes a symbol whose value a call computes. */
import { ownerOf, type Apply } from "../../graph/op.ts";
import { applicationOf } from "../../graph/rebuild.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { sizeValueOp } from "../../ops/arange.ts";
import { loopUntilOp } from "../../ops/scan/loop-until.ts";
import { add, floorDiv, maximum, minimum, mul, sub } from "../../ops/arithmetic.ts";
import {
  addSizes,
  constantSize,
  floorDivSizes,
  maxSizes,
  minSizes,
  mulSizes,
  type Size,
  subSizes,
  symbolSize,
  type SizeSymbol,
} from "../../size/size.ts";

const arithmetic: readonly (readonly [op: unknown, (x: Size, y: Size) => Size])[] = [
  [add.op, addSizes],
  [sub.op, subSizes],
  [mul.op, mulSizes],
  [floorDiv.op, floorDivSizes],
  [minimum.op, minSizes],
  [maximum.op, maxSizes],
];

const sources = new WeakMap<SizeSymbol, Tensor>();
const symbols = new WeakMap<Tensor, SizeSymbol>();

/** The int32 scalar whose value a size symbol has, to be computed before a call begins; undefined for sizes of inputs. */
export function sizeSourceOf(symbol: SizeSymbol): Tensor | undefined {
  return sources.get(symbol);
}

/** The value of an int32 scalar as a size: exact where it is made of sizes and numbers, else a symbol of its own. */
export function sizeOf(tensor: Tensor): Size {
  return polynomial(tensor) ?? symbolSize(sourceSymbol(tensor));
}

function sourceSymbol(tensor: Tensor): SizeSymbol {
  const known = symbols.get(tensor);
  if (known !== undefined) return known;
  const symbol: SizeSymbol = {
    kind: "symbol",
    key: `value#${tensor.id}`,
    name: tensor.name ?? nameOf(tensor),
  };
  symbols.set(tensor, symbol);
  sources.set(symbol, tensor);
  return symbol;
}

function nameOf(tensor: Tensor): string {
  const loop = applicationOf(tensor, loopUntilOp)?.params;
  return loop === undefined
    ? `value of ${ownerOf(tensor)?.op.name ?? tensor.origin.kind}`
    : `steps of ${loop.name ?? "scan"}`;
}

/** The most that a size can be which counts the steps until a condition holds; undefined for any other. */
export function mostOf(symbol: SizeSymbol): Size | undefined {
  const source = sizeSourceOf(symbol);
  return source === undefined ? undefined : applicationOf(source, loopUntilOp)?.params.length;
}

function polynomial(tensor: Tensor): Size | undefined {
  if (tensor.origin.kind === "constant") return constantSize(tensor.origin.value.item());
  const size = applicationOf(tensor, sizeValueOp)?.params.size;
  if (size !== undefined) return size;
  const apply = ownerOf(tensor);
  return apply === undefined ? undefined : combined(apply);
}

function combined(apply: Apply): Size | undefined {
  const combine = arithmetic.find(([op]) => op === apply.op)?.[1];
  const [x, y] = apply.inputs.map((input) =>
    combine === undefined ? undefined : polynomial(input),
  );
  return combine === undefined || x === undefined || y === undefined ? undefined : combine(x, y);
}
