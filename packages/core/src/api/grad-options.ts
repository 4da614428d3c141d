/** The options of grad, checked. */
import type { GradRequest } from "../autodiff/grad.ts";
import { ArgumentError, DTypeError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { warn } from "../errors/warnings.ts";
import { isFloating } from "../graph/dtype.ts";
import { describe, printType, Tensor } from "../graph/tensor.ts";
import { cast } from "../ops/cast.ts";
import { directionLike } from "./derivatives.ts";

/** Gradients that are given: of each tensor one of its shape. */
export type KnownGrads =
  ReadonlyMap<Tensor, Tensor> | readonly (readonly [tensor: Tensor, gradient: Tensor])[];

export interface GradOptions {
  /** Tensors that count as constants: no gradient passes through them. One that is also in `wrt` still gets its own gradient. */
  readonly considerConstant?: readonly Tensor[];
  /**
   * Gradients of some tensors, in place of what the walk would find for them; it goes on from there. With them the cost may be
   * `undefined`.
   */
  readonly knownGrads?: KnownGrads;
  /** What to do about an entry of `wrt` that the cost does not depend on: throw (default), warn, or nothing. */
  readonly disconnectedInputs?: "raise" | "warn" | "ignore";
  /** What such an entry gets: zeros of its shape (default), or `undefined`. */
  readonly returnDisconnected?: "zeros" | "undefined";
}

const allNames: readonly (keyof GradOptions)[] = [
  "considerConstant",
  "knownGrads",
  "disconnectedInputs",
  "returnDisconnected",
];

/**
 * What the walk is told.
 * @throws ArgumentError GRAD_OPTION, NOT_A_TENSOR; ShapeError TANGENT_SHAPE; DTypeError KNOWN_GRAD_DTYPE
 */
export function gradRequest(
  what: string,
  options: GradOptions,
  names: readonly (keyof GradOptions)[] = allNames,
): GradRequest {
  const unknown = unknownOption(options, names);
  if (unknown !== undefined)
    throw new ArgumentError("GRAD_OPTION", `${what} ${unknown.problem}`, unknown);
  requireWord(what, "disconnectedInputs", options.disconnectedInputs, ["raise", "warn", "ignore"]);
  requireWord(what, "returnDisconnected", options.returnDisconnected, ["zeros", "undefined"]);
  const constants = new Set(tensorList(what, options.considerConstant ?? []));
  const known = knownGrads(what, options.knownGrads ?? []);
  const { disconnectedInputs = "raise" } = options;
  if (disconnectedInputs === "raise") return { constants, known };
  return {
    constants,
    known,
    onDisconnected: ({ code, message }) => {
      if (disconnectedInputs === "warn")
        warn({ code, message: message.replace(/\n {2}hint: .*/, "") });
    },
  };
}

function requireWord(
  what: string,
  name: keyof GradOptions,
  word: unknown,
  words: readonly string[],
): void {
  if (word === undefined || (typeof word === "string" && words.includes(word))) return;
  const quoted = words.map((w) => `"${w}"`);
  throw new ArgumentError("GRAD_OPTION", `${what}: ${name} cannot be ${JSON.stringify(word)}`, {
    hint: `it is ${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1) ?? ""}`,
  });
}

function tensorList(what: string, list: unknown): readonly Tensor[] {
  if (!Array.isArray(list))
    throw new ArgumentError("GRAD_OPTION", `${what}: considerConstant is not a list`, {
      hint: "give a list of tensors: considerConstant: [h]",
    });
  return list.map((x: unknown, i) => {
    if (x instanceof Tensor) return x;
    throw new ArgumentError(
      "NOT_A_TENSOR",
      `${what}: considerConstant[${i}] is ${typeof x}, not a tensor`,
    );
  });
}

function knownGrads(what: string, given: KnownGrads): ReadonlyMap<Tensor, Tensor> {
  const isMap = (x: KnownGrads): x is ReadonlyMap<Tensor, Tensor> => x instanceof Map;
  const pairs: readonly unknown[] = isMap(given)
    ? [...given]
    : Array.isArray(given)
      ? given
      : [given];
  const known = new Map<Tensor, Tensor>();
  for (const pair of pairs) {
    const [tensor, gradient]: readonly unknown[] = Array.isArray(pair) ? pair : [];
    if (!(tensor instanceof Tensor) || !(gradient instanceof Tensor))
      throw new ArgumentError(
        "GRAD_OPTION",
        `${what}: knownGrads holds something other than pairs of tensors`,
        {
          hint: "give a Map from tensors to their gradients, or a list: knownGrads: [[h, dh]]",
        },
      );
    if (known.has(tensor))
      throw new ArgumentError(
        "GRAD_OPTION",
        `${what}: knownGrads gives two gradients of ${describe(tensor)}`,
        {
          hint: "give one: their sum",
        },
      );
    known.set(tensor, asGradient(what, tensor, gradient));
  }
  return known;
}

/** A gradient is floating; that of a floating tensor has its dtype. */
function asGradient(what: string, tensor: Tensor, gradient: Tensor): Tensor {
  if (!isFloating(gradient.dtype))
    throw new DTypeError(
      "KNOWN_GRAD_DTYPE",
      `${what}: the known gradient of ${describe(tensor)} is ${printType(gradient.type)}; gradients are floating`,
      { hint: `convert it: cast(gradient, "float32")` },
    );
  if (!isFloating(tensor.dtype)) return gradient;
  return directionLike(what, tensor, cast(gradient, tensor.dtype));
}
