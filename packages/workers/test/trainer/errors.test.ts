import {
  abs,
  crossEntropy,
  log,
  mean,
  mul,
  reshape,
  shared,
  sqr,
  sub,
  sum,
  take,
  transpose,
  type Tensor,
} from "@scan-train/core";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../src/protocol/messages.ts";
import {
  createTrainer,
  field,
  ragged,
  scalarField,
  type Fields,
  type ModelInputs,
  type Row,
  type ModelResult,
  type TrainerEvent,
  type TrainerOptions,
} from "../../src/node.ts";
import { sharedMemoryEngines } from "../../src/trainer/shared-memory-engine.ts";
import { makeTrainer as makeOn } from "../../src/trainer/trainer.ts";
import type { Transport } from "../../src/trainer/transport.ts";
import { fileStorage } from "../../src/node/files.ts";
import { descent } from "./averaging-model.ts";

const fields = { x: ragged("float32", [2]), y: scalarField("float32"), z: field("float32", [2]) };
type F = typeof fields;
type Model = (inputs: ModelInputs<F>) => ModelResult;

const weight = (): ReturnType<typeof shared<"float32">> => shared([1, 1], { name: "w" });

async function refusal(model: Model, more: Partial<TrainerOptions<F>> = {}): Promise<string> {
  const options = {
    data: fields,
    model,
    optimizer: descent(0.1),
    batchSize: 4,
    workers: 1,
    ...more,
  };
  try {
    await (await createTrainer(options)).close();
  } catch (error) {
    return String(error).replaceAll(/(made at) .*$/gm, "$1 HERE");
  }
  return "no error";
}

const linear =
  (w: Tensor) =>
  ({ z, y }: Pick<ModelInputs<F>, "z" | "y">): ModelResult => ({
    loss: sqr(sub(sum(mul(z, w), 1), y)),
  });

describe("a model is refused", () => {
  it("when its loss was reduced, or is laid out wrongly", async () => {
    const w = weight();
    expect(await refusal((i) => ({ loss: mean(linear(w)(i).loss) }))).toMatchInlineSnapshot(`
      "ShapeError: MODEL_LOSS: the loss is a scalar: it was summed or averaged over the batch
        made at HERE
        hint: return one loss per sequence, [B], or per time step, [T, B]; the trainer sums and divides by the total weight, which is right for any lengths and any number of workers"
    `);
    expect(await refusal(({ x }) => ({ loss: transpose(sum(mul(x, w), 2)) })))
      .toMatchInlineSnapshot(`
      "ShapeError: MODEL_LOSS: the loss has shape [B, T], not [B] or [T, B]
        made at HERE
        hint: sum it over the axes after the batch; time goes before the batch"
    `);
    expect(await refusal(({ x }) => ({ loss: mul(x, w) }))).toMatchInlineSnapshot(`
      "ShapeError: MODEL_LOSS: the loss has shape [T, B, 2], not [B] or [T, B]
        made at HERE
        hint: keep the batch axis, and sum over all axes but time and batch"
    `);
    expect(await refusal(() => undefined as unknown as ModelResult)).toMatchInlineSnapshot(`
      "ArgumentError: MODEL_RESULT: the model returned no loss
        hint: return { loss } with one loss per sequence, [B], or per time step, [T, B]"
    `);
    expect(await refusal(({ z }) => ({ loss: sum(mul(z, w), 0) }))).toMatchInlineSnapshot(`
      "ShapeError: MODEL_LOSS: the loss has shape [2], not [B] or [T, B]
        made at HERE
        hint: keep the batch axis, and sum over all axes but time and batch"
    `);
  });

  it("when sequences of a batch depend on each other", async () => {
    const w = weight();
    const model: Model = ({ z, y }) => ({ loss: sqr(sub(sum(mul(sub(z, mean(z, 0)), w), 1), y)) });
    expect(await refusal(model)).toMatchInlineSnapshot(`
      "ShapeError: MODEL_MIXES: the loss of a sequence depends on the other sequences of its batch
        a value of shape [2] over the whole batch is made at HERE
        hint: compute each sequence's loss from that sequence alone: statistics of a batch would differ between shards; use layer normalisation, or constants computed before"
    `);
  });

  it("when its weight, metrics, outputs or penalty do not fit", async () => {
    const w = weight();
    const base = linear(w);
    expect(await refusal((i) => ({ ...base(i), weight: i.lengths.sum() }))).toMatchInlineSnapshot(`
      "ShapeError: MODEL_WEIGHT: the weight has shape [], the loss [B]
        hint: give one weight for each loss"
    `);
    expect(await refusal((i) => ({ ...base(i), metrics: { error: mean(i.y) } })))
      .toMatchInlineSnapshot(`
      "ShapeError: MODEL_METRIC: metric "error" has shape [], not [B] or [T, B]
        hint: return it unreduced; the trainer averages it as it averages the loss"
    `);
    expect(await refusal((i) => ({ ...base(i), outputs: { all: sum(i.z) } })))
      .toMatchInlineSnapshot(`
      "ShapeError: MODEL_OUTPUT: output "all" has shape [], not [B, ...] or [T, B, ...]
        hint: keep the batch axis first, or second after time"
    `);
    expect(await refusal((i) => ({ ...base(i), penalty: sum(i.z) }))).toMatchInlineSnapshot(`
      "ShapeError: MODEL_PENALTY: the penalty depends on the data ("z")
        hint: a penalty is a function of parameters; put what depends on data into the loss"
    `);
    expect(await refusal((i) => ({ ...base(i), penalty: w }))).toMatchInlineSnapshot(`
      "ShapeError: MODEL_PENALTY: the penalty has shape [2], not []
        hint: sum it: it is added once, whatever the batch"
    `);
    expect(await refusal(({ x }) => ({ loss: sum(mul(x, w), 2).index({ start: 1 }) })))
      .toMatchInlineSnapshot(`
      "ShapeError: MODEL_WEIGHT: the loss has shape [max(-1 + T, 0), B], for which there is no mask
        hint: return a weight of the same shape that says which losses count"
    `);
  });

  it("when it has nothing to train, or parameters without names of their own", async () => {
    expect(await refusal(({ y }) => ({ loss: sqr(y) }))).toMatchInlineSnapshot(`
      "ArgumentError: MODEL_PARAMETERS: the loss depends on no variable that could be trained
        hint: make parameters with shared(value, { name }) and use them in the model"
    `);
    expect(await refusal(linear(shared([1, 1])))).toMatchInlineSnapshot(`
      "ArgumentError: MODEL_PARAMETERS: a parameter has no name
        made at HERE
        hint: give each its own: shared(value, { name }); models are saved by these names"
    `);
    const [a, b] = [weight(), weight()];
    expect(await refusal(linear(mul(a, b)))).toMatchInlineSnapshot(`
      "ArgumentError: MODEL_PARAMETERS: two parameters are called "w"
        made at HERE
        hint: give each its own: shared(value, { name }); models are saved by these names"
    `);
    expect(await refusal(linear(a), { frozen: [a] })).toContain("MODEL_PARAMETERS");
  });
});

