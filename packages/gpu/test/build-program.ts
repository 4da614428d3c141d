/** Small programs, written by hand. */
import {
  constantSize,
  symbolSize,
  type Buffer,
  type LoopFunction,
  type Program,
  type ScalarType,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";
import { renderWgsl } from "../src/render-wgsl.ts";
import type { WgslKernel } from "../src/wgsl-kernel.ts";

/** The size that is called `name`. */
export const size = (name: string): Size => symbolSize({ kind: "symbol", key: name, name });
export const n = size("n");

/** Numbered buffers with names. */
export function buffers<K extends string>(
  types: Readonly<Record<K, ScalarType>>,
  extent: Size = n,
): Readonly<Record<K, Buffer>> {
  const entries = Object.entries<ScalarType>(types).map(([name, type], id): [string, Buffer] => [
    name,
    { id, name, type, size: extent, role: "input" },
  ]);
  return Object.fromEntries(entries) as Record<K, Buffer>;
}

export const func = (
  name: string,
  body: readonly Statement[],
  params: LoopFunction["params"] = [],
): LoopFunction => ({ name, params, body });

/** A program of functions that an empty entry does not call, unless entries are given. */
export function program(
  bound: Readonly<Record<string, Buffer>>,
  functions: readonly LoopFunction[],
  entries: readonly LoopFunction[] = [],
): Program {
  return {
    name: "test",
    buffers: Object.values(bound),
    sizes: [],
    functions,
    entries,
    panelWidth: { f32: 8, f64: 4 },
  };
}

/** The only kernel of one function with this body. */
export function kernelOf(
  bound: Readonly<Record<string, Buffer>>,
  body: readonly Statement[],
): WgslKernel {
  const [kernel, ...more] = renderWgsl(program(bound, [func("kernel", body)]));
  if (kernel === undefined || more.length > 0) throw new RangeError("one kernel was expected");
  return kernel;
}

/** What `main` does, without the lines that find an invocation's place. */
export function mainOf({ code }: WgslKernel): string {
  const lines = code.slice(code.indexOf("@compute")).trimEnd().split("\n");
  const first = lines.findIndex((line) => line.endsWith("{")) + 1;
  return lines
    .slice(first, -1)
    .filter((line) => !/invocation(_\d+)? = |invocation(_\d+)? >= /.test(line))
    .map((line) => line.slice(2))
    .join("\n");
}

export const two = constantSize(2);
