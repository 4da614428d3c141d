/** Matrix products: operands as strided views, right operands packed as far outside of the loops as they stay the same. */
import { InternalError } from "../errors/errors.ts";
import type { Apply } from "../graph/op.ts";
import { ownerOf } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { compare, ifStatement, literal, positionOf } from "../loop-ir/build.ts";
import { constantIndex, indexOf, indexVar } from "../loop-ir/index-expr.ts";
import { scratchSize } from "../loop-ir/product-block.ts";
import type { Buffer, Expr, Index, MatrixView, PackedView, Statement } from "../loop-ir/types.ts";
import { recordOf } from "../ops/record.ts";
import { constantSize, mulSizes, type Size } from "../size/size.ts";
import { nest, type Axis } from "./collapse.ts";
import { placeOfChanged } from "./lower-group.ts";
import { panelSize } from "./panels.ts";
import { indexKey } from "./pull.ts";
import { changedInput, inputOf, outputOf, type Region } from "./region.ts";
import { elementIndex, type View } from "./view.ts";

/** c = a b or c = c + a b over leading axes, one product each. */
export function lowerMatmul(region: Region, apply: Apply): void {
  const [aTensor, bTensor, output] = [inputOf(apply, 0), inputOf(apply, 1), outputOf(apply)];
  const [a, b] = [region.materialize(aTensor), region.materialize(bTensor)];
  const accumulate = changedInput(apply) !== undefined;
  const place = accumulate ? placeOfChanged(region, apply) : region.destinationsOf(output)[0];
  if (place === undefined) throw new InternalError("a product without a place");
  const lead = output.rank - 2;
  const axes = output.shape
    .slice(0, lead)
    .map((extent, axis): Axis => ({ var: indexVar(`batch${axis}`), extent }));
  const at = axes.map((axis) => indexOf(axis.var));
  const [m, k, n] = [aTensor.shape[lead], aTensor.shape[lead + 1], bTensor.shape[lead + 1]];
  if (m === undefined || k === undefined || n === undefined)
    throw new InternalError("a product of less than two axes");
  const left = matrixOf(a, at);
  const c = matrixOf(place, at);
  const product = (right: MatrixView | PackedView, rows = m): Statement => ({
    kind: "matmul",
    a: left,
    b: right,
    c,
    m: rows,
    n,
    k,
    accumulate,
    ...("packed" in right ? scratchFor(region, left, c, { m: rows, k, n }) : {}),
  });
  if (lead === 0) region.body.push(...products(region, bTensor, b, { m, k, n }, product));
  else region.body.push(...nest(axes, [product(matrixOf(b, at))], false));
  region.finish(output, place);
}

function matrixOf(view: View, lead: readonly Index[]): MatrixView {
  const rank = view.shape.length;
  return {
    buffer: view.buffer,
    offset: elementIndex(view, lead),
    rowStride: view.strides[rank - 2] ?? constantSize(0),
    colStride: view.strides[rank - 1] ?? constantSize(0),
  };
}

/** So many columns of b pay for a copy of a. */
const columnsForCopy = 64;

/** Room for a copy of a transposed a, which lies in the cache as the kernel reads it: column by column it would have lines of its own for each step. */
function scratchFor(
  region: Region,
  a: MatrixView,
  c: MatrixView,
  { m, k, n }: ProductSizes,
): { readonly scratch?: Buffer } {
  const isTransposed = a.rowStride.constant === 1 && a.colStride.constant !== 1;
  if (!isTransposed || c.colStride.constant !== 1 || (n.constant ?? 0) < columnsForCopy) return {};
  const scratch = region.builder.buffer(
    `rows_${a.buffer.name}`,
    a.buffer.type,
    constantSize(scratchSize(m.constant, k.constant)),
    "temporary",
  );
  region.builder.setHome(scratch, region.loops.at(-1));
  return { scratch };
}

interface ProductSizes {
  readonly m: Size;
  readonly k: Size;
  readonly n: Size;
}

/**
 * The product with its right operand as it wants it. One row at a time reads it as it lies, or transposed once; more rows read packed
 * panels. Where a call says how many there are, it decides, too, unless a loop would read the panels again and again.
 */
