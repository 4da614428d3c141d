// Snapshots of messages leave out the line that says where they were thrown: it moves with every edit of a test.
import { expect } from "vitest";

const place = /\n {2}at (?:\S+:\d+:\d+|HERE|here)(?=\n|$)/g;
const hasPlace = (text: string): boolean => text.search(place) >= 0;

expect.addSnapshotSerializer({
  test: (value: unknown) =>
    typeof value === "string"
      ? hasPlace(value)
      : value instanceof Error && "code" in value && hasPlace(value.message),
  serialize(value: unknown, config, indentation, depth, refs, printer) {
    if (value instanceof Error) return `[${value.name}: ${value.message.replaceAll(place, "")}]`;
    return printer(String(value).replaceAll(place, ""), config, indentation, depth, refs);
  },
});
