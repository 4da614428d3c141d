import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { readClaim, claimed, finished, released } from "../../src/protocol/claims.ts";
import { Coordinator } from "../../src/protocol/coordinator.ts";
import { fingerprint } from "../../src/protocol/messages.ts";
import { ShardWorker, type StepFailure } from "../../src/protocol/shard-worker.ts";
import { StubCompute, parameters, stripes, stubMemory } from "./stub.ts";

const shards = 5;
const steps = 12;
const rows = Int32Array.from({ length: 23 }, (_, i) => i);

class Death extends Error {}

interface Bench {
  readonly coordinator: Coordinator;
  readonly worker: (rank: number) => {
    readonly worker: ShardWorker;
    readonly compute: StubCompute;
  };
  readonly release: (rank: number) => void;
  readonly result: () => { readonly losses: number[]; readonly values: Float32Array };
  readonly publishAll: () => void;
}

function bench({ ring = 4 } = {}): Bench {
  const memory = stubMemory(shards);
  const coordinator = new Coordinator({
    ring,
    rows: rows.length,
    shards,
    stripes,
    results: 2,
    workers: 4,
  });
  const { control } = coordinator;
  for (let s = 0; s < shards; s++) control.store(control.slotWord(s), s);
  const losses: number[] = [];
  const publishAll = (): void => {
    for (let r = coordinator.read(); r !== undefined; r = coordinator.read())
      losses.push(r.results[0] ?? NaN);
    while (coordinator.room > 0 && coordinator.published < steps) {
      const kind = coordinator.published % 4 === 3 ? "evaluate" : "train";
      const trained = coordinator.published - Math.floor(coordinator.published / 4);
      coordinator.publish({ kind, dataset: 0, epoch: 0, source: trained % 2, shards, rows });
    }
  };
  publishAll();
  return {
    coordinator,
    worker: (rank) => {
      const compute = new StubCompute(memory, control);
      return { compute, worker: new ShardWorker(control, compute, rank, rank % 2 === 0) };
    },
    release: (rank) => {
      coordinator.release(rank, () => memory.slots.push(new Float32Array(parameters)) - 1);
    },
    publishAll,
    result: () => ({ losses, values: memory.copies[(steps - steps / 4) % 2 === 0 ? 0 : 1] }),
  };
}

/** The run on one worker, by itself. */
function alone(): ReturnType<Bench["result"]> {
  const b = bench();
  const { worker } = b.worker(0);
  while (b.result().losses.length < steps) {
    worker.poll();
    b.publishAll();
  }
  return b.result();
}

describe("claim words", () => {
  it("say who does what, in which attempt, at which tick", () => {
    expect(readClaim(claimed(77, 3, 12), 77)).toEqual({ attempt: 3, owner: 12 });
    expect(readClaim(finished(77, 2), 77)).toEqual({ attempt: 2, owner: "done" });
    expect(readClaim(released(77, 4), 77)).toEqual({ attempt: 4, owner: "free" });
    expect(readClaim(finished(77, 2), 78)).toEqual({ attempt: 0, owner: "free" });
    expect(readClaim(0, 0)).toEqual({ attempt: 0, owner: "free" });
    const late = (1 << 20) + 5;
    expect(readClaim(claimed(late, 0, 0), late)).toEqual({ attempt: 0, owner: 0 });
  });
});

