/** Loops over a few square matrices of which only the last values count, so that each may be changed in place while others read it. */
import fc from "fast-check";
import {
  add,
  concatenate,
  dot,
  exp,
  flatten,
  incSubtensor,
  index,
  mul,
  reshape,
  reverse,
  scan,
  setSubtensor,
  softmax,
  sum,
  tanh,
  transpose,
  type Tensor,
} from "../../src/index.ts";
import type { Graph } from "./build-program.ts";
import { fail, makeLeaves } from "./pool.ts";

type Rule = (x: Tensor, y: Tensor) => Tensor;

/** Each makes a 3 x 3 matrix of two. */
const rules = {
  tanh: (x) => tanh(x),
  exp: (x) => exp(tanh(x)),
  add: (x, y) => add(x, y),
  mul: (x, y) => mul(x, tanh(y)),
  dot: (x, y) => dot(x, tanh(y)),
  dotTransposed: (x, y) => dot(transpose(x), tanh(transpose(y))),
  addDot: (x, y) => add(x, dot(y, tanh(y))),
  dotAdd: (x, y) => add(dot(x, tanh(y)), x),
  squareAdd: (x) => add(dot(x, x), x),
  reversedInto: (x) => setSubtensor(x, [{ step: -1 }], x),
  reversedOnto: (x) => incSubtensor(x, [{}, { step: -1 }], x),
  transpose: (x) => transpose(x),
  reverse: (x) => reverse(x, 1),
  flat: (x, y) => reshape(mul(flatten(x), tanh(flatten(y))), [3, 3]),
  flatTransposed: (x) => reshape(flatten(transpose(x)), [3, 3]),
  split: (x) =>
    reshape(sum(reshape(dot(reshape(x, [9, 1]), [[0.5, 1, -1]]), [3, 3, 3]), 1), [3, 3]),
  roll: (x, y) => concatenate([index(x, { start: 1 }), tanh(index(y, { stop: 1 }))]),
  columns: (x, y) =>
    concatenate([tanh(index(x, {}, { start: 1 })), tanh(index(y, {}, { stop: 1 }))], 1),
  set: (x, y) => setSubtensor(x, [1], sum(y, 0)),
  setColumn: (x, y) => setSubtensor(tanh(transpose(x)), [{}, 0], index(y, 0)),
  increment: (x, y) => incSubtensor(tanh(x), [{ step: 2 }], index(y, 1)),
  rows: (x, y) => add(x, sum(y, 1, { keepdims: true })),
  softmax: (x) => softmax(x, 0),
} satisfies Record<string, Rule>;

export interface StatesProgram {
  readonly body: readonly {
    readonly kind: keyof typeof rules;
    readonly a: number;
    readonly b: number;
  }[];
  /** For each state the pick of its new value. */
  readonly next: readonly number[];
  readonly ys: readonly number[];
  readonly hasRows: boolean;
  readonly goBackwards: boolean;
}

const pick = fc.nat({ max: 7 });

export const statesPrograms: fc.Arbitrary<StatesProgram> = fc.record({
  body: fc.array(
    fc.record({
      kind: fc.constantFrom(...(Object.keys(rules) as (keyof typeof rules)[])),
      a: pick,
      b: pick,
    }),
    { minLength: 1, maxLength: 8 },
  ),
  next: fc.array(pick, { minLength: 1, maxLength: 3 }),
  ys: fc.array(pick, { maxLength: 1 }),
  hasRows: fc.boolean(),
  goBackwards: fc.boolean(),
});

/** The loop; picks count from what was made last back to the states. */
export function buildStates(
  program: StatesProgram,
  float: "float32" | "float64" = "float64",
): Graph {
  const leaves = makeLeaves(float);
  const [P, Q] = leaves.variables;
  const x = leaves.inputs["x"];
  if (P === undefined || Q === undefined || x === undefined) return fail();
  const initials: Tensor[] = [P, Q, mul(P, 0.5)].slice(0, program.next.length);
  const step = (...args: readonly Tensor[]): Tensor[] => {
    const made = program.hasRows
      ? [...args.slice(1), add(dot(transpose(args[0] ?? fail()), args[0] ?? fail()), 0.1)]
      : [...args];
    const at = (n: number): Tensor => made.at(-1 - (n % made.length)) ?? fail();
    for (const { kind, a, b } of program.body) made.push(rules[kind](at(a), at(b)));
    return [...program.next, ...program.ys].map(at);
  };
  const { final, outputs } = scan(step, {
    sequences: program.hasRows ? [x] : [],
    outputsInfo: [...initials, ...program.ys.map(() => null)],
    goBackwards: program.goBackwards,
    ...(program.hasRows ? {} : { nSteps: 3 }),
  });
  const last = final as readonly Tensor[];
  const rows = (outputs as readonly Tensor[]).slice(initials.length);
  return {
    leaves,
    outputs: Object.fromEntries([...last, ...rows].map((tensor, i) => [`out${i}`, tensor])),
    updates: [],
  };
}
