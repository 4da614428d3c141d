/** Memory: only what is read is kept, and calls with changing sizes leave nothing behind. */
import { expect, test } from "vitest";
import {
  compile,
  scan,
  Store,
  tanh,
  tensor,
  zeros,
  matrix,
  sum,
  grad,
  shared,
} from "../../src/index.ts";
import { readAheadBytes } from "../../src/backend/wasm/frame.ts";
import { numbers } from "./models.ts";

test("a forward scan read at its last state runs a million steps in flat memory", async () => {
  const store = new Store();
  const x = matrix("x");
  const W = shared(numbers(1, [3, 8]), { name: "W" });
  const U = shared(numbers(2, [8, 8], 0.3), { name: "U" });
  const { final } = scan({
    sequences: { x },
    init: { h: zeros([8]) },
    step: ({ x, h }) => ({ h: tanh(x.dot(W).add(h.dot(U))) }),
  });
  const last = await compile({ inputs: { x }, outputs: { h: final.h }, store });
  last({ x: numbers(3, [10, 3]) });
  const before = store.bytesInUse;
  const { h } = last({ x: numbers(3, [1_000_000, 3]) });
  expect(h.data.every(Number.isFinite)).toBe(true);
  expect(store.bytesInUse - before).toBeLessThan(12_000_000 + 1_000_000);
});

test("a counter without sequences keeps one state for a million steps", async () => {
  const store = new Store();
  const { final } = scan({
    init: { n: 0, h: zeros([4]) },
    nSteps: 1_000_000,
    step: ({ n, h }) => ({ n: n.add(1), h: tanh(h.add(0.25)) }),
  });
  const count = await compile({ inputs: {}, outputs: { n: final.n, h: final.h }, store });
  expect(count({}).n.item()).toBe(1_000_000);
  expect(store.bytesInUse).toBeLessThan(100_000);
});

test("100,000 calls with random lengths leave memory flat", async () => {
  const store = new Store();
  const x = tensor("x", { shape: ["T", 2] });
  const U = shared(numbers(2, [2, 2], 0.3), { name: "U" });
  const { final } = scan({
    sequences: { x },
    init: { h: zeros([2]) },
    step: ({ x, h }) => ({ h: tanh(x.add(h.dot(U))) }),
  });
  const cost = sum(final.h);
  const step = await compile({
    inputs: { x },
    outputs: { cost },
    updates: [[U, U.sub(grad(cost, U).mul(1e-4))]],
    store,
  });
  const longest = numbers(3, [16, 2]);
  step({ x: longest });
  const bytes = store.memory.buffer.byteLength;
  const used = store.bytesInUse;
  let state = 1;
  for (let i = 0; i < 100_000; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const T = state % 17;
    step({ x: { data: longest.data.subarray(0, 2 * T), shape: [T, 2] } });
  }
  expect(store.bytesInUse).toBe(used);
  expect(store.memory.buffer.byteLength).toBe(bytes);
  expect(U.get().data.every(Number.isFinite)).toBe(true);
}, 60_000);

test("memory goes on after the last array, whose last vector is read whole", () => {
  for (const bytes of [4, 64, 65_472, 65_473, 131_008, 1_048_512]) {
    const store = new Store(false);
    const end = store.allocate(bytes) + bytes;
    expect(store.memory.buffer.byteLength - end).toBeGreaterThanOrEqual(readAheadBytes);
  }
});
