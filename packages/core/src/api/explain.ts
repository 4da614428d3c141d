/** What a compiled function is, as text. */
import { printProgram } from "../loop-ir/print.ts";
import type { PassReport } from "../rewrite/pipeline.ts";
import type { Build } from "../runtime/build.ts";

/** Passes, module, memory, and the loop program. */
export function explainBuild(built: Build): string {
  const { plan, bytes, reports, lowered, style } = built;
  const simd = `${style.isWide ? "wide SIMD" : "SIMD"}${style.isRelaxed ? " with relaxed products" : ""}`;
  return [
    `${plan.name}: wasm ${simd}, ${bytes.length} bytes, ${lowered.functions.length} kernels, ${plan.slots.length} slots for ${plan.slots.reduce((n, s) => n + s.buffers.length, 0)} temporaries`,
    "passes:",
    ...explainPasses(reports),
    "program:",
    printProgram(lowered),
  ].join("\n");
}

/** A line for each time that a pass changed something, and one for those that never did. */
export function explainPasses(reports: readonly PassReport[]): string[] {
  if (reports.length === 0) return ["  none"];
  const changes = reports.filter(({ changed }) => changed);
  const names = new Set(reports.map(({ name }) => name));
  for (const { name } of changes) names.delete(name);
  return [
    ...changes.map((r) => `  ${r.name}: ${r.before} -> ${r.after} applications`),
    ...(names.size === 0 ? [] : [`  unchanged: ${[...names].join(", ")}`]),
  ];
}