/** The error that a fit ends with, and what came before. */
async function failure<const D extends Fields>(
  options: Pick<TrainerOptions<D>, "data" | "model">,
  rows: readonly Row<D>[],
  rate = 0.1,
): Promise<{
  readonly message: string;
  readonly events: readonly TrainerEvent[];
  readonly parameters: unknown;
}> {
  const trainer = await createTrainer({
    ...options,
    optimizer: descent(rate),
    batchSize: 4,
    shards: 2,
    workers: 2,
    seed: 2,
  });
  const events: TrainerEvent[] = [];
  let message = "no error";
  try {
    for await (const event of trainer.fit(rows, { epochs: 2 })) events.push(event);
  } catch (error) {
    message = String(error);
  }
  const parameters = Object.values(trainer.parameters).map((p) => p.toArray());
  await trainer.close();
  return { message, events, parameters };
}

describe("training ends with words", () => {
  const data = { z: field("float32", [2]), y: scalarField("float32") };
  const rows = Array.from({ length: 12 }, (_, i) => ({ z: [i % 3, 1], y: i === 7 ? -1 : 1 }));

  it("when a loss is not finite: epoch, step, rows; the last good parameters stay", async () => {
    const w = weight();
    const { message, events, parameters } = await failure(
      { data, model: ({ z, y }) => ({ loss: mul(sum(mul(z, w), 1), log(y)) }) },
      rows,
    );
    expect(message).toMatchInlineSnapshot(`
      "TrainingError: NON_FINITE_LOSS: epoch 1, step 2: the loss is not a finite number
        rows of shard 1: 6, 7
        the parameters are those before this step
        hint: look at these rows for values that are not finite; lower the learning rate, or clip gradients: clipNorm"
    `);
    const steps = events.filter((e) => e.kind === "step").length;
    expect(steps).toBe(1);
    expect(JSON.stringify(parameters)).toMatch(/^\[\[[\d.]+,[\d.]+\]\]$/);
  });

  it("when a gradient is not finite though the loss is", async () => {
    const w = shared([0, 0], { name: "w" });
    const model = ({ z }: { readonly z: Tensor }): ModelResult => ({
      loss: abs(sum(mul(z, w), 1)).sqrt(),
    });
    const { message, parameters } = await failure({ data, model }, rows);
    expect(message).toMatchInlineSnapshot(`
      "TrainingError: NON_FINITE_GRADIENT: epoch 1, step 1: the gradient is not finite
        rows of the batch: 0, 1, 2, 3
        the parameters are those before this step
        hint: lower the learning rate, or clip gradients: clipNorm; outside of scan, padding is zeros: keep log, sqrt and division from it by where(mask, x, 1)"
    `);
    expect(parameters).toEqual([[0, 0]]);
  });

  it("when training runs away", async () => {
    const { message, parameters } = await failure(
      { data, model: linear(weight()) },
      rows.slice(0, 4),
      1e30,
    );
    expect(message.split("\n")[0]).toMatchInlineSnapshot(
      `"TrainingError: NON_FINITE_LOSS: epoch 2, step 1: the loss is not a finite number"`,
    );
    expect(JSON.stringify(parameters)).not.toContain("null");
  });

  it("when an index lies outside of an embedding", async () => {
    const E = shared([[1], [2], [3]], { name: "E" });
    const { message } = await failure(
      {
        data: { id: scalarField("int32") },
        model: ({ id }) => ({ loss: sqr(reshape(take(E, id), [id.size(0)])) }),
      },
      [0, 1, 2, 1, 0, 3, 2, 1].map((id) => ({ id })),
    );
    expect(message).toMatchInlineSnapshot(`
      "ArgumentError: DATA_REFUSED: trial batch 0 (rows 0, 2, 5, 7): "id" points outside axis 0 of "E", whose size is 3
        rows of shard 0: 0, 2, 5, 7
        hint: look at these rows: an index in them lies outside of what the model has"
    `);
  });

  it("when sequences mix where the graph does not show it", async () => {
    const w = shared([[1, 1]], { name: "w" });
    const { message } = await failure(
      {
        data: { z: field("float32", [1]), y: scalarField("int32") },
        model: ({ z, y }) => {
          const logits = z.dot(w);
          return {
            loss: crossEntropy(logits, y).mul(transpose(logits).softmax().transpose().sum(1)),
          };
        },
      },
      Array.from({ length: 6 }, (_, i) => ({ z: [i], y: i % 2 })),
    );
    expect(message.replaceAll(/sum to .*/g, "sum to ...")).toMatchInlineSnapshot(`
      "ShapeError: MODEL_MIXES: the loss of a sequence depends on the other sequences of its batch
        rows 0, 2, 4, 5: the losses sum to ...
        hint: compute each sequence's loss from that sequence alone; statistics over a batch would differ between its shards"
    `);
  });

  it("when there is nothing to train on, or options are wrong", async () => {
    const trainer = await createTrainer({
      data,
      model: linear(weight()),
      optimizer: descent(0.1),
      batchSize: 4,
      workers: 1,
    });
    const first = async (rowsGiven: readonly object[], epochs: number): Promise<string> => {
      try {
        for await (const event of trainer.fit(rowsGiven as never, { epochs })) void event;
      } catch (error) {
        return String(error);
      }
      return "no error";
    };
    expect(await first([], 1)).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_EMPTY: the training data has no rows
        hint: give at least one row"
    `);
    expect(await first(rows, 0)).toMatchInlineSnapshot(`
      "ArgumentError: TRAINER_OPTION: epochs is 0
        hint: give a whole number from 1 to 9007199254740991"
    `);
    await expect(trainer.predict([{}])).rejects.toThrow("PREDICT");
    await trainer.close();
  });
});

describe("workers that are not right", () => {
  const data = { z: field("float32", [2]), y: scalarField("float32") };
  const rows = [
    { z: [1, 1], y: 1 },
    { z: [1, 2], y: 1 },
  ];
  const withTransport = async (transport: Transport): Promise<string> => {
    const trainer = await makeOn(
      { defaultWorkers: 1, storage: fileStorage, open: () => sharedMemoryEngines(transport) },
      {
        data,
        model: linear(weight()),
        optimizer: descent(0.1),
        batchSize: 2,
        workers: 1,
        internal: { startTimeout: 300 },
      },
    );
    try {
      for await (const event of trainer.fit(rows, { epochs: 1 })) void event;
    } catch (error) {
      return String(error).replaceAll(fingerprint(), "OURS");
    } finally {
      await trainer.close();
    }
    return "no error";
  };
  const close = (): Promise<void> => Promise.resolve();

  it("are refused when built from other sources", async () => {
    const transport: Transport = {
      workers: 1,
      isCrowded: false,
      start: ({ rank }) => Promise.resolve({ kind: "refused", rank, fingerprint: "0-old" }),
      close,
    };
    expect(await withTransport(transport)).toMatchInlineSnapshot(`
      "UnsupportedError: WORKER_STALE: the workers were built from other sources than the trainer
        trainer OURS, worker 0-old
        hint: build the package again: npm run build"
    `);
  });

  it("end the run when they never start", async () => {
    const transport: Transport = {
      workers: 1,
      isCrowded: false,
      start: () => new Promise(() => undefined),
      close,
    };
    expect(await withTransport(transport)).toMatchInlineSnapshot(`
      "UnsupportedError: WORKERS_LOST: no worker has started within 0.3 seconds
        hint: is the machine short of memory or overloaded? fewer workers need less"
    `);
  });

  it("end the run when they die before they do anything", async () => {
    const transport: Transport = {
      workers: 1,
      isCrowded: false,
      start: () => Promise.reject(new Error("no such file")),
      close,
    };
    expect(await withTransport(transport)).toMatchInlineSnapshot(`
      "UnsupportedError: WORKERS_LOST: workers keep ending before they have done anything
        the last one: no such file
        hint: is the machine short of memory or overloaded? fewer workers need less"
    `);
  });
});
