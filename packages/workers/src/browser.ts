/** `@scan-train/workers/browser`: data-parallel training on the Web Workers of a page. */
import { canShareMemory, hardwareThreads } from "./browser/globals.ts";
import { pageStorage } from "./browser/page-storage.ts";
import { requirePage } from "./browser/requirements.ts";
import { WebMail } from "./browser/web-mail.ts";
import { WebTransport } from "./browser/web-transport.ts";
import type { Fields } from "./data/fields.ts";
import { maxWorkers } from "./protocol/claims.ts";
import { mailEngines } from "./trainer/mail-engine.ts";
import { sharedMemoryEngines } from "./trainer/shared-memory-engine.ts";
import { makeTrainer } from "./trainer/trainer.ts";
import type { Trainer, TrainerOptions } from "./trainer/types.ts";

/**
 * A trainer with Web Workers; the page's own thread never waits. The same seed gives the same bits as on Node, for any number of
 * workers. Where the page is isolated, workers share memory; elsewhere they send each other what they have computed.
 * @example
 * const trainer = await createTrainer({ data: { x: ragged("float32", [12]), y: scalarField("int32") }, model, optimizer, batchSize: 32 });
 * for await (const event of trainer.fit(dataset, { epochs: 10 })) render(event);
 * download(await trainer.exportModel(), "model.safetensors");
 * await trainer.close();
 * @throws UnsupportedError PAGE_FEATURE, PAGE_WORKER; ArgumentError TRAINER_OPTION, FIELD_*, MODEL_*, SHARED_OWNED; ShapeError MODEL_*
 */
export function createTrainer<const F extends Fields>(
  options: TrainerOptions<F>,
): Promise<Trainer<F>> {
  return makeTrainer(
    {
      defaultWorkers: Math.min(hardwareThreads(), maxWorkers),
      storage: pageStorage,
      open: (workers) => {
        requirePage();
        return canShareMemory()
          ? sharedMemoryEngines(new WebTransport(workers))
          : mailEngines(new WebMail(workers));
      },
    },
    options,
  );
}

export * from "./trainer/public.ts";
