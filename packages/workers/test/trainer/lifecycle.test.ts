import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bernoulli, categorical, foldIn, permutation } from "@scan-train/core/random";
import {
  shared,
  sqr,
  sub,
  sum,
  where,
  mul,
  add,
  and,
  cast,
  expandDims,
  gt,
  NDArray,
} from "@scan-train/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createDataset,
  createTrainer,
  decodeTensors,
  field,
  ragged,
  scalarField,
  type TrainerEvent,
} from "../../src/node.ts";
import { averagingData, averagingRows, descent, makeWeights } from "./averaging-model.ts";
import { bitsOf, data, makeTrainer } from "./train.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "scan-train-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("fit", () => {
  it("is one flat stream of events, whose epochs and steps count from 1", async () => {
    const trainer = await makeTrainer({ workers: 2 });
    const events: TrainerEvent[] = [];
    for await (const event of trainer.fit(data, {
      epochs: 2,
      validation: averagingData(9),
      checkpoint: folder,
    }))
      events.push(event);
    await trainer.close();
    const steps = Array.from({ length: 4 }, () => "step");
    const epoch = ["epoch-start", ...steps, "epoch-end", "checkpoint"];
    expect(events.map((e) => e.kind)).toEqual(["start", ...epoch, ...epoch, "end"]);
    const counted = events.flatMap((e) =>
      "epoch" in e ? [`${e.epoch}.${"step" in e ? e.step : "-"}`] : [],
    );
    const numbers = (n: number) => [
      `${n}.1`,
      ...[1, 2, 3, 4].map((i) => `${n}.${i}`),
      `${n}.-`,
      `${n}.-`,
    ];
    expect(counted).toEqual([...numbers(1), ...numbers(2)]);
    expect(events[0]).toMatchObject({
      parameters: 18,
      workers: 2,
      shards: 4,
      sequences: 44,
      epochs: 2,
      steps: 4,
    });
    for (const event of events) {
      if (event.kind === "step") {
        expect(event.metrics["double"]).toBeCloseTo(2 * event.loss, 5);
        expect(event.seconds).toBeGreaterThan(0);
        expect(event.waste).toBeGreaterThanOrEqual(0);
        expect(event.waste).toBeLessThan(1);
      }
      if (event.kind === "epoch-end") {
        expect(event.sequences).toBe(44);
        expect(event.tokens).toBe(data.tokens);
        expect(event.validation?.sequences).toBe(9);
      }
    }
    expect(events.at(-1)).toMatchObject({ kind: "end", reason: "finished", epochs: 2, steps: 8 });
  });

  it("may be followed by evaluate, save and another fit, and by evaluate at the end of an epoch", async () => {
    const trainer = await makeTrainer();
    const whole = await makeTrainer();
    for await (const event of trainer.fit(data, { epochs: 2 }))
      if (event.kind === "epoch-end") {
        const { loss, sequences } = await trainer.evaluate(averagingRows(5));
        expect(sequences).toBe(5);
        expect(loss).toBeGreaterThan(0);
      }
    for await (const event of trainer.fit(data, { epochs: 1 })) void event;
    for await (const event of whole.fit(data, { epochs: 3 })) void event;
    expect(bitsOf(trainer)).toBe(bitsOf(whole));
    expect(trainer.position).toEqual({ epoch: 3, step: 0 });
    await trainer.close();
    await whole.close();
  });

  it("learns: the loss falls, the weights are found", async () => {
    const w = shared([0, 0], { name: "w" });
    const trainer = await createTrainer({
      data: { x: field("float32", [2]), y: scalarField("float32") },
      model: ({ x, y }) => ({ loss: sqr(sub(sum(mul(x, w), 1), y)) }),
      optimizer: descent(0.1),
      batchSize: 8,
      workers: 2,
    });
    const rows = Array.from({ length: 32 }, (_, i) => ({
      x: [i % 3, i % 2],
      y: 2 * (i % 3) - (i % 2),
    }));
    const before = await trainer.evaluate(rows);
    for await (const event of trainer.fit(rows, { epochs: 50 })) void event;
    expect((await trainer.evaluate(rows)).loss).toBeLessThan(1e-6 * before.loss);
    expect(trainer.parameters["w"]?.data[0]).toBeCloseTo(2, 3);
    expect(trainer.parameters["w"]?.data[1]).toBeCloseTo(-1, 3);
    await trainer.close();
  });

  it("stops when asked, keeps what was trained, and goes on to the same bits", async () => {
    const whole = await makeTrainer();
    for await (const event of whole.fit(data, { epochs: 3 })) void event;
    const stopped = await makeTrainer({ workers: 2 });
    const controller = new AbortController();
    let last: TrainerEvent | undefined;
    for await (const event of stopped.fit(data, { epochs: 3, signal: controller.signal })) {
      if (event.kind === "step" && event.epoch === 2) controller.abort();
      last = event;
    }
    expect(last).toMatchObject({ kind: "end", reason: "stopped" });
    const { epoch } = stopped.position;
    expect(epoch).toBeGreaterThanOrEqual(1);
    await stopped.save(folder);
    const resumed = await makeTrainer();
    await resumed.load(folder);
    expect(resumed.position).toEqual(stopped.position);
    const starts: unknown[] = [];
    for await (const event of resumed.fit(data, { epochs: 3 - epoch }))
      if (event.kind === "epoch-start") starts.push([event.epoch, event.step]);
    expect(starts[0]).toEqual([epoch + 1, stopped.position.step + 1]);
    expect(bitsOf(resumed)).toBe(bitsOf(whole));
    for (const trainer of [whole, stopped, resumed]) await trainer.close();
  });

  it("ends when its loop is left, and can be saved in the middle of an epoch", async () => {
    const whole = await makeTrainer();
    for await (const event of whole.fit(data, { epochs: 2 })) void event;
    const trainer = await makeTrainer({ workers: 2 });
    for await (const event of trainer.fit(data, { epochs: 2 }))
      if (event.kind === "step") {
        await trainer.save(folder);
        await expect(trainer.evaluate(data)).rejects.toThrow("TRAINER_BUSY");
        break;
      }
    const resumed = await makeTrainer();
    await resumed.load(folder);
    for await (const event of resumed.fit(data, { epochs: 2 - resumed.position.epoch })) void event;
    expect(bitsOf(resumed)).toBe(bitsOf(whole));
    for (const one of [whole, trainer, resumed]) await one.close();
  });
});

