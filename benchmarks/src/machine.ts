/** What figures depend on besides the code. */
import { availableParallelism, cpus, loadavg, totalmem, type } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly gigabytes: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown processor",
    cores: availableParallelism(),
    gigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

/** Processes that wanted a core during the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** Above this load others take time from what is measured. */
export const quietLoad = 1.5;
