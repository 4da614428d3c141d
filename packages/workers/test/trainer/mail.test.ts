/** Workers with memories of their own. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Fault } from "../../src/protocol/fault.ts";
import { trainByMail } from "./mail-trainer.ts";
import { train, type Trained } from "./train.ts";

describe("workers by mail give the bits of threads over one memory", () => {
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

  for (const workers of [1, 2, 3])
    it(`with ${workers} workers`, async () => {
      const found = await trainByMail({ workers });
      same(found);
      const who = found.events.flatMap((e) => (e.kind === "shard" ? [e.worker] : []));
      expect(new Set(who).size).toBe(workers);
    });

  const faults: readonly (readonly [string, readonly Fault[]])[] = [
    ["ends in a shard", [{ step: 1, shard: 2, action: "throw" }]],
    ["ends while gradients are added", [{ step: 1, phase: "reduce", action: "throw" }]],
    ["ends in the update, half written", [{ step: 3, phase: "finish", action: "throw" }]],
    ["fails twice at the same shard", [{ step: 0, shard: 3, action: "throw", attempts: 2 }]],
    [
      "is one of several",
      [0, 1, 2].map((shard) => ({ step: shard, shard, action: "throw" }) as const),
    ],
  ];
  for (const [what, list] of faults)
    for (const workers of [1, 3])
      it(`when a worker ${what}, of ${workers}`, async () => {
        const found = await trainByMail({ workers, internal: { faults: list } });
        same(found);
        expect(deaths(found)).toBe(list.reduce((n, fault) => n + (fault.attempts ?? 1), 0));
      });
});