describe("saved models", () => {
  it("are the same bytes for equal parameters, with sorted keys", async () => {
    const trainer = await makeTrainer();
    await trainer.save(join(folder, "a"));
    await trainer.save(join(folder, "b"));
    await trainer.close();
    expect((await readdir(join(folder, "a"))).sort()).toEqual([
      "checkpoint.safetensors",
      "model.safetensors",
    ]);
    const bytes = await readFile(join(folder, "a", "model.safetensors"));
    expect(bytes.equals(await readFile(join(folder, "b", "model.safetensors")))).toBe(true);
    const { tensors } = decodeTensors(bytes, "model");
    expect([...tensors.keys()]).toEqual(["Wh", "Wo", "Wx"]);
    const checkpoint = decodeTensors(
      await readFile(join(folder, "a", "checkpoint.safetensors")),
      "checkpoint",
    );
    expect([...checkpoint.tensors.keys()]).toMatchInlineSnapshot(`
      [
        "parameters/Wh",
        "parameters/Wo",
        "parameters/Wx",
        "state/0000 Wx.momentum",
        "state/0001 Wh.momentum",
        "state/0002 Wo.momentum",
      ]
    `);
    expect(JSON.parse(checkpoint.metadata["scan-train checkpoint"] ?? "")).toMatchInlineSnapshot(`
      {
        "batchSize": 12,
        "name": "model",
        "position": {
          "epoch": 0,
          "step": 0,
        },
        "random": {
          "epoch": 0,
          "generator": "philox4x32-10",
          "seed": 5,
        },
        "seed": 5,
        "shards": 4,
        "version": 1,
      }
    `);
  });

  it("are bytes without a folder, too", async () => {
    const trainer = await makeTrainer();
    for await (const event of trainer.fit(data, { epochs: 1 })) void event;
    const [model, checkpoint] = [await trainer.exportModel(), await trainer.exportCheckpoint()];
    await trainer.save(folder);
    expect(Buffer.compare(model, await readFile(join(folder, "model.safetensors")))).toBe(0);
    const resumed = await makeTrainer();
    await resumed.load(checkpoint);
    expect(resumed.position).toEqual({ epoch: 1, step: 0 });
    const parameters = await makeTrainer();
    await parameters.load(model, { parametersOnly: true });
    for (const one of [resumed, parameters]) expect(bitsOf(one)).toBe(bitsOf(trainer));
    await expect(parameters.load(model)).rejects.toThrow(
      "CHECKPOINT: the checkpoint.safetensors given",
    );
    for (const one of [trainer, resumed, parameters]) await one.close();
  });

  it("that are missing, cut off or of another model are refused in words", async () => {
    const trainer = await makeTrainer();
    const refusal = async (at: string): Promise<string> => {
      const error: unknown = await trainer.load(at).catch((e: unknown) => e);
      return String(error).replaceAll(folder, "RUN");
    };
    expect(await refusal(join(folder, "none"))).toMatchInlineSnapshot(`
      "ArgumentError: RUN_FOLDER: RUN/none/checkpoint.safetensors cannot be read
        ENOENT: no such file or directory, open 'RUN/none/checkpoint.safetensors'
        hint: give the folder that save() wrote to"
    `);
    await trainer.save(folder);
    const file = join(folder, "checkpoint.safetensors");
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 9));
    expect(await refusal(folder)).toMatchInlineSnapshot(
      `
      "ArgumentError: FILE_CORRUPT: RUN/checkpoint.safetensors does not hold "state/0002 Wo.momentum" as its header says
        hint: it was cut off or is no safetensors file: take another one, or train again"
    `,
    );
    await writeFile(file, "x");
    expect(await refusal(folder)).toMatchInlineSnapshot(`
      "ArgumentError: FILE_CORRUPT: RUN/checkpoint.safetensors has only 1 bytes
        hint: it was cut off or is no safetensors file: take another one, or train again"
    `);
    const other = await makeTrainer({ seed: 9, optimizer: descent(0.1) });
    await other.save(folder);
    expect(await refusal(folder)).toMatchInlineSnapshot(
      `
      "ArgumentError: CHECKPOINT: RUN/checkpoint.safetensors was trained with seed 9, the trainer has 5
        hint: make the trainer with seed: 9, or load with { parametersOnly: true }"
    `,
    );
    const plain = await makeTrainer({ optimizer: descent(0.1) });
    await plain.save(folder);
    expect(await refusal(folder)).toMatchInlineSnapshot(
      `
      "ArgumentError: CHECKPOINT: RUN/checkpoint.safetensors has no "state/0000 Wx.momentum"
        hint: load it into the model and optimiser it was saved from"
    `,
    );
    await trainer.load(folder, { parametersOnly: true });
    await writeFile(join(folder, "file"), "");
    const error: unknown = await trainer.save(join(folder, "file")).catch((e: unknown) => e);
    expect(String(error).split("\n")[0]?.replaceAll(folder, "RUN")).toMatchInlineSnapshot(
      `"ArgumentError: FOLDER_WRITE: RUN/file/model.safetensors cannot be written"`,
    );
    for (const one of [trainer, other, plain]) await one.close();
  });
});

