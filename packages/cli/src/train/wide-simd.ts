import { enableWideSimd } from "@scan-train/workers/node";
import type { Terminal } from "../terminal.ts";

/** Asks for wide vectors if the user did, and says in a line what came of it. */
export async function widenSimd(wideSimd: boolean): Promise<readonly string[]> {
  if (!wideSimd) return [];
  const { enabled, reason } = await enableWideSimd();
  return [`backend: wasm, ${enabled ? "wide SIMD" : "as without --wide-simd"}: ${reason}`];
}

/** The same for commands whose output is an answer: only what did not work is said, beside it. */
export async function widenOrNote(terminal: Terminal, wideSimd: boolean): Promise<void> {
  if (!wideSimd) return;
  const { enabled, reason } = await enableWideSimd();
  if (!enabled) terminal.err(`note: as without --wide-simd: ${reason}\n`);
}
