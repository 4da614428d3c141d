/** Where the time of a compiled function went. */
import { ArgumentError } from "../errors/errors.ts";
import type { WorkTime } from "../runtime/host-log.ts";

/** Times of all calls since the function was compiled. */
export interface Profile {
  readonly calls: number;
  /** Inside the module and at its door. */
  readonly milliseconds: number;
  /** Kernels by the names of what they compute, the longest first. */
  readonly kernels: readonly WorkTime[];
  /** A table. */
  toString(): string;
}

/** @throws ArgumentError PROFILE_OFF */
export function profileOf(
  label: string,
  isProfiled: boolean,
  { calls, milliseconds, times }: { calls: number; milliseconds: number; times: WorkTime[] },
): Profile {
  if (!isProfiled)
    throw new ArgumentError("PROFILE_OFF", `${label} was compiled without timers`, {
      hint: "compile({ ..., profile: true })",
    });
  return {
    calls,
    milliseconds,
    kernels: times,
    toString: () => table({ calls, milliseconds, kernels: times }),
  };
}

function table({ calls, milliseconds, kernels }: Omit<Profile, "toString">): string {
  const within = kernels.reduce((sum, kernel) => sum + kernel.milliseconds, 0);
  const rest = { name: "between the kernels", count: calls, milliseconds: milliseconds - within };
  const rows = [...kernels, rest].map((row) => [
    row.name,
    String(row.count),
    row.milliseconds.toFixed(3),
    `${milliseconds === 0 ? 0 : Math.round((100 * row.milliseconds) / milliseconds)} %`,
  ]);
  const head = ["kernel", "runs", "ms", "share"];
  const widths = head.map((word, i) =>
    Math.max(word.length, ...rows.map((row) => (row[i] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join("  ");
  return [`${calls} calls, ${milliseconds.toFixed(3)} ms`, line(head), ...rows.map(line)].join(
    "\n",
  );
}
