import { gpuRefusals, openGpu } from "@scan-train/gpu";
import { messageOf } from "../errors.ts";
import { inProgramWords } from "../program-words.ts";
import type { Terminal } from "../terminal.ts";

/** What can train here, and what a GPU does not do. */
export async function backends(terminal: Terminal): Promise<number> {
  const { bold, dim } = terminal.colours;
  terminal.out(`${bold("wasm")}    threads of this machine, SIMD\n`);
  try {
    const gpu = await openGpu();
    const advice = gpu.isSoftware ? "; wasm is faster than a software adapter" : "";
    terminal.out(`${bold("webgpu")}  ${gpu.adapter}${advice}\n`);
    gpu.close();
  } catch (error) {
    const [first = "", ...more] = inProgramWords(messageOf(error)).split("\n");
    terminal.out(`${bold("webgpu")}  not here: ${first.replace(/^[A-Z_]+: /, "")}\n`);
    const hint = more.find((line) => line.startsWith("  hint: "));
    if (hint !== undefined) terminal.out(`${dim(hint)}\n`);
  }
  terminal.out("\nWhat does not run on webgpu, and what it says then:\n");
  for (const { what, error } of gpuRefusals()) {
    const lines = error.message.split("\n").filter((line) => !line.startsWith("  at "));
    terminal.out(`\n- ${what}\n${lines.map((line) => dim(`    ${line}`)).join("\n")}\n`);
  }
  return 0;
}
