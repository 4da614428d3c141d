/** What a compiled function says about a call that it refuses; a refused call changes nothing. */
import { describe, expect, test } from "vitest";
import {
  compile,
  evaluate,
  index,
  scalar,
  shared,
  Store,
  sum,
  tensor,
  vector,
  zeros,
} from "../../src/index.ts";
import { messageOf } from "../api/message-of.ts";

const x = tensor("x", { shape: ["T"] });
const y = tensor("y", { shape: ["T"] });
const i = vector("i", { dtype: "int32" });
const seen = shared(0, { name: "seen", dtype: "int32" });
const total = shared([0, 0], { name: "total" });

const add = await compile({
  inputs: { x, y, i },
  outputs: { sum: x.add(y), picked: index(x, i) },
  updates: [
    [seen, seen.add(1)],
    [total, total.add(x)],
  ],
  name: "add",
});
type Values = Parameters<typeof add>[0];
const good: Values = { x: [1, 2], y: [3, 4], i: [0] };

/** The message of a call that must change no variable. */
function refusal(values: unknown): string {
  const before = [seen.get().toArray(), total.get().toArray()];
  const message = messageOf(() => add(values as Values));
  expect([seen.get().toArray(), total.get().toArray()]).toEqual(before);
  return message;
}

describe("a call", () => {
  test("gives every input, and no other", () => {
    expect(refusal({ ...good, z: 1 })).toMatchInlineSnapshot(`
      "ArgumentError CALL_INPUT: add has no input "z"
        hint: did you mean "x"?"
    `);
    expect(refusal({ x: [1, 2], i: [0] })).toMatchInlineSnapshot(`
      "ArgumentError CALL_INPUT: add needs input "y" f32[T]
        hint: call it with { x, y, i }"
    `);
    expect(refusal(undefined)).toContain('CALL_INPUT: add needs input "x"');
  });
  test("of a function without inputs takes none", async () => {
    const read = await compile({ inputs: {}, outputs: { n: seen } });
    expect(messageOf(() => read({ x: 1 } as {}))).toMatchInlineSnapshot(`
      "ArgumentError CALL_INPUT: the compiled function has no input "x"
        hint: it takes no inputs"
    `);
  });
  test("gives values that fit their inputs", () => {
    expect(refusal({ ...good, x: "12" })).toContain("INPUT_VALUE");
    expect(refusal({ ...good, i: [0.5] })).toContain("INPUT_DTYPE");
    expect(refusal({ ...good, x: [[1, 2]] })).toMatchInlineSnapshot(`
      "ShapeError INPUT_RANK: "x" has 1 axis, the value given has shape [1, 2]
        hint: give an array of shape [T]"
    `);
    expect(refusal({ ...good, x: [[1], [1, 2]] })).toMatchInlineSnapshot(`
      "ShapeError RAGGED: input "x": nested arrays must be rectangular: entry 0 has shape [1], entry 1 has [2]
        hint: pad the rows and pass lengths, or pass them one at a time"
    `);
    expect(
      refusal({ ...good, x: { data: new Float32Array(3), shape: [2] } }),
    ).toMatchInlineSnapshot(`"ShapeError NDARRAY_SIZE: data of length 3 cannot have shape [2]"`);
  });
  test("agrees with itself in sizes that share a name", () => {
    expect(refusal({ ...good, y: [1, 2, 3] })).toMatchInlineSnapshot(`
      "ShapeError INPUT_SIZE: size T is 2 in axis 0 of "x" and 3 in axis 0 of "y"
        hint: inputs that name the same size must agree in it"
    `);
  });
  test("keeps the shapes of the variables it updates", () => {
    expect(refusal({ ...good, x: [1, 2, 3], y: [1, 2, 3] })).toMatchInlineSnapshot(`
      "ShapeError SIZE_MISMATCH: add: axis 0 of "total" (2) and axis 0 of "x" (T) must agree: 2 is not 3
        T = 3"
    `);
  });
  test("is told of broadcasting where a size is 1, and of nothing where it is 0", () => {
    expect(refusal({ ...good, x: [1], y: [1] })).toMatch(
      /2 is not 1\n {2}T = 1\n {2}hint: an axis broadcasts only where its size is the constant 1 when the graph is built$/,
    );
    expect(refusal({ ...good, x: [], y: [] })).toMatch(
      /2 is not 0\n {2}T = 0\n {2}hint: size 0 means empty: was a sequence without a step given\?$/,
    );
  });
  test("stays inside the arrays that it indexes", () => {
    const message = refusal({ ...good, i: [0, 2] });
    expect(message.replace(/at \S*call-errors\S*/, "at HERE")).toMatchInlineSnapshot(
      `
      "IndexError INDEX_RANGE: "i" points outside axis 0 of "x", whose size is T
        hint: give numbers from 0 to the size less one; negative ones count from the end"
    `,
    );
  });
  test("goes through after all that", () => {
    expect(add(good).sum.toArray()).toEqual([4, 6]);
    expect([seen.get().toArray(), total.get().toArray()]).toEqual([1, [1, 2]]);
  });
});