describe("the protocol", () => {
  const expected = alone();

  it("gives the same bits for any workers in any order, when they die in the middle and when they write late", () => {
    const event = fc.record({
      rank: fc.nat(3),
      /** What happens in the middle of the task that the worker gets. */
      what: fc.constantFrom("nothing", "nothing", "nothing", "death", "late"),
      others: fc.nat(12),
    });
    fc.assert(
      fc.property(fc.array(event, { minLength: 20, maxLength: 300 }), (events) => {
        const b = bench();
        const workers = Array.from({ length: 4 }, (_, rank) => b.worker(rank));
        const busy = new Set<number>();
        const pollOf = (rank: number): void => {
          if (busy.has(rank)) return;
          busy.add(rank);
          try {
            workers[rank]?.worker.poll();
          } catch (error) {
            if (!(error instanceof Death)) throw error;
            b.release(rank);
          } finally {
            busy.delete(rank);
          }
          b.publishAll();
        };
        for (const { rank, what, others } of events) {
          const compute = workers[rank]?.compute;
          if (compute === undefined || busy.has(rank)) continue;
          compute.during = (_step, phase) => {
            compute.during = () => undefined;
            if (what === "death") throw new Death();
            if (what === "nothing" || phase !== "shards") return;
            // The main thread gives the worker up, others go on, and then it writes after all.
            b.release(rank);
            for (let i = 0; i < others; i++) pollOf((rank + 1 + (i % 3)) % 4);
          };
          pollOf(rank);
        }
        for (let i = 0; b.result().losses.length < steps; i++) pollOf(i % 4);
        expect(b.result().losses).toEqual(expected.losses);
        expect([...b.result().values]).toEqual([...expected.values]);
      }),
      { numRuns: 200 },
    );
  });

  it("lets workers run ahead of the main thread, but not over unread results", () => {
    const b = bench();
    const { worker } = b.worker(0);
    for (let i = 0; i < 500; i++) worker.poll();
    expect(b.coordinator.finished).toBe(4);
    expect(b.coordinator.room).toBe(0);
    expect(worker.poll()).toBe("idle");
    expect(b.coordinator.read()?.step.index).toBe(0);
    expect(b.coordinator.room).toBe(1);
  });

  it("tells the main thread at once when workers need more, and otherwise now and then", () => {
    const clock = vi.spyOn(performance, "now");
    onTestFinished(() => {
      clock.mockRestore();
    });
    let now = 1e6;
    clock.mockImplementation(() => now);
    const b = bench({ ring: 8 });
    const { worker } = b.worker(0);
    /** Whether the main thread is told of the next step that ends. */
    const isTold = (milliseconds: number): boolean => {
      now += milliseconds;
      const { news, finished } = b.coordinator;
      while (b.coordinator.finished === finished) worker.poll();
      return b.coordinator.news !== news;
    };
    // The first one, and then when half of the ring is through.
    expect(isTold(1)).toBe(true);
    expect([isTold(1), isTold(1), isTold(1), isTold(1)]).toEqual([false, false, false, true]);
    expect([isTold(49), isTold(1)]).toEqual([false, true]);
    // Nothing is left.
    expect(b.coordinator.published).toBe(8);
    expect(isTold(1)).toBe(true);
    b.publishAll();
    expect([isTold(1), isTold(1)]).toEqual([true, false]);
  });

  it("says which tasks a dead worker held, and how often they have failed", () => {
    const b = bench();
    const { worker, compute } = b.worker(2);
    compute.during = () => {
      throw new Death();
    };
    for (const attempts of [1, 2, 3]) {
      expect(() => worker.poll()).toThrow(Death);
      const freed = b.coordinator.release(2, (shard) => shard);
      expect(freed).toEqual([{ step: 0, phase: 0, task: 2, attempts }]);
    }
    expect(b.coordinator.release(1, (shard) => shard)).toEqual([]);
  });

  it("halts at a step that must not be committed, and says why", () => {
    const b = bench();
    const { worker, compute } = b.worker(0);
    const failure: StepFailure = { code: 3, task: 1, detail: 0 };
    compute.finish = (step) => (step.index === 2 ? failure : undefined);
    let polls = 0;
    while (worker.poll() !== "halted") polls++;
    expect(polls).toBeLessThan(100);
    expect(b.coordinator.finished).toBe(2);
    expect(b.coordinator.failure).toMatchObject({ code: 3, task: 1, step: { index: 2 } });
    expect(worker.poll()).toBe("halted");
  });

  it("stops when asked", () => {
    const b = bench();
    b.coordinator.stop();
    expect(b.worker(0).worker.poll()).toBe("halted");
    expect(b.coordinator.failure).toBeUndefined();
  });

  it("has a fingerprint that both sides compare", () => {
    expect(fingerprint()).toMatch(/^2-[0-9a-f]{8}$/);
  });
});
