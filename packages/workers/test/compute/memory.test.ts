import { readAheadBytes } from "@scan-train/core/backend-kit";
import { expect, test } from "vitest";
import { Arena, createOwnMemory, MemoryViews } from "../../src/compute/memory.ts";

test("memory goes on after whatever an arena gives out", () => {
  const views = new MemoryViews(createOwnMemory());
  const arena = new Arena(views, 65_536);
  for (const bytes of [65_472, 64, 65_536, 131_072, 60_000, 5_536]) {
    const end = arena.allocate(bytes) + bytes;
    expect(views.memory.buffer.byteLength - end).toBeGreaterThanOrEqual(readAheadBytes);
    expect(views.u8.length).toBeGreaterThanOrEqual(end);
  }
});
