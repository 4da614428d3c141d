import { expect, test } from "vitest";
import { findPytorch, inRounds, judged, pytorchFigures, type PytorchStep } from "../src/pytorch.ts";
import { pytorchSection, wideSection } from "../src/report-pytorch.ts";
import { findWideNode, wideFigures } from "../src/wide.ts";
import { rowsOf } from "./rows-of.ts";
import { summaryOf } from "./summary-of.ts";

const result = {
  version: "1.13",
  reason: "",
  steps: [{ workload: "S3", own: summaryOf({ min: 28 }), pytorch: summaryOf({ min: 21 }) }],
} as const;

test("PyTorch's minimum is told in ours", () => {
  expect(rowsOf(pytorchSection(result), "S3")).toEqual([expect.stringContaining(" 0.750 x |")]);
  expect(pytorchFigures(result)).toMatchObject([
    { name: "S3: PyTorch / scan-train", value: 0.75, kind: "ratio" },
  ]);
});

test("rounds: the best step of each side, and the turns of all", () => {
  let calls = 0;
  const measure = (workload: PytorchStep["workload"]): PytorchStep => {
    calls++;
    return { workload, own: summaryOf({ min: calls }), pytorch: summaryOf({ min: 100 - calls }) };
  };
  const steps = inRounds("normal", measure);
  expect(steps.map(({ workload }) => workload)).toEqual(["S1", "S2", "S3", "S4", "S5"]);
  expect(steps[1]?.own).toMatchObject({ min: 2, minima: [2, 7, 12] });
  expect(steps[1]?.pytorch).toMatchObject({ min: 88, minima: [98, 93, 88] });
  expect(inRounds("quick", measure)[0]?.own.minima).toEqual([16]);
});

test("where there is none the section says why", () => {
  const lines = pytorchSection({ version: undefined, reason: "no PyTorch", steps: [] });
  expect(lines.at(-1)).toBe("Left out: no PyTorch.");
});

test("programs that are not there have no PyTorch", () => {
  expect(findPytorch(["/no/such/python", process.execPath])).toEqual({
    python: undefined,
    reason: `/no/such/python and ${process.execPath} cannot import torch`,
  });
});

test("a PyTorch without a tuned BLAS is not compared with", () => {
  expect(judged("python3", "1.13 tuned\n")).toEqual({ python: "python3", version: "1.13" });
  expect(judged("python3", "1.13 reference\n")).toMatchObject({
    python: undefined,
    reason: expect.stringContaining("uses the reference BLAS") as string,
  });
});

test("wide vectors are told with the versions, or why there are none", () => {
  const wide = { ...result, versions: { node: "24.1.0", pytorch: "1.13" } };
  expect(rowsOf(wideSection(wide), "S3")).toEqual([expect.stringContaining(" 0.750 x |")]);
  expect(wideSection(wide).join(" ")).toContain("Node 24.1.0");
  expect(wideFigures(wide)).toMatchObject([
    { part: "wide", name: "S3: PyTorch / scan-train, wide", value: 0.75 },
  ]);
  const none = wideSection({ versions: undefined, reason: "no Node 24", steps: [] });
  expect(none.at(-1)).toBe("Left out: no Node 24.");
});

test("wide vectors need Node 24", () => {
  expect(findWideNode([undefined, "/no/such/node"])).toBeUndefined();
  const isNew = Number.parseInt(process.versions.node, 10) >= 24;
  expect(findWideNode([process.execPath])?.version).toBe(isNew ? process.versions.node : undefined);
});
