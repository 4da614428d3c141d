/** What a compiled scan checks when it is called, and what compile refuses. */
import { describe, expect, test } from "vitest";
import {
  add,
  compile,
  dropUpdates,
  scalar,
  scan,
  shared,
  stepResult,
  tensor,
  vector,
  zeros,
} from "../../src/index.ts";
import { messageOf } from "./message-of.ts";

describe("a compiled scan", () => {
  test("refuses lengths outside 0 .. T, and writes nothing", async () => {
    const x = tensor("x", { shape: ["T", "B"] });
    const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
    const calls = shared(0, { name: "calls", dtype: "int32" });
    const { final } = scan({
      name: "sums",
      sequences: { x },
      init: { h: zeros([x.size(1)]) },
      lengths,
      step: ({ x: row, h }) => ({ h: add(h, row) }),
    });
    const call = await compile({
      inputs: { x, lengths },
      outputs: { h: final.h },
      updates: [[calls, calls.add(1)]],
    });
    const rows = [
      [1, 2],
      [3, 4],
    ];
    expect(call({ x: rows, lengths: [2, 1] }).h.toArray()).toEqual([4, 2]);
    expect(messageOf(() => call({ x: rows, lengths: [2, 3] }))).toMatch(
      /^ArgumentError SCAN_LENGTHS: .*lengths "lengths" exceeds/,
    );
    expect(messageOf(() => call({ x: rows, lengths: [2, -1] }))).toMatch(
      /^ArgumentError SCAN_LENGTHS: .*lengths "lengths" is negative/,
    );
    expect(calls.get().item()).toBe(1);
  });

  test("refuses a negative nSteps and sequences that are too short", async () => {
    const [x, n] = [vector("x"), scalar("n", { dtype: "int32" })];
    const { outputs } = scan((v, h) => h.add(v), { sequences: x, outputsInfo: 0, nSteps: n });
    const call = await compile({
      inputs: { x, n },
      outputs: { h: outputs },
      unusedInputs: "ignore",
    });
    expect(call({ x: [1, 2, 3], n: 2 }).h.toArray()).toEqual([1, 3]);
    expect(call({ x: [1, 2, 3], n: 0 }).h.toArray()).toEqual([]);
    expect(messageOf(() => call({ x: [1], n: 2 }))).toMatch(/"x" is too short for n steps/);
    expect(messageOf(() => call({ x: [1], n: -1 }))).toMatch(/negative/);
  });

  test("advances shared variables call after call, and its updates cannot be forgotten", async () => {
    const count = shared(0, { name: "count", dtype: "int32" });
    const result = scan(() => stepResult(count, { updates: [[count, count.add(1)]] }), {
      nSteps: 3,
      name: "counter",
    });
    const outputs = { seen: result.outputs };
    const call = await compile({ inputs: {}, outputs, updates: result.updates });
    expect([call({}).seen.toArray(), call({}).seen.toArray()]).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    await expect(compile({ inputs: {}, outputs })).rejects.toThrow(
      /scan "counter" produced updates of "count"/,
    );
    dropUpdates(result);
    await expect(compile({ inputs: {}, outputs })).resolves.toBeDefined();
  });
});
