/** Texts that a model file carries beside its numbers. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { decodeTensors } from "../../src/index.ts";
import { makeTrainer } from "./train.ts";

const metadata = { words: JSON.stringify(["Zoë", "Ann"]), about: "a trial" };

it("is written by save() and exportModel(), in the order of its keys", async () => {
  const folder = await mkdtemp(join(tmpdir(), "scan-train-"));
  const trainer = await makeTrainer({ metadata });
  await trainer.save(folder);
  const saved = await readFile(join(folder, "model.safetensors"));
  const checkpoint = await readFile(join(folder, "checkpoint.safetensors"));
  await rm(folder, { recursive: true });
  expect(Buffer.compare(saved, await trainer.exportModel())).toBe(0);
  expect(Object.entries(decodeTensors(saved, "model").metadata)).toEqual([
    ["about", "a trial"],
    ["words", '["Zoë","Ann"]'],
  ]);
  expect(Object.keys(decodeTensors(checkpoint, "checkpoint").metadata)).toEqual([
    "scan-train checkpoint",
  ]);
  await trainer.close();
});

it("stays out of a model where nothing is said, and out of the way of load", async () => {
  const [plain, told] = [await makeTrainer(), await makeTrainer({ metadata })];
  expect(decodeTensors(await plain.exportModel(), "model").metadata).toEqual({});
  await plain.load(await told.exportModel(), { parametersOnly: true });
  await Promise.all([plain.close(), told.close()]);
});
