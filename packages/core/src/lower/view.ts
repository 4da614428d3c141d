/** Strided views of buffers: how a tensor's elements lie in memory. */
import { addIndexes, constantIndex, indexOf, indexVar, scaleIndex } from "../loop-ir/index-expr.ts";
import type { Buffer, Index, IndexVar } from "../loop-ir/types.ts";
import { constantSize, mulSizes, type Size } from "../size/size.ts";

/** Element (i0, i1, ...) lies at offset + sum of i_a * strides[a]. */
export interface View {
  readonly buffer: Buffer;
  readonly offset: Index;
  readonly shape: readonly Size[];
  readonly strides: readonly Size[];
}

/** An empty axis counts as one element, so that no stride of an empty tensor is 0: stride 0 says that elements share a place. */
export function rowMajor(shape: readonly Size[]): Size[] {
  const strides: Size[] = [];
  let stride = constantSize(1);
  for (const size of [...shape].reverse()) {
    strides.unshift(stride);
    if (size.constant !== 0) stride = mulSizes(stride, size);
  }
  return strides;
}

export function sizeProduct(shape: readonly Size[]): Size {
  return mulSizes(...shape);
}

/** The whole of a buffer as a dense tensor. */
export function denseView(buffer: Buffer, shape: readonly Size[]): View {
  return { buffer, offset: constantIndex(0), shape, strides: rowMajor(shape) };
}

/** Where the element lies. */
export function elementIndex(view: View, index: readonly Index[]): Index {
  return addIndexes(view.offset, ...index.map((i, axis) => scaleIndex(i, view.strides[axis] ?? 0)));
}

/** True when the elements lie densely in row-major order; axes of size 1 do not matter. */
export function isDense(view: View): boolean {
  const expected = rowMajor(view.shape);
  return view.shape.every(
    (size, axis) => size.constant === 1 || view.strides[axis]?.key === expected[axis]?.key,
  );
}

/**
 * The same elements in row-major order under another shape, where that needs no copy: every axis of the result is an axis of the
 * view, a run of axes that lie behind one another, or a part of one.
 */
export function reshapeView(view: View, shape: readonly Size[]): View | undefined {
  const old = view.shape
    .map((size, axis) => ({ size, stride: view.strides[axis] ?? constantSize(0) }))
    .filter((axis) => axis.size.constant !== 1);
  const strides: Size[] = [];
  let at = 0;
  for (let j = 0; j < shape.length;) {
    const wanted = shape[j];
    if (wanted === undefined) return undefined;
    if (wanted.constant === 1) {
      strides.push(constantSize(0));
      j++;
      continue;
    }
    const merged = mergeRun(old, at, wanted);
    if (merged !== undefined) {
      strides.push(merged.stride);
      at = merged.next;
      j++;
      continue;
    }
    const whole = old[at];
    const parts = whole === undefined ? undefined : splitRun(shape, j, whole.size);
    if (whole === undefined || parts === undefined) return undefined;
    const inner = rowMajor(shape.slice(j, parts));
    strides.push(...inner.map((stride) => mulSizes(stride, whole.stride)));
    at++;
    j = parts;
  }
  return at === old.length ? { ...view, shape, strides } : undefined;
}

type OldAxis = { readonly size: Size; readonly stride: Size };

/** Old axes from `at` whose product is `wanted` and which can be walked as one. */
function mergeRun(
  old: readonly OldAxis[],
  at: number,
  wanted: Size,
): { readonly stride: Size; readonly next: number } | undefined {
  let product = constantSize(1);
  for (let i = at; i < old.length; i++) {
    const axis = old[i];
    const outer = old[i - 1];
    if (
      axis === undefined ||
      (i > at && outer?.stride.key !== mulSizes(axis.stride, axis.size).key)
    )
      return undefined;
    product = mulSizes(product, axis.size);
    if (product.key === wanted.key) return { stride: axis.stride, next: i + 1 };
  }
  return undefined;
}

/** The end of the run of new axes from `start` whose product is `whole`. */
function splitRun(shape: readonly Size[], start: number, whole: Size): number | undefined {
  let product = constantSize(1);
  for (let j = start; j < shape.length; j++) {
    product = mulSizes(product, shape[j] ?? 1);
    if (product.key === whole.key) return j + 1;
  }
  return undefined;
}

/** One row along axis 0. */
export function rowView(view: View, row: Index): View {
  return {
    buffer: view.buffer,
    offset: addIndexes(view.offset, scaleIndex(row, view.strides[0] ?? 0)),
    shape: view.shape.slice(1),
    strides: view.strides.slice(1),
  };
}

/** `length` rows from `start` along axis 0. */
export function rowsView(view: View, start: Size | number, length: Size): View {
  return {
    ...view,
    offset: addIndexes(view.offset, scaleIndex(constantIndex(start), view.strides[0] ?? 0)),
    shape: [length, ...view.shape.slice(1)],
  };
}

/** The part of `view` of shape `shape` that begins at `start`. */
export function subView(view: View, start: readonly Size[], shape: readonly Size[]): View {
  return {
    ...view,
    offset: elementIndex(
      view,
      start.map((s) => constantIndex(s)),
    ),
    shape,
  };
}

/** `view` seen through an affine map from indices of a result of shape `shape` to its own. */
export function mapView(
  view: View,
  shape: readonly Size[],
  map: (index: readonly Index[]) => readonly Index[],
): View {
  const vars = shape.map((_, axis) => indexVar(`i${axis}`));
  const flat = elementIndex(view, map(vars.map((v) => indexOf(v))));
  const own = new Set<IndexVar>(vars);
  return {
    buffer: view.buffer,
    offset: {
      offset: flat.offset,
      terms: flat.terms.filter((t) => t.of.kind !== "indexVar" || !own.has(t.of)),
    },
    shape,
    strides: vars.map((v) => flat.terms.find((t) => t.of === v)?.coef ?? constantSize(0)),
  };
}

/**
 * Where the input of a view must lie so that the view's result lies at `place`: for views that only permute axes, insert axes of
 * size 1 or drop them; undefined for others.
 */
export function invertView(
  place: View,
  inputShape: readonly Size[],
  map: (index: readonly Index[]) => readonly Index[],
): View | undefined {
  const vars = place.shape.map((_, axis) => indexVar(`i${axis}`));
  const strides: Size[] = [];
  const used = new Set<number>();
  for (const [axis, index] of map(vars.map((v) => indexOf(v))).entries()) {
    const [term, ...more] = index.terms;
    const at = vars.findIndex((v) => v === term?.of);
    if (term === undefined && index.offset.constant === 0 && inputShape[axis]?.constant === 1)
      strides.push(constantSize(0));
    else if (
      more.length > 0 ||
      at < 0 ||
      used.has(at) ||
      term?.coef.constant !== 1 ||
      index.offset.constant !== 0
    )
      return undefined;
    else {
      used.add(at);
      if (place.shape[at]?.key !== inputShape[axis]?.key) return undefined;
      strides.push(place.strides[at] ?? constantSize(0));
    }
  }
  const covers = place.shape.every((size, axis) => used.has(axis) || size.constant === 1);
  return covers
    ? { buffer: place.buffer, offset: place.offset, shape: inputShape, strides }
    : undefined;
}
