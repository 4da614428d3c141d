/** Options, fields and results that the trainer does not know: named, and never ignored. */
import { mul, shared, sqr, sub, sum } from "@scan-train/core";
import { describe, expect, it } from "vitest";
import {
  createTrainer,
  field,
  scalarField,
  type ModelInputs,
  type ModelResult,
} from "../../src/node.ts";
import { descent } from "./averaging-model.ts";

const fields = { z: field("float32", [2]), y: scalarField("float32") };
type F = typeof fields;
type Model = (inputs: ModelInputs<F>) => ModelResult;

const model: Model = ({ z, y }) => ({
  loss: sqr(sub(sum(mul(z, shared([1, 1], { name: "w" })), 1), y)),
});

async function refusal(model: Model, more: object = {}): Promise<string> {
  const options = { data: fields, model, optimizer: descent(0.1), batchSize: 4, workers: 1 };
  try {
    await (await createTrainer({ ...options, ...more })).close();
  } catch (error) {
    return String(error);
  }
  return "no error";
}

describe("options are refused", () => {
  it("in words that name them", async () => {
    expect(await refusal(model, { batchSize: 0 })).toMatchInlineSnapshot(`
      "ArgumentError: TRAINER_OPTION: batchSize is 0
        hint: give a whole number from 1 to 16777216"
    `);
    expect(await refusal(model, { workers: 1.5 })).toMatchInlineSnapshot(`
      "ArgumentError: TRAINER_OPTION: workers is 1.5
        hint: give a whole number from 1 to 254"
    `);
    expect(await refusal(model, { shards: 9 })).toMatchInlineSnapshot(`
      "ArgumentError: TRAINER_OPTION: shards is 9
        hint: give a whole number from 1 to 4"
    `);
    expect(await refusal(model, { worker: 1 })).toMatchInlineSnapshot(`
      "ArgumentError: TRAINER_OPTION: createTrainer has no option worker
        hint: did you mean workers? The options are data, model, optimizer, batchSize, backend, workers, seed, shards, frozen, name, metadata"
    `);
    expect(await refusal(model, { bs: 32 })).toMatch(/did you mean batchSize\?/);
    expect(await refusal(model, { internal: { timeout: 300 } })).toMatchInlineSnapshot(`
      "ArgumentError: TRAINER_OPTION: internal has no option timeout
        hint: the options are faults, poke, startTimeout"
    `);
    expect(await refusal(model, { metadata: { classes: ["a", "b"] } })).toMatchInlineSnapshot(`
      "ArgumentError: TRAINER_OPTION: metadata: "classes" is object, no text
        hint: files hold texts: JSON.stringify(value) makes one of anything"
    `);
    expect(await refusal(model, { metadata: { epochs: 3 } })).toMatch(
      /TRAINER_OPTION: metadata: "epochs" is number, no text/,
    );
    expect(await refusal(model, { optimizer: "adam" })).toMatchInlineSnapshot(`
      "ArgumentError: TRAINER_OPTION: optimizer is "adam", which makes no updates
        hint: take one of @scan-train/core/optim: adam({ learningRate: 3e-3 })"
    `);
  });
});

describe("a result is refused", () => {
  it("when it has what the trainer does not know", async () => {
    const result =
      (more: object): Model =>
      (inputs) => ({ ...model(inputs), ...more });
    expect(await refusal(result({ weights: 1 }))).toMatchInlineSnapshot(`
      "ArgumentError: MODEL_RESULT: the result of the model has no option weights
        hint: did you mean weight? The options are loss, weight, penalty, metrics, outputs"
    `);
    expect(await refusal(result({ metric: {} }))).toMatch(
      /MODEL_RESULT: .* metric\n(?:.*\n)?.* metrics\?/,
    );
    const loss: Model = (inputs) => model(inputs).loss as never;
    expect(await refusal(loss)).toMatch(/MODEL_RESULT: the model returned no loss/);
  });
});
