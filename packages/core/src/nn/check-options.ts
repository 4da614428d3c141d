/** What layers and cells are made from, checked by name. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { requireKey } from "../ops/random-key.ts";
import { Tensor } from "../graph/tensor.ts";

/** @throws ArgumentError LAYER_OPTION */
export function checkNames(what: string, options: object, known: readonly string[]): void {
  const unknown = unknownOption(options, known);
  if (unknown !== undefined)
    throw new ArgumentError("LAYER_OPTION", `${what} ${unknown.problem}`, unknown);
}

/** @throws ArgumentError OPERAND */
export function requireTensor(what: string, x: unknown): void {
  if (x instanceof Tensor) return;
  throw new ArgumentError("OPERAND", `${what} is not a tensor`, {
    hint: "of a run or a scan, take a tensor of its .outputs or .final; numbers become one by constant(...)",
  });
}

interface LayerOptions {
  readonly key: Tensor;
  readonly name: string;
  readonly dtype?: string;
  readonly activation?: unknown;
}

/**
 * `sizes` are the options that say how large the layer is.
 * @throws ArgumentError LAYER_OPTION; DTypeError RANDOM_KEY
 */
export function checkOptions<Size extends string>(
  what: string,
  options: LayerOptions & Readonly<Record<Size, number>>,
  sizes: readonly Size[],
  others: readonly string[],
): void {
  checkNames(what, options, [...sizes, "key", "name", "dtype", ...others]);
  for (const name of sizes) {
    const size: number = options[name];
    if (!Number.isSafeInteger(size) || size < 1)
      throw new ArgumentError("LAYER_OPTION", `${what}: ${name} is ${String(size)}`, {
        hint: "give a whole number from 1 on",
      });
  }
  const { key, name }: { readonly key: unknown; readonly name: unknown } = options;
  if (typeof name !== "string" || name === "")
    throw new ArgumentError("LAYER_OPTION", `${what} has no name`, {
      hint: "parameters are called after it, and models are saved by these names",
    });
  if (!(key instanceof Tensor))
    throw new ArgumentError("LAYER_OPTION", `${what} "${name}" has no key`, {
      hint: "give a random key of its own: key(seed), or one of split(key, n)",
    });
  requireKey(what, key);
  const { dtype = "float32", activation } = options;
  if (dtype !== "float32" && dtype !== "float64")
    throw new ArgumentError("LAYER_OPTION", `${what}: dtype is ${JSON.stringify(dtype)}`, {
      hint: "parameters are float32 or float64",
    });
  if (activation !== undefined && typeof activation !== "function")
    throw new ArgumentError(
      "LAYER_OPTION",
      `${what} "${name}": activation is ${JSON.stringify(activation)}`,
      { hint: "give a function of a tensor: activation: relu" },
    );
}
