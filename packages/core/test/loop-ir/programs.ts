/** Small programs for tests. */
import { collectSizes } from "../../src/loop-ir/collect-sizes.ts";
import type {
  Buffer,
  BufferRole,
  LoopFunction,
  Program,
  ScalarType,
  Statement,
} from "../../src/loop-ir/types.ts";
import { type Size, symbolSize, toSize } from "../../src/size/size.ts";

export const size = (name: string): Size => symbolSize({ kind: "symbol", key: name, name });

/** Makes buffers with ids in order of creation. */
export function bufferMaker(): {
  readonly all: Buffer[];
  readonly make: (
    name: string,
    type: ScalarType,
    size: Size | number,
    role?: BufferRole,
    data?: Buffer["data"],
  ) => Buffer;
} {
  const all: Buffer[] = [];
  return {
    all,
    make(name, type, elements, role = "input", data) {
      const buffer: Buffer = {
        id: all.length,
        name,
        type,
        size: toSize(elements),
        role,
        ...(data === undefined ? {} : { data }),
      };
      all.push(buffer);
      return buffer;
    },
  };
}

/** A program with one entry, `main`. */
export function programOf(
  buffers: readonly Buffer[],
  body: readonly Statement[],
  functions: readonly LoopFunction[] = [],
): Program {
  const main: LoopFunction = { name: "main", params: [], body };
  return {
    name: "test",
    buffers,
    sizes: collectSizes(buffers, [main, ...functions]),
    functions,
    entries: [main],
    panelWidth: { f32: 8, f64: 4 },
  };
}
