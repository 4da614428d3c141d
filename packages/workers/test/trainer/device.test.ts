/** The trainer on a GPU: the numbers of the threads within float32, and what happens when something goes wrong. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cast, mul, shared, sqr, sub, sum, take } from "@scan-train/core";
import { adam } from "@scan-train/core/optim";
import { openGpu, type GpuBackend } from "@scan-train/gpu";
import { afterAll, describe, expect, it } from "vitest";
import { gpuForTests } from "../../../../scripts/gpu-for-tests.ts";
import {
  createTrainer,
  ragged,
  scalarField,
  type Trainer,
  type TrainerEvent,
} from "../../src/node.ts";
import { data, makeTrainer, train } from "./train.ts";

const gpu = await gpuForTests(openGpu);

/** The device under a backend, so that a test can take it away. */
function losing({ device }: GpuBackend): void {
  const { session } = device as unknown as {
    readonly session: { readonly device: { destroy(): void } };
  };
  session.device.destroy();
}

describe.skipIf(typeof gpu === "string")("training on a GPU", () => {
  if (typeof gpu === "string") return;
  const backend = gpu;
  afterAll(() => backend.close());

  it("gives the losses, norms and validation of the threads, within float32", async () => {
    const onGpu = await train({ backend, shards: 1 });
    const onThreads = await train({ shards: 1 });
    expect(onGpu.losses.length).toBe(onThreads.losses.length);
    for (const [i, loss] of onThreads.losses.entries())
      expect(Math.abs((onGpu.losses[i] ?? NaN) - loss)).toBeLessThan(1e-4 * (1 + Math.abs(loss)));
    const kinds = (events: readonly TrainerEvent[]): string =>
      events.map(({ kind }) => kind).join(" ");
    expect(kinds(onGpu.events)).toBe(kinds(onThreads.events));
  });

  it("says what a step does: one submit, the batch in, scalars out", async () => {
    const trainer = await makeTrainer({ backend, shards: 1 });
    for await (const event of trainer.fit(data, { epochs: 1 })) void event;
    const { gradient = "" } = trainer.explain();
    expect(gradient).toMatch(/^model train: WebGPU on .*\nlast call: \d+ dispatches in 1 submit, /);
    // weight, loss, one metric (its weight is that of the loss) and the norm
    expect(gradient).toMatch(/ 16 bytes back/);
    await trainer.close();
  });

  it("predicts, saves and loads, and goes on as if nothing had been", async () => {
    const folder = await mkdtemp(join(tmpdir(), "scan-train-"));
    const losses = (events: readonly TrainerEvent[]): number[] =>
      events.flatMap((e) => (e.kind === "step" ? [e.loss] : []));
    const fit = async (trainer: Trainer<never>, epochs: number): Promise<number[]> => {
      const events: TrainerEvent[] = [];
      for await (const event of trainer.fit(data as never, { epochs })) events.push(event);
      return losses(events);
    };
    const [whole, first, second] = [
      await makeTrainer({ backend, shards: 1 }),
      await makeTrainer({ backend, shards: 1 }),
      await makeTrainer({ backend, shards: 1 }),
    ] as unknown as readonly Trainer<never>[];
    if (whole === undefined || first === undefined || second === undefined) return;
    const wanted = await fit(whole, 2);
    const begun = await fit(first, 1);
    await first.save(folder);
    await second.load(folder);
    expect(second.position).toEqual({ epoch: 1, step: 0 });
    expect([...begun, ...(await fit(second, 1))]).toEqual(wanted);
    const values = await second.readParameters();
    expect(Object.keys(values)).toEqual(["Wx", "Wh", "Wo"]);
    expect(() => second.parameters).toThrow(/SHARED_ON_DEVICE/);
    for (const trainer of [whole, first, second]) await trainer.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("keeps the parameters before a step whose loss is not finite", async () => {
    const w = shared([1, 2], { name: "w" });
    const trainer = await createTrainer({
      backend,
      data: { x: scalarField("float32"), y: scalarField("float32") },
      model: ({ x, y }) => ({ loss: sqr(sub(mul(x, sum(w)), y)) }),
      optimizer: adam({ learningRate: 0.1 }),
      batchSize: 1,
    });
    const rows = [{ x: Infinity, y: 1 }];
    const error = await (async () => {
      for await (const event of trainer.fit(rows, { epochs: 1 })) void event;
    })().catch(String);
    expect(error).toMatch(/NON_FINITE_LOSS: epoch 1, step 1: the loss is not a finite number/);
    expect((await trainer.readParameters())["w"]?.toArray()).toEqual([1, 2]);
    await trainer.close();
    expect(w.get().toArray()).toEqual([1, 2]);
  });

  it("names the rows that a program refuses", async () => {
    const table = shared([1, 2, 3], { name: "table" });
    const trainer = await createTrainer({
      backend,
      data: { x: ragged("int32"), y: scalarField("float32") },
      model: ({ x, y, mask }) => ({
        loss: sqr(sub(sum(mul(take(table, x), cast(mask, "float32")), 0), y)),
      }),
      optimizer: adam({ learningRate: 0.1 }),
      batchSize: 2,
    });
    const rows = [
      { x: [0, 1], y: 1 },
      { x: [7], y: 1 },
    ];
    const error = await (async () => {
      for await (const event of trainer.fit(rows, { epochs: 1 })) void event;
    })().catch(String);
    expect(error).toMatch(/DATA_REFUSED: .*points outside axis 0 of "table", whose size is 3\n/);
    expect(error).toMatch(/rows of the batch: 0, 1|rows of the batch: 1/);
    await trainer.close();
  });

  it("loses its device, keeps what it last knew, and goes on after reopening", async () => {
    const own = await openGpu();
    const trainer = await makeTrainer({ backend: own, shards: 1 });
    const losses: number[] = [];
    for await (const event of trainer.fit(data, { epochs: 1 }))
      if (event.kind === "step") losses.push(event.loss);
    let lost = "";
    try {
      for await (const event of trainer.fit(data, { epochs: 1 })) {
        if (event.kind !== "step") continue;
        if (event.step === 1) losses.push(event.loss);
        if (event.step === 2) losing(own);
      }
    } catch (error) {
      lost = String(error);
    }
    expect(lost).toMatch(/DEVICE_LOST: epoch 2, step 3: the device is gone\n {2}GPU_LOST: /);
    expect(lost).toMatch(/await backend\.reopen\(\)/);
    expect(trainer.position).toEqual({ epoch: 1, step: 0 });
    await own.reopen();
    const again: number[] = [];
    for await (const event of trainer.fit(data, { epochs: 1 }))
      if (event.kind === "step") again.push(event.loss);
    expect(again[0]).toBe(losses.at(-1));
    expect(trainer.position).toEqual({ epoch: 2, step: 0 });
    await trainer.close();
    own.close();
  });

  /** A trainer of two variables, with a device of its own. */
  async function small() {
    const own = await openGpu();
    const [w, v] = [shared([1, 2], { name: "w" }), shared([0.5], { name: "v" })];
    const trainer = await createTrainer({
      backend: own,
      data: { x: scalarField("float32"), y: scalarField("float32") },
      model: ({ x, y }) => ({ loss: sqr(sub(mul(mul(x, sum(w)), sum(v)), y)) }),
      optimizer: adam({ learningRate: 0.1 }),
      batchSize: 1,
    });
    const values = async (): Promise<unknown> => [
      (await w.read()).toArray(),
      (await v.read()).toArray(),
    ];
    return { own, w, v, trainer, values };
  }
  const rows = [1, 2, 3, 4].map((n) => ({ x: n / 4, y: 1 }));
  const begun = [[1, 2], [0.5]];

  it("stands where its parameters are when the device is lost at an epoch's last step", async () => {
    for (const more of [{}, { validation: rows }]) {
      const { own, trainer, values } = await small();
      const lost = await (async () => {
        for await (const event of trainer.fit(rows, { epochs: 2, ...more }))
          if (event.kind === "step" && event.step === event.steps) losing(own);
      })().catch(String);
      expect(lost).toMatch(/DEVICE_LOST: between two steps: the device is gone/);
      await own.reopen();
      expect(trainer.position).toEqual({ epoch: 0, step: 0 });
      expect(await values()).toEqual(begun);
      for await (const event of trainer.fit(rows, { epochs: 1 })) void event;
      expect(trainer.position).toEqual({ epoch: 1, step: 0 });
      await trainer.close();
      own.close();
    }
  });

  it("keeps the steps of a fit that was left when the device is lost later", async () => {
    const seen: unknown[] = [];
    for (const loses of [false, true]) {
      const { own, trainer, values } = await small();
      for await (const event of trainer.fit(rows, { epochs: 1 }))
        if (event.kind === "step" && event.step === 2) break;
      if (loses) {
        losing(own);
        await expect(trainer.readParameters()).rejects.toThrow(/GPU_LOST/);
        await own.reopen();
      }
      expect(trainer.position).toEqual({ epoch: 0, step: 2 });
      seen.push(await values());
      own.close();
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]).not.toEqual(begun);
  });

  it("falls back with all parameters, whoever has read some of them meanwhile", async () => {
    const { own, trainer, w, values } = await small();
    const lost = await (async () => {
      for await (const event of trainer.fit(rows, { epochs: 1 })) {
        if (event.kind !== "step" || event.step !== 2) continue;
        await w.read();
        losing(own);
      }
    })().catch(String);
    expect(lost).toMatch(/DEVICE_LOST: epoch 1, step 3: /);
    await own.reopen();
    expect(await values()).toEqual(begun);
    own.close();
  });

  it("says that it was closed when it is closed in the midst of a fit", async () => {
    const { own, trainer, w } = await small();
    let closing: Promise<void> | undefined;
    const closed = await (async () => {
      for await (const event of trainer.fit(rows, { epochs: 1 }))
        if (event.kind === "step" && event.step === 2) closing = trainer.close();
    })().catch(String);
    expect(closed).toMatch(/TRAINER_CLOSED: the trainer was closed before this was through/);
    await closing;
    expect(w.get().toArray()).not.toEqual([1, 2]);
    own.close();
  });

  it("refuses threads and shards, which it does not have", async () => {
    const refusal = await makeTrainer({ backend, workers: 2 }).catch(String);
    expect(refusal).toMatch(/TRAINER_OPTION: workers is 2, on webgpu\n.*\n? *hint: leave workers/);
    const unknown = await makeTrainer({ backend: { name: "cuda", calls: "async" } }).catch(String);
    expect(unknown).toMatch(/TRAINER_OPTION: createTrainer knows no backend cuda/);
  });
});
