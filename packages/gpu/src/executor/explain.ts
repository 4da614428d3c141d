/** What a program does on the GPU, as text. */
import type { HostNode } from "../codegen/pieces.ts";
import type { GpuSession } from "../device/session.ts";
import type { RenderedProgram } from "../render-wgsl.ts";

/** The last call. */
export interface CallReport {
  readonly dispatches: number;
  readonly submits: number;
  /** Bytes from the host to the device. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Of the thread that called. */
  readonly encodeMilliseconds: number;
}

export function explainProgram(
  { adapterName, traits }: GpuSession,
  { kernels, kernelOf, entries }: RenderedProgram,
  { run, commit }: { readonly run: string; readonly commit: string },
  report: CallReport | undefined,
): string {
  const lines = [
    `WebGPU on ${adapterName}, ${kernels.length} kernels (${traits.workgroups}), loop counters as ${traits.immediates ? "immediates" : "uniforms"}`,
    report === undefined ? "last call: none yet" : `last call: ${reportText(report)}`,
  ];
  const walk = (nodes: readonly HostNode[], depth: number): void => {
    for (const node of nodes) {
      const indent = "  ".repeat(depth);
      if (node.kind === "call") walk(node.body, depth);
      else if (node.kind === "loop") {
        lines.push(`${indent}for ${node.var.name} < ${node.extent.toString()}`);
        walk(node.body, depth + 1);
      } else {
        const kernel = kernelOf.get(node.piece);
        if (kernel !== undefined)
          lines.push(
            `${indent}${kernel.name}: ${kernel.workgroups.toString()} x ${kernel.workgroupSize}`,
          );
      }
    }
  };
  for (const name of [run, commit]) {
    lines.push(`${name} (workgroups x invocations):`);
    walk(entries.get(name) ?? [], 1);
  }
  return lines.join("\n");
}

function reportText({
  dispatches,
  submits,
  bytesIn,
  bytesOut,
  encodeMilliseconds,
}: CallReport): string {
  return `${dispatches} dispatches in ${submits} submit${submits === 1 ? "" : "s"}, ${bytesIn} bytes to the device, ${bytesOut} bytes back, encoded in ${encodeMilliseconds.toFixed(2)} ms`;
}
