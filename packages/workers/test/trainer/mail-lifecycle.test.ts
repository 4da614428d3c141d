/** What a trainer does besides training, with workers that have memories of their own. */
import { mul, shared, sum } from "@scan-train/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { OwnMemoryService } from "../../src/compute/mail-service.ts";
import { ragged, type TrainerEvent } from "../../src/node.ts";
import { fileStorage } from "../../src/node/files.ts";
import { fingerprint } from "../../src/protocol/messages.ts";
import type { MailService } from "../../src/protocol/mail.ts";
import { mailEngines } from "../../src/trainer/mail-engine.ts";
import { makeTrainer as makeOn } from "../../src/trainer/trainer.ts";
import type { MailTransport } from "../../src/trainer/mail-transport.ts";
import type { Trainer } from "../../src/trainer/types.ts";
import { averagingRows, makeWeights, momentum, type AveragingFields } from "./averaging-model.ts";
import { byMail, HereTransport, threadOf, trainByMail, type MailOptions } from "./mail-trainer.ts";
import { bitsOf, data, makeTrainer } from "./train.ts";

async function open(options: MailOptions): Promise<Trainer<AveragingFields>> {
  const trainer = await byMail(options);
  onTestFinished(() => trainer.close());
  return trainer;
}

async function onThreads(): Promise<Trainer<AveragingFields>> {
  const trainer = await makeTrainer();
  onTestFinished(() => trainer.close());
  return trainer;
}

async function fit(trainer: Trainer<AveragingFields>, epochs: number): Promise<void> {
  for await (const event of trainer.fit(data, { epochs })) void event;
}

describe("a trainer by mail", () => {
  it("evaluates as one on threads does", async () => {
    const [mail, threads] = [await open({ workers: 2 }), await onThreads()];
    const { seconds: _mail, ...ours } = await mail.evaluate(data);
    const { seconds: _threads, ...theirs } = await threads.evaluate(data);
    expect(ours).toEqual(theirs);
  });

  it("evaluates between epochs, and goes on to the same bits", async () => {
    const whole = await onThreads();
    await fit(whole, 2);
    const trainer = await open({ workers: 2 });
    for await (const event of trainer.fit(data, { epochs: 2 }))
      if (event.kind === "epoch-end")
        expect((await trainer.evaluate(averagingRows(5))).sequences).toBe(5);
    expect(bitsOf(trainer)).toBe(bitsOf(whole));
  });

  it("predicts per row and per step, in the order of the rows", async () => {
    const trainer = await makeOn(
      {
        defaultWorkers: 2,
        storage: fileStorage,
        open: (workers) => mailEngines(new HereTransport(workers)),
      },
      {
        data: { x: ragged("float32"), keep: ragged("bool") },
        model: ({ x, keep }) => ({
          loss: mul(x, shared(2, { name: "w" })),
          outputs: { twice: mul(x, 2), total: sum(x, 0), kept: keep },
        }),
        optimizer: momentum(0.1),
        batchSize: 4,
        shards: 2,
      },
    );
    onTestFinished(() => trainer.close());
    const rows = [3, 1, 2, 5, 4, 1, 2].map((length, row) => ({
      x: Array.from({ length }, (_, t) => 10 * row + t),
      keep: Array.from({ length }, (_, t) => (row + t) % 2 === 0),
    }));
    const found = await trainer.predict(rows);
    expect(found.map(({ twice }) => twice?.toArray())).toEqual(
      rows.map(({ x }) => x.map((value) => 2 * value)),
    );
    expect(found.map(({ total }) => total?.item())).toEqual(
      rows.map(({ x }) => x.reduce((a, b) => a + b, 0)),
    );
    expect(found.map(({ kept }) => kept?.toArray())).toEqual(rows.map(({ keep }) => keep));
  });

  it("stops when asked, keeps what was trained, and goes on to the same bits", async () => {
    const whole = await onThreads();
    await fit(whole, 3);
    const stopped = await open({ workers: 2 });
    const controller = new AbortController();
    let last: TrainerEvent | undefined;
    for await (const event of stopped.fit(data, { epochs: 3, signal: controller.signal })) {
      if (event.kind === "step" && event.epoch === 2) controller.abort();
      last = event;
    }
    expect(last).toMatchObject({ kind: "end", reason: "stopped" });
    const resumed = await open({ workers: 1 });
    await resumed.load(await stopped.exportCheckpoint());
    expect(resumed.position).toEqual(stopped.position);
    await fit(resumed, 3 - resumed.position.epoch);
    expect(bitsOf(resumed)).toBe(bitsOf(whole));
  });

  it("gives whole states while it trains, and after its loop is left", async () => {
    const whole = await onThreads();
    await fit(whole, 2);
    const trainer = await open({ workers: 2 });
    let checkpoint: Uint8Array = new Uint8Array();
    for await (const event of trainer.fit(data, { epochs: 2 }))
      if (event.kind === "step") {
        checkpoint = await trainer.exportCheckpoint();
        await expect(trainer.evaluate(data)).rejects.toThrow("TRAINER_BUSY");
        if (event.step === 3) break;
      }
    const resumed = await open({ workers: 1 });
    await resumed.load(checkpoint);
    expect(resumed.position.step).toBeGreaterThan(0);
    await fit(resumed, 2);
    expect(bitsOf(resumed)).toBe(bitsOf(whole));
    await fit(trainer, 2 - trainer.position.epoch);
    expect(bitsOf(trainer)).toBe(bitsOf(whole));
  });

  it("takes new values of variables between steps, not while they go through", async () => {
    const weights = makeWeights();
    const trainer = await open({ workers: 2, weights });
    await fit(trainer, 1);
    weights.Wo.set([1, 2, 3]);
    const { loss } = await trainer.evaluate(data);
    const other = makeWeights();
    for (const name of ["Wx", "Wh", "Wo"] as const) other[name].set(weights[name].get());
    const fresh = await open({ workers: 1, weights: other });
    expect((await fresh.evaluate(data)).loss).toBe(loss);
    for await (const event of trainer.fit(data, { epochs: 1 }))
      if (event.kind === "step") {
        expect(() => {
          weights.Wo.set([1, 2, 3]);
        }).toThrow("TRAINER_BUSY");
        break;
      }
    await trainer.close();
    weights.Wo.set([3, 2, 1]);
  });

  it("is at most 32 steps ahead of the reader, and ends when its loop is left there", async () => {
    const trainer = await open({ workers: 2 });
    for await (const event of trainer.fit(averagingRows(500), { epochs: 1 }))
      if (event.kind === "step") {
        await expect.poll(() => trainer.position.step, { timeout: 10_000 }).toBe(33);
        await new Promise((resolve) => setTimeout(resolve, 100));
        break;
      }
    expect(trainer.position).toEqual({ epoch: 0, step: 33 });
  });

  it("ends a fit with words when it is closed", async () => {
    const trainer = await open({ workers: 2 });
    const fitting = (async () => {
      for await (const event of trainer.fit(data, { epochs: 1000 }))
        if (event.kind === "step") void trainer.close();
    })();
    await expect(fitting).rejects.toThrow("TRAINER_CLOSED");
  });
});