test("a declared size is checked at the call", async () => {
  const pair = tensor("pair", { shape: [2] });
  const twice = await compile({ inputs: { pair }, outputs: { y: pair.mul(2) } });
  expect(messageOf(() => twice({ pair: [1, 2, 3] }))).toMatchInlineSnapshot(
    `"ShapeError INPUT_SIZE: axis 0 of "pair" has size 2, the value given has shape [3]"`,
  );
});

test("a disposed function says so", async () => {
  const f = await compile({ inputs: { x }, outputs: { y: sum(x) }, name: "f" });
  expect(f({ x: [1, 2] }).y.item()).toBe(3);
  f.dispose();
  f.dispose();
  expect(messageOf(() => f({ x: [1] }))).toMatchInlineSnapshot(`
    "ArgumentError DISPOSED: f was disposed
      hint: compile it again, or dispose of it after the last call"
  `);
});

describe("results", () => {
  test("that are not one number have no item", () => {
    expect(messageOf(() => add(good).sum.item())).toMatchInlineSnapshot(
      `"ShapeError ITEM: item() needs exactly one element, this array has shape [2]"`,
    );
  });
});

test("a size or bound that turns out negative at the call is refused, never read as an address", async () => {
  const [v, n] = [vector("v"), scalar("n", { dtype: "int32" })];
  const parts = { tail: index(v, { start: n }), head: index(v, { stop: n }), filled: zeros([n]) };
  for (const part of Object.values(parts)) {
    const y = part.add(sum(v));
    const call = await compile({ inputs: { v, n }, outputs: { y } });
    expect(() => call({ v: [1, 2, 3], n: -1 })).toThrow(/"n" is negative \(-1\)/);
    expect(() => evaluate(y, { v: [1, 2, 3], n: -1 })).toThrow(/"n" is negative \(-1\)/);
    const two = { v: [1, 2, 3], n: 2 };
    expect(call(two).y.toArray()).toEqual(evaluate(y, two).toArray());
  }
});

describe("a store", () => {
  test("holds at most 4 GiB", () => {
    expect(messageOf(() => new Store().scratch(2 ** 32 + 1))).toMatchInlineSnapshot(`
      "UnsupportedError MEMORY: a call needs 4097 MiB; a store holds at most 4096
        hint: use a smaller batch or shorter sequences"
    `);
  });
  test("says when the system gives no memory, and can be used on", () => {
    const store = new Store();
    const { memory } = store;
    Object.defineProperty(memory, "grow", {
      configurable: true,
      value: () => {
        throw new RangeError("no memory");
      },
    });
    expect(messageOf(() => store.allocate(2 ** 20))).toMatchInlineSnapshot(`
      "UnsupportedError MEMORY: the system refused 1 MiB of memory
        hint: use a smaller batch or shorter sequences"
    `);
    Reflect.deleteProperty(memory, "grow");
    const address = store.allocate(2 ** 20);
    expect(memory.buffer.byteLength).toBeGreaterThan(address + 2 ** 20);
  });
});

test("values by position are refused", () => {
  const byPosition = add as unknown as (...values: readonly unknown[]) => unknown;
  expect(messageOf(() => byPosition([1, 2], [3, 4], [0]))).toMatchInlineSnapshot(`
    "ArgumentError CALL_INPUT: add takes one record by name
      hint: call it with { x, y, i }"
  `);
  expect(messageOf(() => byPosition([1, 2]))).toContain("CALL_INPUT: add takes one record by name");
});