function products(
  region: Region,
  tensor: Tensor,
  view: View,
  { m, k, n }: ProductSizes,
  product: (right: MatrixView | PackedView, rows?: Size) => Statement,
): readonly Statement[] {
  const asItLies = matrixOf(view, []);
  if (!region.builder.packs) return [product(asItLies)];
  const isConsecutive = view.strides.some((stride) => stride.constant === 1);
  if (m.constant === 1) {
    if (view.strides[1]?.constant === 1 || n.constant === 1) return [product(asItLies)];
    return [product(matrixOf(invariantCopy(region, tensor) ?? view, []))];
  }
  const { home, key, make } = panelsOf(region, tensor, view, k, n);
  const always = home.packs.get(key);
  if (always !== undefined) return [product({ packed: always })];
  if (m.constant === undefined && isConsecutive && home === region) {
    const keyOfMany = `${key} unless ${m.key} is 1`;
    const known = home.packs.get(keyOfMany);
    const { into, pack } = known === undefined ? make() : { into: known, pack: [] };
    home.packs.set(keyOfMany, into);
    return [
      ifStatement(toOne("eq", m), [product(asItLies, constantSize(1))]),
      ifStatement(toOne("ne", m), [...pack, product({ packed: into })]),
    ];
  }
  const { into, pack } = make();
  home.packs.set(key, into);
  home.body.push(...pack);
  return [product({ packed: into })];
}

/** The size compared to 1. */
const toOne = (how: "eq" | "ne", size: Size): Expr =>
  compare(how, positionOf(constantIndex(size)), literal("i32", 1));

/** The tensor that the views leading to `tensor` look at. */
function baseOf(tensor: Tensor): Tensor {
  let at = tensor;
  for (
    let apply = ownerOf(at);
    apply !== undefined && recordOf(apply).lowering.kind === "view";
    apply = ownerOf(at)
  )
    at = inputOf(apply, 0);
  return at;
}

/** Panels of the operand: where its base is made or first seen unchanged, their name there, and how to make them. */
function panelsOf(
  region: Region,
  tensor: Tensor,
  view: View,
  k: Size,
  n: Size,
): {
  readonly home: Region;
  readonly key: string;
  readonly make: () => { readonly into: Buffer; readonly pack: readonly Statement[] };
} {
  const { home, base } = homeOf(region, tensor);
  const key = `panels of ${base.id} ${view.buffer.id} ${indexKey([view.offset])} ${view.strides.map((s) => s.key).join(" ")} ${k.key} ${n.key}`;
  const make = () => {
    const into = region.builder.buffer(
      `panels_${view.buffer.name}`,
      view.buffer.type,
      panelSize(region.builder.panelWidth, view.buffer.type, k, n),
      "temporary",
    );
    region.builder.setHome(into, home.loops.at(-1));
    const pack: readonly Statement[] = [{ kind: "pack", b: matrixOf(view, []), into, n, k }];
    return { into, pack };
  };
  return { home, key, make };
}

/** A dense copy of a transposed operand, where it can be made outside of the loop that reads it. */
function invariantCopy(region: Region, tensor: Tensor): View | undefined {
  const { home } = homeOf(region, tensor);
  if (home === region) return undefined;
  const source = region.viewOf(tensor);
  if (source === undefined) return undefined;
  const key = `dense ${source.buffer.id} ${indexKey([source.offset])} ${source.strides.map((s) => s.key).join(" ")}`;
  const known = home.packs.get(key);
  const buffer =
    known ??
    region.builder.buffer(
      `dense_${source.buffer.name}`,
      source.buffer.type,
      mulSizes(...source.shape),
      "temporary",
    );
  const [rows, columns] = source.shape;
  if (rows === undefined || columns === undefined) return undefined;
  const copy: View = {
    buffer,
    offset: { terms: [], offset: constantSize(0) },
    shape: source.shape,
    strides: [columns, constantSize(1)],
  };
  if (known === undefined) {
    region.builder.setHome(buffer, home.loops.at(-1));
    home.packs.set(key, buffer);
    const axes = source.shape.map((extent, axis): Axis => ({ var: indexVar(`i${axis}`), extent }));
    const at = axes.map((axis) => indexOf(axis.var));
    home.elementwise(`dense_${source.buffer.name}`, axes, [
      {
        value: {
          kind: "load",
          type: source.buffer.type,
          buffer: source.buffer,
          index: elementIndex(source, at),
        },
        stores: [{ buffer, index: elementIndex(copy, at) }],
      },
    ]);
  }
  return copy;
}

/** The outermost region that sees the same unchanging tensor. */
function homeOf(region: Region, tensor: Tensor): { readonly home: Region; readonly base: Tensor } {
  let home = region;
  let base = baseOf(tensor);
  for (;;) {
    const outer = home.outer.get(base);
    if (base.origin.kind === "shared" || base.origin.kind === "constant") {
      while (home.parent !== undefined) home = home.parent;
      return { home, base };
    }
    if (outer === undefined || home.parent === undefined) return { home, base };
    home = home.parent;
    base = baseOf(outer);
  }
}
