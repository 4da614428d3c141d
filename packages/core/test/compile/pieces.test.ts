/** A piece of several wholes is made in all of them by one kernel, unless something else reads it from memory. */
import { describe, expect, test } from "vitest";
import {
  compile,
  concatenate,
  dot,
  evaluate,
  scan,
  Store,
  sum,
  tanh,
  tensor,
  type Tensor,
} from "../../src/index.ts";
import { leavesOf } from "../../src/graph/walk.ts";
import { sliceAxis } from "../../src/ops/slice.ts";
import { numbers } from "../runtime/models.ts";

const x = tensor("x", { shape: ["B", 4] });
const y = tensor("y", { shape: ["B", 4] });
const a = tanh(x.add(y));
const b = x.mul(y).add(1);
const cat = (...pieces: Tensor[]): Tensor => concatenate(pieces, 1);

const graphs: Readonly<Record<string, Readonly<Record<string, Tensor>>>> = {
  "two wholes": { p: cat(a, b), q: cat(b, a) },
  "wholes of whole and piece": { p: cat(cat(a, b), a), q: cat(b, b, a) },
  "one whole of one piece twice": { p: cat(a, a) },
  "a piece that is a result": { p: cat(a, b), q: cat(b, a), r: a },
  "a piece that a product reads": { p: cat(a, b), q: dot(a, b.T), r: cat(a, x) },
  "a piece that its neighbour reads": { p: cat(a, a.mul(b)), q: cat(a.mul(b).add(a), b) },
  "a piece that a sum reads": { p: cat(a, b), q: cat(b, a), r: sum(a, 0) },
  "a piece that is read shifted": { p: cat(a, b), q: cat(sliceAxis(a, 1, 1, 3).mul(2), a) },
};

const inputsOf = (outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
  Object.fromEntries(
    leavesOf(Object.values(outputs)).flatMap((leaf) =>
      leaf.origin.kind === "input" ? [[leaf.name ?? "", leaf] as const] : [],
    ),
  );

/** A loop whose state and rows are made of the same pieces. */
function loop(swap: boolean): Readonly<Record<string, Tensor>> {
  const rows = tensor("rows", { shape: ["T", "B", 8] });
  const { outputs, final } = scan(
    (u: Tensor, h: Tensor) => {
      const left = tanh(sliceAxis(h, 1, 4, 4).add(sliceAxis(u, 1, 0, 4)));
      const right = sliceAxis(h, 1, 0, 4)
        .mul(sliceAxis(u, 1, 4, 4))
        .sub(left);
      return [swap ? cat(right, left) : cat(left, right), cat(right, left)];
    },
    { sequences: rows, outputsInfo: [cat(x, y), null] },
  );
  return { h: outputs[0], seen: outputs[1], last: final[0] };
}

describe.each(["full", "none"] as const)("optimize %s", (optimize) => {
  test.each(Object.entries({ ...graphs, loop: loop(false), "loop, swapped": loop(true) }))(
    "%s",
    async (_, outputs) => {
      const given = { x: numbers(1, [3, 4]), y: numbers(2, [3, 4]), rows: numbers(3, [5, 3, 8]) };
      const inputs = inputsOf(outputs);
      const values = Object.fromEntries(
        Object.entries(given).filter(([name]) => Object.hasOwn(inputs, name)),
      );
      const call = await compile({ inputs, outputs, optimize, store: new Store() });
      const got = call(values);
      for (const [name, output] of Object.entries(outputs)) {
        const wanted = evaluate(output, values);
        expect(got[name]?.shape).toEqual(wanted.shape);
        for (const [i, value] of (got[name]?.data ?? []).entries())
          expect(value).toBeCloseTo(wanted.data[i] ?? NaN, 5);
      }
    },
  );
});

test("a piece that a long chain of views reads costs no stack", async () => {
  let turned = a;
  for (let i = 0; i < 10_001; i++) turned = turned.T;
  const outputs = { p: cat(a, b), q: cat(b, a), r: turned.T.add(b) };
  const call = await compile({ inputs: { x, y }, outputs, optimize: "none", store: new Store() });
  const values = { x: numbers(1, [3, 4]), y: numbers(2, [3, 4]) };
  expect(call(values).r.toArray()).toEqual(
    (await compile({ inputs: { x, y }, outputs: { r: a.add(b) }, store: new Store() }))(
      values,
    ).r.toArray(),
  );
}, 60_000);

test("two wholes take one kernel", async () => {
  const call = await compile({ inputs: { x, y }, outputs: { p: cat(a, b), q: cat(b, a) } });
  expect(call.explain()).toMatch(/wasm .*, 1 kernels/);
});
