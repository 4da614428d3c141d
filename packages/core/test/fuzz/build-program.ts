/** Random programs as graphs. What the library refuses with an error for users is left out; a defect is not caught. */
import {
  constant,
  InternalError,
  scan,
  ScanTrainError,
  stack,
  stepResult,
  type Tensor,
  type Update,
} from "../../src/index.ts";
import { applyOperation } from "./apply-operation.ts";
import type { Instruction, Loop, Program } from "./instructions.ts";
import { fail, makeLeaves, Pool, type Leaves } from "./pool.ts";

export interface Graph {
  readonly leaves: Leaves;
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates: readonly Update[];
}

export function buildProgram(program: Program): Graph {
  const leaves = makeLeaves(program.float);
  const pool = new Pool(leaves, [
    constant(1.5, program.float),
    leaves.count,
    ...leaves.variables,
    ...Object.values(leaves.inputs).toReversed(),
  ]);
  const counted: Update[] = [];
  run(pool, program.instructions, counted);
  const updates = leaves.variables.flatMap((target, i): Update[] => {
    const n = program.updates[i];
    return n === undefined ? [] : [[target, pool.fit(pool.pick(n), target.shape, target.dtype)]];
  });
  return {
    leaves,
    outputs: Object.fromEntries(program.outputs.map((n, i) => [`out${i}`, pool.pick(n)])),
    updates: [...updates, ...counted],
  };
}

/** Runs the instructions; `counted` receives the update of the counter by the first loop that makes one. */
function run(
  pool: Pool,
  instructions: readonly Instruction[],
  counted: Update[] | undefined,
): void {
  for (const instruction of instructions) {
    try {
      if (instruction.kind === "scan") pool.tensors.push(...applyLoop(pool, instruction, counted));
      else {
        const made = applyOperation(pool, instruction);
        if (made !== undefined && made.rank <= 5) pool.tensors.push(made);
      }
    } catch (error) {
      if (!(error instanceof ScanTrainError) || error instanceof InternalError) throw error;
    }
  }
}

function applyLoop(pool: Pool, loop: Loop, counted: Update[] | undefined): Tensor[] {
  const { leaves } = pool;
  const padded = loop.padding !== "none";
  const [rows, batch] = leaves.mask.shape;
  if (rows === undefined || batch === undefined) return fail();
  const sequences = loop.sequences.map(({ of, taps }) => {
    const x = pool.pick(of, (y) => y.rank > 0);
    const input = padded ? pool.fit(x, [rows, batch, ...x.shape.slice(2)]) : x;
    return { input, taps };
  });
  if (sequences.length === 0 && padded)
    sequences.push({ input: leaves.inputs["m"] ?? fail(), taps: [0] });
  const states = loop.states.map(({ initial, taps }) => {
    const x = pool.pick(initial);
    const first = padded ? pool.fit(x, [batch, ...x.shape.slice(1)]) : x;
    const past = -Math.min(...taps);
    const initials =
      taps.join() === "-1" ? first : stack(Array.from({ length: past }, () => first));
    return { initial: initials, taps, like: first };
  });
  const counts = loop.counts && counted !== undefined && counted.length === 0 && !padded;
  const nSteps = sequences.length === 0 ? (loop.nSteps ?? 2) : undefined;
  const result = scan(
    (...args: readonly Tensor[]) => {
      const inner = new Pool(leaves, args.toReversed(), pool);
      run(inner, loop.body, undefined);
      const next = states.map(({ like }, i) =>
        inner.fit(inner.pick(loop.states[i]?.next ?? 0), like.shape, like.dtype),
      );
      const ys = loop.ys.map((n) => {
        const y = inner.pick(n);
        return padded ? inner.fit(y, [batch, ...y.shape.slice(1)]) : y;
      });
      const outputs = [...next, ...ys];
      return counts
        ? stepResult(outputs, { updates: [[leaves.count, leaves.count.add(1)]] })
        : outputs;
    },
    {
      sequences,
      outputsInfo: [
        ...states.map(({ initial, taps }) => ({ initial, taps })),
        ...loop.ys.map(() => null),
      ],
      goBackwards: loop.goBackwards,
      truncateGradient: loop.truncateGradient,
      ...(nSteps === undefined ? {} : { nSteps }),
      ...(loop.padding === "lengths"
        ? { lengths: leaves.lengths }
        : loop.padding === "mask"
          ? { mask: leaves.mask }
          : {}),
    },
  );
  if (counts) counted.push(...(result.updates as readonly Update<"int32">[]));
  return [...(result.outputs as readonly Tensor[]), ...(result.final as readonly Tensor[])];
}
