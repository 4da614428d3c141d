/** `@scan-train/workers/node`: data-parallel training on the threads of Node. */
import { availableParallelism } from "node:os";
import type { Fields } from "./data/fields.ts";
import { fileStorage } from "./node/files.ts";
import { PiscinaTransport } from "./node/piscina-transport.ts";
import { sharedMemoryEngines } from "./trainer/shared-memory-engine.ts";
import { makeTrainer } from "./trainer/trainer.ts";
import type { Trainer, TrainerOptions } from "./trainer/types.ts";

/**
 * A trainer with a pool of threads. The same seed gives the same bits for any number of workers.
 * @example
 * const trainer = await createTrainer({ data: { x: ragged("float32", [12]), y: scalarField("int32") }, model, optimizer, batchSize: 32 });
 * for await (const event of trainer.fit(dataset, { epochs: 10 })) render(event);
 * await trainer.close();
 * @throws ArgumentError TRAINER_OPTION, FIELD_*, MODEL_*, SHARED_OWNED; ShapeError MODEL_*
 */
export function createTrainer<const F extends Fields>(
  options: TrainerOptions<F>,
): Promise<Trainer<F>> {
  return makeTrainer(
    {
      defaultWorkers: availableParallelism(),
      storage: fileStorage,
      open: (workers) => sharedMemoryEngines(new PiscinaTransport(workers)),
    },
    options,
  );
}

export { enableWideSimd, type WideSimd } from "./node/wide-simd.ts";
export * from "./trainer/public.ts";
