/** What random programs are made of: plain data, so that a failing program shrinks. Operands are picks from what exists so far. */
import fc from "fast-check";

/** Every operation that a random program may use, besides loops. */
export const operations = [
  "tanh",
  "sigmoid",
  "exp",
  "sin",
  "neg",
  "abs",
  "sqr",
  "sqrt",
  "log",
  "relu",
  "softplus",
  "logSigmoid",
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "where",
  "compare",
  "integer",
  "logic",
  "cast",
  "sum",
  "prod",
  "max",
  "any",
  "dot",
  "matmul",
  "residual",
  "transpose",
  "reshape",
  "axis",
  "reverse",
  "slice",
  "rows",
  "broadcast",
  "concatenate",
  "split",
  "stack",
  "take",
  "set",
  "increment",
  "scatter",
  "ontoItself",
  "softmax",
  "logSoftmax",
  "logSumExp",
  "argmax",
  "arange",
  "constant",
  "gradient",
  "pushforward",
] as const;

export interface Operation {
  readonly kind: (typeof operations)[number];
  readonly a: number;
  readonly b: number;
  readonly n: number;
}
/** A loop; every number picks a tensor. */
export interface Loop {
  readonly kind: "scan";
  readonly sequences: readonly { readonly of: number; readonly taps: readonly number[] }[];
  readonly states: readonly {
    readonly initial: number;
    readonly taps: readonly number[];
    /** Of what the step computes. */
    readonly next: number;
  }[];
  readonly ys: readonly number[];
  readonly body: readonly Instruction[];
  readonly padding: "none" | "lengths" | "mask";
  readonly goBackwards: boolean;
  readonly truncateGradient: number;
  readonly nSteps: number | undefined;
  /** The step also adds to a shared variable, if nothing else updates it. */
  readonly counts: boolean;
}
export type Instruction = Operation | Loop;

export interface Program {
  readonly float: "float32" | "float64";
  readonly instructions: readonly Instruction[];
  readonly outputs: readonly number[];
  /** New values of the shared matrices, by number. */
  readonly updates: readonly number[];
  /** [T, B] of each call. */
  readonly calls: readonly (readonly [number, number])[];
}

/** Mostly what was made last. */
const pick = fc.oneof(
  { arbitrary: fc.nat({ max: 4 }), weight: 3 },
  { arbitrary: fc.nat({ max: 30 }), weight: 2 },
);
const operation: fc.Arbitrary<Operation> = fc.record({
  kind: fc.constantFrom(...operations),
  a: pick,
  b: pick,
  n: fc.nat({ max: 15 }),
});
const sequenceTaps = fc.constantFrom([0], [0], [-1], [0, 1], [-1, 1]);
const stateTaps = fc.constantFrom([-1], [-1], [-1], [-2], [-2, -1], [-1, -3]);

const loops = fc.letrec<{ instruction: Instruction; scan: Loop }>((tie) => ({
  instruction: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    { arbitrary: operation, weight: 6 },
    { arbitrary: tie("scan"), weight: 1 },
  ),
  scan: fc.record({
    kind: fc.constant("scan" as const),
    sequences: fc.array(fc.record({ of: pick, taps: sequenceTaps }), { maxLength: 2 }),
    states: fc.array(fc.record({ initial: pick, taps: stateTaps, next: pick }), { maxLength: 3 }),
    ys: fc.array(pick, { maxLength: 3 }),
    body: fc.array(tie("instruction"), { maxLength: 8 }),
    padding: fc.constantFrom("none" as const, "none" as const, "lengths" as const, "mask" as const),
    goBackwards: fc.boolean(),
    truncateGradient: fc.constantFrom(-1, -1, -1, 1, 2),
    nSteps: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2, 3),
    counts: fc.boolean(),
  }),
}));

export const programs: fc.Arbitrary<Program> = fc.record({
  float: fc.constantFrom("float64" as const, "float32" as const),
  instructions: fc.array(
    fc.oneof(
      { withCrossShrink: true },
      { arbitrary: operation, weight: 3 },
      { arbitrary: loops.scan, weight: 1 },
    ),
    { minLength: 1, maxLength: 9 },
  ),
  outputs: fc.array(pick, { minLength: 1, maxLength: 4 }),
  updates: fc.array(pick, { maxLength: 2 }),
  calls: fc.array(fc.tuple(fc.constantFrom(2, 5, 1, 0), fc.constantFrom(2, 3, 1)), {
    minLength: 1,
    maxLength: 2,
  }),
});

const withoutDouble = (instruction: Instruction): Instruction =>
  instruction.kind === "scan"
    ? { ...instruction, body: instruction.body.map(withoutDouble) }
    : instruction.kind === "cast" && instruction.n % 4 === 0
      ? { ...instruction, n: instruction.n + 1 }
      : instruction;

/** The same for devices that have no float64: float32 throughout, also where a cast asks for more. */
export const inSinglePrecision = (program: Program): Program => ({
  ...program,
  float: "float32",
  instructions: program.instructions.map(withoutDouble),
});
