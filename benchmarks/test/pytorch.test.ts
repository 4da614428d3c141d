import { expect, test } from "vitest";
import { findPytorch, judged, pytorchFigures } from "../src/pytorch.ts";
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
