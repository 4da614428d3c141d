/** What a compiled function is, as text. */
import type { Build } from "../runtime/build.ts";

/** Passes, module, memory, and the loop program. */
export function explainBuild(built: Build, program: string): string {
  const { plan, bytes, reports, lowered } = built;
  const passes = reports.map((r) => `  ${r.name}: ${r.before} -> ${r.after} applications`);
  return [
    `${plan.name}: wasm SIMD, ${bytes.length} bytes, ${lowered.program.functions.length} kernels, ${plan.slots.length} slots for ${plan.slots.reduce((n, s) => n + s.buffers.length, 0)} temporaries`,
    "passes:",
    ...(passes.length === 0 ? ["  none"] : passes),
    "program:",
    program,
  ].join("\n");
}
