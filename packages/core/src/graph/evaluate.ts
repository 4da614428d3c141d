/** Evaluates graphs by the ops' reference implementations: slow, and the meaning of everything else. */
import { ArgumentError, InternalError, ShapeError } from "../errors/errors.ts";
import { evaluateSize, sizeSymbols, type Size, type SizeEnvironment } from "../size/size.ts";
import type { NDArray } from "./ndarray.ts";
import { collectChecks } from "./size-checks.ts";
import type { Apply, Block, SizeCheck } from "./op.ts";
import { describe, printType, type Tensor } from "./tensor.ts";
import { toposort } from "./walk.ts";

/** Values of size symbols by key. */
export type Sizes = Map<string, number>;

/** A step of a loop, by the row that it works on. */
export interface LoopStep {
  readonly loop: Apply;
  readonly row: number;
}

/** Who sees an evaluation; `steps` are those of the loops around, outermost first. */
export interface Watcher {
  /** Every application, before it is evaluated. */
  readonly apply?: (apply: Apply, inputs: readonly NDArray[], steps: readonly LoopStep[]) => void;
  /** Every value that is to be shown. */
  readonly print?: (label: string, value: NDArray, steps: readonly LoopStep[]) => void;
}

/** Values of `outputs` where `values` holds the inputs' (it receives every intermediate value). */
export function evaluateGraph(
  outputs: readonly Tensor[],
  values: Map<Tensor, NDArray>,
  sizes: Sizes,
  watcher: Watcher = {},
): NDArray[] {
  for (const check of collectChecks(outputs, new Set(values.keys()))) runCheck(check, sizes);
  return evaluateChecked(outputs, values, sizes, watcher, []);
}

function evaluateChecked(
  outputs: readonly Tensor[],
  values: Map<Tensor, NDArray>,
  sizes: Sizes,
  watcher: Watcher,
  steps: readonly LoopStep[],
): NDArray[] {
  const order = toposort(outputs, new Set(values.keys()));
  const at = (tensor: Tensor): NDArray => {
    const value = values.get(tensor) ?? leafValue(tensor);
    if (value === undefined)
      throw new InternalError(`no value for ${describe(tensor)} ${printType(tensor.type)}`);
    return value;
  };
  const size = (s: Size): number => evaluateSize(s, sizes);
  for (const apply of order) {
    const block = (b: Block, given: readonly NDArray[], row?: number): NDArray[] =>
      evaluateChecked(
        b.outputs,
        new Map(b.inputs.map((input, i) => [input, given[i] ?? at(input)])),
        sizes,
        watcher,
        row === undefined ? steps : [...steps, { loop: apply, row }],
      );
    const types = apply.outputs.map((o) => o.type);
    const inputs = apply.inputs.map(at);
    watcher.apply?.(apply, inputs, steps);
    const print = (label: string, value: NDArray): void => watcher.print?.(label, value, steps);
    const context = { size, types, block, print };
    const results = apply.op.reference(inputs, apply.params, context, apply.blocks);
    for (const [i, output] of apply.outputs.entries()) {
      const result = results[i];
      if (result === undefined)
        throw new InternalError(`op ${apply.op.name} computed no result ${i}`);
      checkResult(apply.op.name, output, result, size);
      values.set(output, result);
    }
  }
  return outputs.map(at);
}

function leafValue(tensor: Tensor): NDArray | undefined {
  const { origin } = tensor;
  return origin.kind === "constant"
    ? origin.value
    : origin.kind === "shared"
      ? origin.cell.holder.read(tensor)
      : undefined;
}

function checkResult(op: string, output: Tensor, result: NDArray, size: (s: Size) => number): void {
  const shape = output.shape.map(size);
  if (
    result.dtype !== output.dtype ||
    result.rank !== shape.length ||
    shape.some((d, axis) => d !== result.shape[axis])
  )
    throw new InternalError(
      `op ${op} was inferred as ${printType(output.type)} = [${shape.join(", ")}] and computed ${result.dtype}[${result.shape.join(", ")}]`,
    );
}

