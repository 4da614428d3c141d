/** What figures depend on besides the code. */
import { existsSync, readFileSync } from "node:fs";
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
    cpu: processorOf(
      cpus()[0]?.model.trim() ?? "unknown processor",
      existsSync(details) ? readFileSync(details, "utf8") : "",
    ),
    cores: availableParallelism(),
    gigabytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

/** Where Linux tells more of a processor than its name, which virtual machines keep short: one name, two generations. */
const details = "/proc/cpuinfo";

/** The name, with family and model where `cpuinfo` has them. */
export function processorOf(name: string, cpuinfo: string): string {
  const [family, model] = ["cpu family", "model"].map(
    (key) => new RegExp(`^${key}\\s*: (\\d+)$`, "m").exec(cpuinfo)?.[1],
  );
  return family === undefined || model === undefined
    ? name
    : `${name} (family ${family}, model ${model})`;
}

/** Processes that wanted a core during the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0;
}

/** Above this load others take time from what is measured. */
export const quietLoad = 1.5;
