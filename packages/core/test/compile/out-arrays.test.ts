/** Results in arrays of the caller. */
import { beforeEach, describe, expect, test } from "vitest";
import { compile, NDArray, shared, Store, sum, tensor } from "../../src/index.ts";
import { asyncWasm } from "../../src/api/backend.ts";
import { messageOf } from "../api/message-of.ts";

const x = tensor("x", { shape: ["T", 2] });
const count = shared(0, { name: "count", dtype: "int32" });
const step = await compile({
  inputs: { x },
  outputs: { twice: x.mul(2), total: sum(x), big: x.gt(2), n: count },
  updates: [[count, count.add(1)]],
  name: "step",
  store: new Store(),
});
const values = {
  x: [
    [1, 2],
    [3, 4],
  ],
};

beforeEach(() => count.set(0));

describe("a result goes into the array given", () => {
  test("typed arrays of every kind, also parts of larger ones", () => {
    const pool = new Float32Array(8).fill(-1);
    const big = new Uint8Array(4);
    const n = new Int32Array(1).fill(7);
    const got = step(values, { out: { twice: pool.subarray(2, 6), big, n } });
    expect([...pool]).toEqual([-1, -1, 2, 4, 6, 8, -1, -1]);
    expect([...big]).toEqual([0, 0, 1, 1]);
    expect([...n]).toEqual([0]);
    expect(got.twice.data.buffer).toBe(pool.buffer);
    expect(got.twice.shape).toEqual([2, 2]);
    expect(got.total.item()).toBe(10);
  });

  test("an earlier result, again and again", () => {
    const { twice } = step(values);
    const again = step(
      {
        x: [
          [5, 5],
          [5, 5],
        ],
      },
      { out: { twice } },
    );
    expect(again.twice.data).toBe(twice.data);
    expect(twice.toArray()).toEqual([
      [10, 10],
      [10, 10],
    ]);
    expect(step(values).twice.data).not.toBe(twice.data);
  });

  test("by promise, too", async () => {
    const later = await compile({
      inputs: { x },
      outputs: { y: x.add(1) },
      backend: asyncWasm,
    });
    const y = new Float32Array(4);
    const got = await later(values, { out: { y } });
    expect(got.y.data).toBe(y);
    expect([...y]).toEqual([2, 3, 4, 5]);
  });
});

describe("a call that throws writes nothing", () => {
  /** The message of a call with `out`, which must leave array and variable alone. */
  const refusal = (out: unknown): string => {
    const message = messageOf(() => step(values, { out } as {}));
    expect(count.get().item()).toBe(0);
    return message;
  };

  test("one element, and words that begin with a vowel", () => {
    expect(refusal({ twice: new Float32Array(1) })).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step: out "twice" has 1 element, the result has shape [2, 2]
        hint: give an array of 4 elements, such as a subarray of a larger one"
    `);
    expect(refusal({ twice: new Int32Array(4) })).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step: out "twice" holds float32, which an Int32Array does not
        hint: give a Float32Array of as many elements, or an earlier result"
    `);
    expect(refusal({ twice: new Uint8Array(4) })).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step: out "twice" holds float32, which a Uint8Array does not
        hint: give a Float32Array of as many elements, or an earlier result"
    `);
  });

  test("a size that does not fit", () => {
    const twice = new Float32Array(5).fill(9);
    expect(refusal({ twice })).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step: out "twice" has 5 elements, the result has shape [2, 2]
        hint: give an array of 4 elements, such as a subarray of a larger one"
    `);
    expect([...twice]).toEqual([9, 9, 9, 9, 9]);
    const tall = new NDArray("float32", [4, 1], new Float32Array(4));
    expect(refusal({ twice: tall })).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step: out "twice" has shape [4, 1], the result has shape [2, 2]
        hint: give its data alone, which has no shape: { out: { name: result.data } }"
    `);
  });

  test("another type", () => {
    expect(refusal({ twice: new Float64Array(4) })).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step: out "twice" holds float32, which a Float64Array does not
        hint: give a Float32Array of as many elements, or an earlier result"
    `);
    expect(refusal({ twice: [0, 0, 0, 0] })).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step: out "twice" holds float32, which a list does not
        hint: give a Float32Array of as many elements, or an earlier result"
    `);
  });

  test("a name that is no output", () => {
    expect(refusal({ twise: new Float32Array(4) })).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step has no output "twise"
        hint: did you mean "twice"?"
    `);
  });

  test("one memory for two results", () => {
    const memory = new ArrayBuffer(20);
    const out = { twice: new Float32Array(memory, 0, 4), total: new Float32Array(memory, 12, 1) };
    expect(refusal(out)).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step: out "twice" and "total" share memory
        hint: give each result an array of its own"
    `);
    const apart = { twice: new Float32Array(memory, 0, 4), total: new Float32Array(memory, 16, 1) };
    expect(step(values, { out: apart }).total.item()).toBe(10);
  });

  test("something else than out", () => {
    expect(messageOf(() => step(values, { into: {} } as {}))).toMatchInlineSnapshot(`
      "ArgumentError CALL_OUT: step takes, after its inputs, only { out: arrays by name }
        hint: call it with (inputs, { out: { name: array } })"
    `);
    expect(messageOf(() => step(values, { out: [] } as {}))).toContain("CALL_OUT");
  });

  test("a check that fails", async () => {
    const checked = await compile({ inputs: { x }, outputs: { y: x.log() }, check: "nan" });
    const y = new Float32Array(4).fill(9);
    expect(() =>
      checked(
        {
          x: [
            [-1, 1],
            [1, 1],
          ],
        },
        { out: { y } },
      ),
    ).toThrow(/NaN/);
    expect([...y]).toEqual([9, 9, 9, 9]);
  });
});
