/** A small GRU over ragged rows: the job that Node and pages train to the same bytes. It takes `createTrainer` from its caller. */
import { argmax, cast, crossEntropy, eq } from "@scan-train/core";
import { dense, gru, run } from "@scan-train/core/nn";
import { adam } from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import {
  ragged,
  scalarField,
  type Trainer,
  type TrainerOptions,
} from "@scan-train/workers/browser";

export const gruFields = { x: ragged("float32", [1]), label: scalarField("int32") };
export type GruFields = typeof gruFields;
export type GruTrainer = Trainer<GruFields>;

export interface GruRow {
  readonly x: number[][];
  readonly label: number;
}

/** Sequences of zeros and ones, and which there are more of. */
export function gruRows(count: number, longest = 20): GruRow[] {
  let state = 1;
  const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  return Array.from({ length: count }, () => {
    const ones = random();
    const length = 3 + Math.floor((longest - 3) * random());
    const x = Array.from({ length }, () => [Number(random() < ones)]);
    return { x, label: Number(2 * x.reduce((n, [bit = 0]) => n + bit, 0) > length) };
  });
}

/** The hash of bytes, in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("");
}

export interface GruOptions {
  readonly workers: number;
  readonly internal?: NonNullable<TrainerOptions<GruFields>["internal"]>;
  readonly hidden?: number;
  readonly batchSize?: number;
  readonly seed?: number;
}

/** What `createTrainer` takes. */
export function gruJob({
  workers,
  hidden = 16,
  batchSize = 32,
  seed = 1,
  internal = {},
}: GruOptions): TrainerOptions<GruFields> {
  const cell = gru({ inputSize: 1, hiddenSize: hidden, key: key(1), name: "gru" });
  const output = dense({ inputSize: hidden, outputSize: 2, key: key(2), name: "output" });
  return {
    data: gruFields,
    model: ({ x, label, lengths }) => {
      const logits = output(run(cell, x, { lengths }).final.h);
      return {
        loss: crossEntropy(logits, label),
        metrics: { accuracy: cast(eq(argmax(logits, 1), label), "float32") },
        outputs: { logits },
      };
    },
    optimizer: adam({ learningRate: 0.02, clipNorm: 1 }),
    batchSize,
    workers,
    seed,
    internal,
  };
}
