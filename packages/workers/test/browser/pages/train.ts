/** What the tests call in a page that trains. */
import { createTrainer, type TrainerEvent } from "@scan-train/workers/browser";
import { gruJob, gruRows, type GruOptions } from "../gru-job.ts";

const sha256 = async (bytes: Uint8Array): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, "0")).join("");
};

export interface Trained {
  readonly model: string;
  readonly events: readonly TrainerEvent[];
}

/** Trains the small GRU for two epochs. */
export async function train(options: GruOptions): Promise<Trained> {
  const trainer = await createTrainer(gruJob(options));
  const events: TrainerEvent[] = [];
  for await (const event of trainer.fit(gruRows(300), { epochs: 2, validation: gruRows(50) }))
    events.push(event);
  const model = await sha256(await trainer.exportModel());
  await trainer.close();
  return { model, events };
}
