import { beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../src/protocol/fault.ts";
import { data, makeTrainer, train, type Trained } from "./train.ts";

describe("the same seed gives the same bits", () => {
  let expected: Trained;
  beforeAll(async () => {
    expected = await train();
  });
  const same = (found: Trained): void => {
    expect(found.bits).toBe(expected.bits);
    expect(found.losses).toEqual(expected.losses);
  };
  const deaths = (found: Trained): number =>
    found.events.filter((e) => e.kind === "worker-died").length;

  it("in a second run", async () => {
    same(await train());
    expect((await train({ seed: 6 })).bits).not.toBe(expected.bits);
  });

  for (const workers of [2, 3])
    it(`with ${workers} workers`, async () => {
      same(await train({ workers }));
    });

  it("while all workers work", async () => {
    const trainer = await makeTrainer({ workers: 3 });
    const who = new Set<number>();
    for await (const event of trainer.fit(data, { epochs: 1000, shardEvents: true })) {
      if (event.kind === "shard") who.add(event.worker);
      if (who.size === 3) break;
    }
    await trainer.close();
    expect(who.size).toBe(3);
  });

  const faults: readonly (readonly [string, readonly Fault[]])[] = [
    ["leaves in a shard", [{ step: 1, shard: 2, action: "exit" }]],
    ["throws in a shard", [{ step: 2, shard: 1, action: "throw" }]],
    ["has an uncaught error", [{ step: 1, shard: 0, action: "uncaught" }]],
    ["leaves while gradients are added", [{ step: 1, phase: "reduce", action: "exit" }]],
    ["leaves in the update, half written", [{ step: 3, phase: "finish", action: "exit" }]],
    ["fails twice at the same shard", [{ step: 0, shard: 3, action: "exit", attempts: 2 }]],
    [
      "is one of several",
      [0, 1, 2].map((shard) => ({ step: shard, shard, action: "exit" }) as const),
    ],
  ];
  for (const [what, list] of faults)
    for (const workers of [1, 3])
      it(`when a worker ${what}, of ${workers}`, async () => {
        const found = await train({ workers, internal: { faults: list } });
        same(found);
        expect(deaths(found)).toBe(list.reduce((n, fault) => n + (fault.attempts ?? 1), 0));
      });

  it("whatever padding holds, and however much of it there is", async () => {
    same(await train({ internal: { poke: { fill: NaN } } }));
    same(await train({ internal: { poke: { fill: 1e30, extraSteps: 9 } }, workers: 2 }));
  });
});

describe("a shard that ends every worker", () => {
  it("ends the run with its name, in bounded time", async () => {
    const began = performance.now();
    const fault: Fault = { step: 1, shard: 2, action: "exit", attempts: 99 };
    await expect(train({ workers: 2, internal: { faults: [fault] } })).rejects
      .toThrowErrorMatchingInlineSnapshot(`
      [UnsupportedError: SHARD_FAILED: epoch 1, step 2: shard 2 ended 3 workers
        rows of the batch: 25, 31, 37, 43, 6, 18, 30, 42
        the last worker: worker exited with code: 7
        hint: see what ends them; when memory is short, take smaller batches or more shards]
    `);
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
