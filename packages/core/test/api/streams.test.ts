/** How streams go on where several things draw from them, and what is refused because numbers would come again. */
import { describe, expect, test } from "vitest";
import {
  compile,
  dropUpdates,
  evaluate,
  matrix,
  scan,
  stepResult,
  sum,
  grad,
  tensor,
  vector,
  zeros,
  type Tensor,
} from "../../src/index.ts";
import { randomStream, type RandomStream } from "../../src/random.ts";
import { messageOf } from "./message-of.ts";

/** A scan of `nSteps` numbers of a stream. */
const drawing = (stream: RandomStream, nSteps: number) =>
  scan(() => stepResult(stream.uniform([]), { updates: stream.updates() }), {
    nSteps,
    name: `draws ${nSteps}`,
  });
const place = (stream: RandomStream): number => stream.state.get().item();

describe("one stream", () => {
  test("of several scans goes as far as the longest, and no number comes twice", async () => {
    const stream = randomStream(1, "noise");
    const [a, b] = [drawing(stream, 5), drawing(stream, 8)];
    const outputs = { a: a.outputs, b: b.outputs, c: stream.uniform([3]) };
    const call = await compile({
      inputs: {},
      outputs,
      updates: [...a.updates, ...stream.updates(), ...b.updates],
    });
    const all = [call({}), call({})].flatMap((x) => [...x.a.data, ...x.b.data, ...x.c.data]);
    expect(new Set(all).size).toBe(32);
    expect(place(stream)).toBe(16);
  });
  test("of nested scans", async () => {
    const stream = randomStream(2, "noise");
    const { outputs, updates } = scan(
      () => {
        const [a, b] = [drawing(stream, 2), drawing(stream, 3)];
        return stepResult(
          { a: a.outputs, b: b.outputs, c: stream.uniform([]) },
          { updates: [...a.updates, ...b.updates, ...stream.updates()] },
        );
      },
      { nSteps: 4 },
    );
    const call = await compile({ inputs: {}, outputs, updates });
    const all = [call({}), call({})].flatMap((x) => [...x.a.data, ...x.b.data, ...x.c.data]);
    expect(new Set(all).size).toBe(48);
    expect(place(stream)).toBe(24);
  });
  test("before a scan draws once for all steps, and updates may be made before it too", async () => {
    const stream = randomStream(3, "noise");
    const [once, updates] = [stream.uniform([]), stream.updates()];
    const walk = scan(() => stepResult({ once, each: stream.uniform([]) }, { updates }), {
      nSteps: 6,
    });
    const wanted = evaluate(walk.outputs);
    expect(new Set(wanted.once.data).size).toBe(1);
    expect(new Set(wanted.each.data).size).toBe(6);
    const call = await compile({ inputs: {}, outputs: walk.outputs, updates: walk.updates });
    const [first, second] = [call({}), call({})];
    expect([first.once, first.each].map(String)).toEqual([wanted.once, wanted.each].map(String));
    expect(new Set([...first.once.data, ...second.once.data]).size).toBe(2);
    expect(place(stream)).toBe(12);
  });
  test("counts the steps that ran: until, and no padding", async () => {
    const stream = randomStream(4, "noise");
    const walk = scan(
      (h: Tensor) => {
        const next = h.add(stream.uniform([]));
        return stepResult(next, { updates: stream.updates(), until: next.gt(3) });
      },
      { outputsInfo: zeros([]), nSteps: 50 },
    );
    const call = await compile({
      inputs: {},
      outputs: { walk: walk.outputs },
      updates: walk.updates,
    });
    const [first, second] = [call({}).walk, call({}).walk];
    expect(place(stream)).toBe((first.shape[0] ?? 0) + (second.shape[0] ?? 0));
    expect(first.data[0]).not.toBe(second.data[0]);

    const x = tensor("x", { shape: ["T", "B"] });
    const lengths = vector("lengths", { dtype: "int32" });
    const padded = scan(
      (row: Tensor, h: Tensor) =>
        stepResult(h.add(row).add(stream.uniform([lengths.size(0)])), {
          updates: stream.updates(),
        }),
      { sequences: x, outputsInfo: zeros([lengths.size(0)]), lengths },
    );
    const sums = await compile({
      inputs: { x, lengths },
      outputs: { sums: padded.final },
      updates: padded.updates,
    });
    const found = [2, 5].map((steps) => {
      stream.state.set(0);
      const rows = Array.from({ length: steps }, () => [1, 1]);
      const result = sums({ x: rows, lengths: [2, 1] });
      return [result.sums.toArray(), place(stream)];
    });
    expect(found[1]).toEqual(found[0]);
    expect(found[0]?.[1]).toBe(2);
  });
  test("whose updates were dropped draws the same in every call", async () => {
    const stream = randomStream(5, "noise");
    const { outputs } = dropUpdates(drawing(stream, 3));
    const call = await compile({ inputs: {}, outputs: { outputs } });
    expect(call({}).outputs.data).toEqual(call({}).outputs.data);
    const nested = scan(() => dropUpdates(drawing(stream, 3)).outputs, { nSteps: 2 });
    const rows = evaluate(nested.outputs).toArray() as unknown[];
    expect(rows[0]).toEqual(rows[1]);
  });
  test("makes the same bits whichever way a scan and its gradient are computed", async () => {
    const x = matrix("x");
    const results: unknown[] = [];
    for (const optimize of [undefined, "full", "fast", "none", "debug"] as const) {
      const stream = randomStream(6, "noise");
      const once = stream.bernoulli(0.5, [x.size(1)]);
      const { outputs, updates } = scan(
        (row: Tensor, h: Tensor) => {
          const kept = stream.bernoulli(0.5, [x.size(1)]).mul(once);
          const noise = stream.randint(-2, 3, [x.size(1)]).add(stream.uniform([]));
          const chosen = stream.categorical(zeros([x.size(1), 3]));
          return stepResult(h.add(row.mul(noise)).add(chosen).mul(kept).mul(0.5), {
            updates: stream.updates(),
          });
        },
        { sequences: x, outputsInfo: zeros([x.size(1)]) },
      );
      const cost = sum(outputs);
      const wanted = { outputs, slope: grad(cost, x) };
      const values = { x: Array.from({ length: 7 }, (_, t) => [t, 1, -t, 2]) };
      if (optimize === undefined) {
        const found = evaluate(wanted, values);
        results.push([found.outputs.toArray(), found.slope.toArray()]);
        continue;
      }
      const how = optimize === "debug" ? ({ check: "debug" } as const) : { optimize };
      const call = await compile({ inputs: { x }, outputs: wanted, updates, ...how });
      const found = call(values);
      results.push([found.outputs.toArray(), found.slope.toArray()]);
      expect(place(stream)).toBe(7);
      expect(call(values).outputs.toArray()).not.toEqual(found.outputs.toArray());
    }
    for (const other of results.slice(1)) expect(other).toEqual(results[0]);
  });
});

