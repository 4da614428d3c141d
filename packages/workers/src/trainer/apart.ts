/** A trial: is the loss of a few rows together the sum of their losses one by one? */
import { ShapeError } from "@scan-train/core";
import type { Dataset } from "../data/dataset.ts";
import type { ProgramFaces } from "./programs.ts";
import type { StepEngine } from "./step-engine.ts";
import { requestsOf, Totals } from "./steps.ts";

/** How far the loss of rows together may be from that of the rows alone: far above rounding. */
const tolerance = 1e-4;

/** Tries on a few rows whether each has its loss for itself. @throws ShapeError MODEL_MIXES */
export async function checkApart(
  engine: StepEngine,
  programs: ProgramFaces,
  { parts, size }: Dataset,
): Promise<void> {
  const rows = [...new Set([0, Math.floor(size / 3), Math.floor((2 * size) / 3), size - 1])];
  if (rows.length === 1) return;
  const batches = [rows, ...rows.map((row) => [row])].map((batch) => Int32Array.from(batch));
  const options = { epoch: 0, batchSize: rows.length, shards: 1, program: programs.evaluate };
  const requests = requestsOf("evaluate", { index: 0, parts }, batches, options);
  const losses: number[] = [];
  const place = (index: number): string =>
    `trial batch ${index} (rows ${batches[index]?.join(", ") ?? ""})`;
  for await (const event of engine.steps({ datasets: [parts], requests, place }))
    if (event.kind === "result") {
      const totals = new Totals(programs.sums).add(
        event.result.results,
        event.result.step.rows,
        parts,
        1,
      );
      losses.push(totals.loss * totals.weight);
    }
  // Steps of training are counted from 0 again.
  await engine.endRun();
  const [together = 0, ...alone] = losses;
  const sum = alone.reduce((a, b) => a + b, 0);
  const scale = alone.reduce((a, b) => a + Math.abs(b), 0);
  if (Math.abs(together - sum) <= tolerance * scale + 1e-30) return;
  throw new ShapeError(
    "MODEL_MIXES",
    "the loss of a sequence depends on the other sequences of its batch",
    {
      notes: [
        `rows ${rows.join(", ")}: the losses sum to ${together} together and to ${sum} one by one`,
      ],
      hint: `compute each sequence's loss from that sequence alone; statistics over a batch would differ between its shards`,
    },
  );
}
