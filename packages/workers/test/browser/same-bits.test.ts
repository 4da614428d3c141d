import { createHash } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { describeInChromium } from "../../../../scripts/browser/chromium.ts";
import { createTrainer } from "../../src/node.ts";
import { gruJob, gruRows } from "./gru-job.ts";
import type * as training from "./pages/train.ts";

const entry = new URL("./pages/train.ts", import.meta.url);

describeInChromium("a model trained in a page", (chromium) => {
  let expected: string;
  beforeAll(async () => {
    const trainer = await createTrainer(gruJob({ workers: 2 }));
    for await (const event of trainer.fit(gruRows(300), { epochs: 2 })) void event;
    expected = createHash("sha256")
      .update(await trainer.exportModel())
      .digest("hex");
    await trainer.close();
  });

  for (const isolated of [true])
    for (const workers of [1, 2])
      it(`is the same file as one trained on Node: ${isolated ? "" : "not "}isolated, ${workers} workers`, async () => {
        const page = await chromium.open<typeof training>({ entry, isolated });
        const { model } = await page.call("train", { workers });
        expect(model).toBe(expected);
      });
});
