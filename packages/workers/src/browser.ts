/** `@scan-train/workers/browser`: the same trainer on Web Workers. The threads come in a later version; the words are final. */
import { UnsupportedError } from "@scan-train/core";
import type { Fields } from "./data/fields.ts";
import type { Trainer, TrainerOptions } from "./trainer/types.ts";

/** @throws UnsupportedError BROWSER_TRAINER */
export function createTrainer<const F extends Fields>(
  options: TrainerOptions<F>,
): Promise<Trainer<F>> {
  return Promise.reject(
    new UnsupportedError(
      "BROWSER_TRAINER",
      `training "${options.name ?? "model"}" in a page is not supported yet`,
      {
        hint: "train with @scan-train/workers/node; compile() runs models in pages",
      },
    ),
  );
}

export * from "./trainer/public.ts";
