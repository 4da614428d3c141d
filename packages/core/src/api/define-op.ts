/** Ops of the user's own, made of other ops. */
import { ArgumentError } from "../errors/errors.ts";
import { unknownOption } from "../errors/known-options.ts";
import { applyOp } from "../graph/op.ts";
import type { Tensor } from "../graph/tensor.ts";
import { blockOp } from "../ops/block-op.ts";
import type { ListOf } from "./custom-grad.ts";
import { matching, tensorsOf, type Matching } from "./derivatives.ts";
import { derivativeRules, type Pullback, type Pushforward } from "./derivative-rules.ts";
import { checkType, fitType, type NamedSizes, type OpInput, type OpType } from "./op-types.ts";
import { argumentLike, closedBlock } from "./user-blocks.ts";
import type { TensorValue } from "./values.ts";

/** One tensor for each declared input. */
export type InputTensors<I extends readonly OpInput[]> = { readonly [K in keyof I]: Tensor };
/** One value for each declared input. */
export type OpExample<I extends readonly OpInput[]> = { readonly [K in keyof I]: TensorValue };

export interface OpDefinition<
  I extends readonly OpInput[] = readonly OpInput[],
  R extends Tensor | readonly Tensor[] = Tensor | readonly Tensor[],
> {
  /** How graphs and messages call it. */
  readonly name: string;
  readonly inputs: I;
  /** The types of the results, held to the same named sizes. */
  readonly outputs?: readonly OpType[];
  /** Builds the results from the inputs, of other ops. */
  readonly build: (...inputs: InputTensors<I>) => R;
  /** Values of the inputs at which `checkOp` compares the derivatives with differences. */
  readonly examples: readonly OpExample<I>[];
  /** As in `customGrad`; without it the gradient is that of what `build` makes. */
  readonly pullback?: Pullback<InputTensors<I>, ListOf<R>>;
  readonly pushforward?: Pushforward<InputTensors<I>, ListOf<R>>;
}

/** An op of the user: a function of tensors. */
export interface DefinedOp<I extends readonly OpInput[], R extends Tensor | readonly Tensor[]> {
  (...inputs: InputTensors<I>): Matching<R>;
  readonly definition: OpDefinition<I, R>;
}

const names = ["name", "inputs", "outputs", "build", "examples", "pullback", "pushforward"];

/**
 * An op made of other ops: a name in graphs and messages, checked types, and examples that `checkOp` holds its derivatives to. It costs
 * nothing: before lowering what it is made of stands in its place.
 * @example
 * const scaled = defineOp({
 *   name: "scaled",
 *   inputs: [{ name: "x", shape: ["B", "D"] }, { name: "gain", shape: ["D"] }],
 *   build: (x, gain) => x.mul(gain),
 *   examples: [[[[1, 2], [3, 4]], [0.5, -1]]],
 * });
 * @throws ArgumentError OP_OPTION; of a call OP_ARGUMENTS, NOT_A_TENSOR, OP_RESULT, OP_CAPTURE; DTypeError OP_DTYPE; ShapeError OP_SHAPE
 */
export function defineOp<
  const I extends readonly OpInput[],
  const R extends Tensor | readonly Tensor[],
>(definition: OpDefinition<I, R>): DefinedOp<I, R>;
export function defineOp(definition: OpDefinition): DefinedOp<readonly OpInput[], Tensor> {
  checkDefinition(definition);
  const { name, inputs: declared, outputs: results, build, pullback, pushforward } = definition;
  const label = `op "${name}"`;
  const op = blockOp({
    name,
    safeInputs: declared.map(() => 0.5),
    ...derivativeRules(label, pullback, pushforward),
  });
  const call = (...given: readonly Tensor[]): unknown => {
    const tensors = tensorsOf(label, "input", given);
    requireCount(label, tensors.length, declared);
    const sizes: NamedSizes = new Map();
    const inputs = tensors.map((x, i) => {
      const type = declared[i];
      return type === undefined ? x : fitType(label, `input "${type.name}"`, x, type, sizes);
    });
    const args = inputs.map((x, i) => argumentLike(label, x, declared[i]?.name));
    let form: Tensor | readonly Tensor[] = [];
    const block = closedBlock(label, args, () => (form = build(...args)));
    const outputs = fitResults(label, block.outputs, results, sizes);
    return matching(form, applyOp(op, inputs, null, [{ inputs: args, outputs }]));
  };
  Object.defineProperty(call, "name", { value: name });
  return Object.assign(call, { definition }) as DefinedOp<readonly OpInput[], Tensor>;
}

/** @throws ArgumentError OP_RESULT; DTypeError OP_DTYPE; ShapeError OP_SHAPE */
function fitResults(
  label: string,
  outputs: readonly Tensor[],
  types: readonly OpType[] | undefined,
  sizes: NamedSizes,
): readonly Tensor[] {
  if (types === undefined) return outputs;
  if (types.length !== outputs.length)
    throw new ArgumentError(
      "OP_RESULT",
      `${label} declares ${types.length} outputs and builds ${outputs.length}`,
      { hint: "declare each in outputs, or leave outputs out" },
    );
  return outputs.map((y, i) => fitType(label, `output ${i}`, y, types[i] ?? {}, sizes));
}

/** @throws ArgumentError OP_ARGUMENTS */
function requireCount(label: string, count: number, declared: readonly OpInput[]): void {
  if (count === declared.length) return;
  const list = declared.map(({ name }) => name).join(", ");
  throw new ArgumentError(
    "OP_ARGUMENTS",
    `${label} takes ${declared.length} ${declared.length === 1 ? "tensor" : "tensors"}, ${count} ${count === 1 ? "was" : "were"} given`,
    { hint: `give ${list}` },
  );
}

/** @throws ArgumentError OP_OPTION */
function checkDefinition(definition: OpDefinition): void {
  const unknown = unknownOption(definition, names);
  if (unknown !== undefined)
    throw new ArgumentError("OP_OPTION", `defineOp ${unknown.problem}`, unknown);
  const name: unknown = definition.name;
  const label = `op "${typeof name === "string" ? name : ""}"`;
  const refuse = (problem: string, hint: string): ArgumentError =>
    new ArgumentError("OP_OPTION", `${label}: ${problem}`, { hint });
  const { inputs, outputs = [], examples, build }: Partial<OpDefinition> = definition;
  if (typeof name !== "string" || name === "")
    throw refuse("the name is missing", 'name: "rmsNorm"');
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw refuse("inputs is no list of inputs", 'inputs: [{ name: "x", shape: ["B", "D"] }]');
  if (typeof build !== "function")
    throw refuse(
      "build is no function",
      "build: (x) => tanh(x), a function of the declared inputs",
    );
  for (const [i, input] of definition.inputs.entries()) {
    checkType(label, `input ${i}`, input, true);
    if (typeof input.name !== "string" || input.name === "")
      throw refuse(`the name of input ${i} is missing`, '{ name: "x" }');
  }
  for (const [i, output] of outputs.entries()) checkType(label, `output ${i}`, output, false);
  if (!Array.isArray(examples) || examples.length === 0)
    throw refuse(
      "the examples are missing",
      "examples: [[[[1, 2]], [0.5, -1]]], a value for each input; checkOp(op) compares there",
    );
  const short = definition.examples.findIndex(
    (example) => !Array.isArray(example) || example.length !== definition.inputs.length,
  );
  if (short >= 0)
    throw refuse(
      `example ${short} is no list of ${definition.inputs.length} values`,
      `give one for each of ${definition.inputs.map((input) => input.name).join(", ")}`,
    );
}