describe("predict", () => {
  it("gives outputs row by row, and asks only for the fields they need", async () => {
    const w = shared([2, 3], { name: "w" });
    const trainer = await createTrainer({
      data: { x: ragged("float32", [2]), y: scalarField("float32"), z: field("float32", [2]) },
      model: ({ x, y, z, mask }) => {
        const perStep = sum(mul(x, w), 2);
        const total = sum(where(mask, perStep, 0), 0);
        const sums = add(total, sum(mul(z, w), 1));
        return { loss: sqr(sub(sums, y)), outputs: { total, perStep, big: gt(total, 10) } };
      },
      optimizer: descent(0.1),
      batchSize: 2,
      workers: 2,
    });
    const rows = [
      { x: [[1, 1]] },
      {
        x: [
          [1, 0],
          [0, 1],
          [2, 2],
        ],
      },
      {
        x: [
          [0, 0],
          [1, 1],
        ],
      },
    ];
    const found = await trainer.predict(rows);
    expect(found.map((p) => p["total"]?.item())).toEqual([5, 15, 5]);
    expect(found.map((p) => p["perStep"]?.toArray())).toEqual([[5], [2, 3, 10], [0, 5]]);
    expect(found.map((p) => p["big"]?.toArray())).toEqual([false, true, false]);
    expect(await trainer.predict([])).toEqual([]);
    await expect(trainer.predict([{}])).rejects.toThrow('row 0 has no field "x"');
    await trainer.close();
    await trainer.close();
    await expect(trainer.predict(rows)).rejects.toThrow("TRAINER_CLOSED");
    expect(w.get().toArray()).toEqual([2, 3]);
  });
});