describe("workers by mail", () => {
  const withService = (service: () => MailService, workers = 1): Promise<string> => {
    const transport: MailTransport = {
      workers,
      take: () => threadOf(service()),
      close: () => undefined,
    };
    return trainByMail({ workers, transport, internal: { startTimeout: 300 } }).then(
      () => "no error",
      (error: unknown) => String(error).replaceAll(fingerprint(), "OURS"),
    );
  };
  const except = (part: Partial<MailService>): MailService => {
    const own = new OwnMemoryService();
    return {
      begin: (task) => own.begin(task),
      adopt: (task) => {
        own.adopt(task);
      },
      shard: (task) => own.shard(task),
      finish: (task) => own.finish(task),
      ...part,
    };
  };

  it("are refused when built from other sources", async () => {
    const service = except({ begin: () => ({ kind: "refused", fingerprint: "0-old" }) });
    expect(await withService(() => service)).toMatchInlineSnapshot(`
      "UnsupportedError: WORKER_STALE: the workers were built from other sources than the trainer
        trainer OURS, worker 0-old
        hint: build the package again: npm run build"
    `);
  });

  it("are given up when they keep ending", async () => {
    const begin = (): never => {
      throw new Error("no room");
    };
    expect(await withService(() => except({ begin }), 2)).toMatchInlineSnapshot(`
      "UnsupportedError: WORKERS_LOST: workers keep ending before they have done anything
        the last one: no room
        hint: is the machine short of memory or overloaded? fewer workers need less"
    `);
  });

  it("are given up when none starts", async () => {
    const never = new Promise<never>(() => undefined);
    const transport: MailTransport = {
      workers: 1,
      take: () => ({
        begin: () => never,
        adopt: () => never,
        shard: () => never,
        finish: () => never,
        end: () => undefined,
      }),
      close: () => undefined,
    };
    await expect(
      trainByMail({ workers: 1, transport, internal: { startTimeout: 300 } }),
    ).rejects.toThrow("WORKERS_LOST: no worker has started within 0.3 seconds");
  });

  it("are not to blame for a shard that ends every one of them", async () => {
    const faults = [{ step: 1, shard: 2, action: "throw", attempts: 99 }] as const;
    await expect(trainByMail({ workers: 2, internal: { faults } })).rejects
      .toThrowErrorMatchingInlineSnapshot(`
      [UnsupportedError: SHARD_FAILED: epoch 1, step 2: shard 2 ended 3 workers
        rows of the batch: 25, 31, 37, 43, 6, 18, 30, 42
        the last worker: a fault was asked for at step 1
        hint: see what ends them; when memory is short, take smaller batches or more shards]
    `);
  });

  it("nor for an update that does", async () => {
    const faults = [{ step: 1, phase: "finish", action: "throw", attempts: 99 }] as const;
    await expect(trainByMail({ workers: 2, internal: { faults } })).rejects
      .toThrowErrorMatchingInlineSnapshot(`
      [UnsupportedError: SHARD_FAILED: epoch 1, step 2: the update ended 3 workers
        rows of the batch: 25, 31, 37, 43, 6, 18, 30, 42
        the last worker: a fault was asked for at step 1
        hint: see what ends them; when memory is short, take smaller batches or more shards]
    `);
  });

  it("answer with what is wrong about the data", async () => {
    const trainer = await open({ workers: 2 });
    const rows = averagingRows(20).map((row, i) =>
      i === 7 ? { ...row, y: row.y.map(() => Infinity) } : row,
    );
    const before = bitsOf(trainer);
    const fitting = (async () => {
      for await (const event of trainer.fit(rows, { epochs: 1 })) void event;
    })();
    await expect(fitting).rejects.toThrow("NON_FINITE_LOSS");
    expect(trainer.position.step).toBeLessThan(2);
    if (trainer.position.step === 0) expect(bitsOf(trainer)).toBe(before);
    await fit(trainer, 1);
  });
});
