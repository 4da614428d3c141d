/** Trains the small model and gives back all bits: what the tests of sameness compare. */
import {
  createTrainer,
  type Trainer,
  type TrainerEvent,
  type TrainerOptions,
} from "../../src/node.ts";
import {
  averagingData,
  averagingModel,
  fields,
  makeWeights,
  momentum,
  type AveragingFields,
  type Weights,
} from "./averaging-model.ts";

export interface Trained {
  readonly bits: string;
  readonly events: readonly TrainerEvent[];
  readonly losses: readonly number[];
}

const hex = (data: ArrayBufferView): string =>
  Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("hex");

const bitsIn = (parameters: Trainer["parameters"]): string =>
  Object.values(parameters)
    .map((p) => hex(p.data))
    .join(" ");

/** The parameters' bits. */
export const bitsOf = (trainer: Trainer<AveragingFields>): string => bitsIn(trainer.parameters);

export function makeTrainer(
  options: Partial<TrainerOptions<AveragingFields>> = {},
  weights: Weights = makeWeights(),
): Promise<Trainer<AveragingFields>> {
  return createTrainer({
    data: fields,
    model: averagingModel(weights),
    optimizer: momentum(0.05),
    batchSize: 12,
    shards: 4,
    seed: 5,
    workers: 1,
    ...options,
  });
}

export const data = averagingData(44);

/** Two epochs, with validation on the same data. */
export async function train(
  options: Partial<TrainerOptions<AveragingFields>> = {},
): Promise<Trained> {
  const trainer = await makeTrainer(options);
  const events: TrainerEvent[] = [];
  try {
    for await (const event of trainer.fit(data, { epochs: 2, validation: data, shardEvents: true }))
      events.push(event);
    return {
      bits: bitsIn(await trainer.readParameters()),
      events,
      losses: events.flatMap((e) =>
        e.kind === "step"
          ? [e.loss, e.gradientNorm]
          : e.kind === "epoch-end"
            ? [e.loss, e.validation?.loss ?? NaN]
            : [],
      ),
    };
  } finally {
    await trainer.close();
  }
}
