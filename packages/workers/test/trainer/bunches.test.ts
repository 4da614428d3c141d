import { expect, test } from "vitest";
import { data, makeTrainer } from "./train.ts";

test("a trainer lets the thread do other things while events that came in a bunch are taken slowly", async () => {
  const trainer = await makeTrainer({ batchSize: 2, shards: 2 });
  let inARow = 0;
  const rows: number[] = [];
  const timer = setInterval(() => {
    rows.push(inARow);
    inARow = 0;
  });
  for await (const event of trainer.fit(data, { epochs: 2 })) {
    if (event.kind !== "step") continue;
    const until = performance.now() + 4;
    while (performance.now() < until);
    inARow++;
  }
  clearInterval(timer);
  await trainer.close();
  expect(Math.max(...rows)).toBeLessThanOrEqual(4);
  expect(rows.reduce((a, b) => a + b) + inARow).toBe(44);
});
