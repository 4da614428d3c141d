/** What RESULTS.md says of PyTorch. */
import type { PytorchResult } from "./pytorch.ts";
import type { WideResult } from "./wide.ts";
import { bandText, figure, table, times } from "./table.ts";

export function pytorchSection({ version, reason, steps }: PytorchResult): readonly string[] {
  if (version === undefined) return ["## Beside PyTorch", "", `Left out: ${reason}.`];
  return [
    "## Beside PyTorch",
    "",
    `PyTorch ${version} on one thread (its BLAS too) in a program that is kept alive and waits while we have our turn, and we while it has its. The`,
    "same numbers, the first three losses checked; `nn.LSTM` for S3, `nn.GRU` for S5, loops over time for the others: the faster way of",
    "each. All of it in three rounds (--quick: one). *x as long* is PyTorch's minimum over ours: above 1 we are the faster one.",
    "",
    ...stepsTable(steps),
  ];
}

export function wideSection({ versions, reason, steps }: WideResult): readonly string[] {
  if (versions === undefined) return ["## Wide vectors", "", `Left out: ${reason}.`];
  return [
    "## Wide vectors",
    "",
    `The same on Node ${versions.node} after \`enableWideSimd()\`: vectors of 32 bytes, the same bits. PyTorch ${versions.pytorch} as before.`,
    "",
    ...stepsTable(steps),
  ];
}

function stepsTable(steps: PytorchResult["steps"]): readonly string[] {
  return table(
    [
      "",
      "scan-train min",
      "median",
      "noise band",
      "PyTorch min",
      "median",
      "noise band",
      "x as long",
    ],
    steps.map(({ workload, own, pytorch }) => [
      workload,
      ...[own, pytorch].flatMap(({ min, median, band }) => [
        figure(min),
        figure(median),
        bandText(band),
      ]),
      times(pytorch.min / own.min),
    ]),
  );
}