describe("random keys of the model", () => {
  it("depend on the row, not on its shard or worker, and dropout is off outside of training", async () => {
    const run = async (
      workers: number,
    ): Promise<{ readonly bits: string; readonly losses: readonly number[] }> => {
      const w = shared(new NDArray("float32", [8], new Float32Array(8).fill(0.5)), { name: "w" });
      const trainer = await createTrainer({
        data: { x: field("float32", [8]), y: scalarField("float32") },
        model: ({ x, y, keys, training }) => {
          const one = expandDims(categorical(foldIn(keys, 2), x), 1);
          const greater = gt(permutation(foldIn(keys, 1), 8), one);
          const kept = and(bernoulli(keys, 0.5, [8]), greater);
          const dropped = where(training, mul(mul(x, cast(kept, "float32")), 2), x);
          return { loss: sqr(sub(sum(mul(dropped, w), 1), y)) };
        },
        optimizer: descent(0.01),
        batchSize: 8,
        shards: 4,
        workers,
        seed: 11,
      });
      const rows = Array.from({ length: 20 }, (_, i) => ({
        x: Array.from({ length: 8 }, (_, j) => (i + j) % 3),
        y: i % 5,
      }));
      const dataset = createDataset({ x: field("float32", [8]), y: scalarField("float32") }, rows);
      for await (const event of trainer.fit(dataset, { epochs: 3 })) void event;
      const first = await trainer.evaluate(dataset);
      const second = await trainer.evaluate(dataset);
      const bits = JSON.stringify([...(trainer.parameters["w"]?.data ?? [])]);
      await trainer.close();
      return { bits, losses: [first.loss, second.loss] };
    };
    const one = await run(1);
    expect(one.losses[0]).toBe(one.losses[1]);
    expect(await run(3)).toEqual(one);
  });
});

describe("variables", () => {
  it("show the trained values, and take new ones between runs", async () => {
    const weights = makeWeights();
    const trainer = await makeTrainer({}, weights);
    const before = weights.Wo.get().toArray();
    for await (const event of trainer.fit(data, { epochs: 1 })) void event;
    expect(weights.Wo.get().toArray()).not.toEqual(before);
    expect(trainer.parameters["Wo"]?.toArray()).toEqual(weights.Wo.get().toArray());
    weights.Wo.set([1, 2, 3]);
    expect(trainer.parameters["Wo"]?.toArray()).toEqual([1, 2, 3]);
    expect(await trainer.readParameters()).toEqual(trainer.parameters);
    await expect(makeTrainer({}, weights)).rejects.toThrow("SHARED_OWNED");
    await trainer.close();
    const next = await makeTrainer({}, weights);
    expect(next.parameters["Wo"]?.toArray()).toEqual([1, 2, 3]);
    await next.close();
  });
});