describe("refused", () => {
  test("the update of a stream in place of that of a scan, which is further on", async () => {
    const stream = randomStream(7, "noise");
    const [a, b] = [drawing(stream, 5), drawing(stream, 8)];
    const refusalOf = async (updates: typeof a.updates): Promise<string> => {
      const outputs = { a: a.outputs, b: b.outputs };
      return compile({ inputs: {}, outputs, updates }).then(() => "compiled", String);
    };
    expect(await refusalOf(stream.updates())).toMatch(/STREAM_UPDATES/);
    expect((await refusalOf(a.updates)).replace(/\(?\S*\.test\.ts\S*/g, "HERE"))
      .toMatchInlineSnapshot(`
      "GraphError: STREAM_UPDATES: scan "draws 8" draws from "noise" in every step, and compile received another update of it: the next call would draw some numbers again
        hint: pass updates: [...result.updates, ...]; those of all scans and of the stream may stand side by side"
    `);
    expect(await refusalOf([...b.updates, ...a.updates])).toBe("compiled");
    expect(
      messageOf(() =>
        scan(() => stepResult(drawing(stream, 3).outputs, { updates: stream.updates() }), {
          nSteps: 2,
          name: "outer",
        }),
      ),
    ).toMatchInlineSnapshot(`
      "ArgumentError SCAN_UPDATES_LOST: scan "outer": its step uses scan "draws 3" and drops the update of shared variable "noise" that it makes
        hint: return stepResult(outputs, { updates: inner.updates }), or wrap the inner result in dropUpdates(...)"
    `);
  });
});