/** The value of a scalar that gives a size, from those of inputs. @throws ArgumentError SIZE_NEGATIVE */
export function sizeFrom(
  source: Tensor,
  values: ReadonlyMap<Tensor, NDArray>,
  sizes: Sizes,
): number {
  const [value] = evaluateGraph([source], new Map(values), sizes);
  const size = value?.item() ?? 0;
  if (size >= 0) return size;
  throw new ArgumentError(
    "SIZE_NEGATIVE",
    `${describe(source)} is negative (${size}) and gives a size, a bound of a slice or a number of steps`,
    {
      notes: [`made at ${source.site.toString()}`],
      hint: "count from an end with x.size(axis).sub(n); run backwards with goBackwards: true",
    },
  );
}

/** @throws ShapeError SIZE_MISMATCH with the check's message and the values. */
export function runCheck(check: SizeCheck, sizes: SizeEnvironment): void {
  const [x, y] = [evaluateSize(check.x, sizes), evaluateSize(check.y, sizes)];
  if (check.relation === "equal" ? x === y : x >= y) return;
  const told = [[check.x, x] as const, [check.y, y] as const].flatMap(([size, value]) =>
    size.constant === undefined ? [`${size.toString()} = ${value}`] : [],
  );
  const expected = check.relation === "equal" ? `${x} is not ${y}` : `${x} is less than ${y}`;
  const hint = hintFor(check, [x, y]);
  throw new ShapeError("SIZE_MISMATCH", `${check.message}: ${expected}`, {
    notes: told.length === 0 ? [] : [told.join(", ")],
    ...(hint === undefined ? {} : { hint }),
  });
}

function hintFor(
  { relation, hint, hintOfOne }: SizeCheck,
  values: readonly number[],
): string | undefined {
  if (hint !== undefined || relation !== "equal") return hint;
  if (values.includes(0)) return "size 0 means empty: was a sequence without a step given?";
  return values.includes(1) ? hintOfOne : undefined;
}

/** Binds the symbols of `tensor`'s shape to the sizes of `value`; a symbol met before must agree. */
export function bindSizes(
  tensor: Tensor,
  { shape }: NDArray,
  sizes: Sizes,
  boundBy: Map<string, string>,
): void {
  bindShape(tensor, shape, sizes, boundBy);
}

/** `bindSizes` for a value of this shape. */
export function bindShape(
  tensor: Tensor,
  shape: readonly number[],
  sizes: Sizes,
  boundBy: Map<string, string>,
): void {
  if (shape.length !== tensor.rank)
    throw new ShapeError(
      "INPUT_RANK",
      `${describe(tensor)} has ${tensor.rank === 1 ? "1 axis" : `${tensor.rank} axes`}, the value given has shape [${shape.join(", ")}]`,
      {
        hint: `give an array of shape [${tensor.shape.join(", ")}]`,
      },
    );
  for (const [axis, declared] of tensor.shape.entries()) {
    const actual = shape[axis] ?? 0;
    const [only] = declared.terms;
    const atom =
      declared.terms.length === 1 && only?.coef === 1 && only.atoms.length === 1
        ? only.atoms[0]
        : undefined;
    if (atom?.kind === "symbol") {
      const old = sizes.get(atom.key);
      if (old !== undefined && old !== actual)
        throw new ShapeError(
          "INPUT_SIZE",
          `size ${atom.name} is ${old} in ${boundBy.get(atom.key) ?? "another input"} and ${actual} in axis ${axis} of ${describe(tensor)}`,
          {
            hint: "inputs that name the same size must agree in it",
          },
        );
      if (old === undefined) boundBy.set(atom.key, `axis ${axis} of ${describe(tensor)}`);
      sizes.set(atom.key, actual);
    } else if (sizeSymbols(declared).size === 0 && declared.constant !== actual)
      throw new ShapeError(
        "INPUT_SIZE",
        `axis ${axis} of ${describe(tensor)} has size ${declared.toString()}, the value given has shape [${shape.join(", ")}]`,
      );
  }
}
