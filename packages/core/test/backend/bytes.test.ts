import { expect, test } from "vitest";
import { ByteWriter } from "../../src/backend/wasm/encoder/bytes.ts";

/** Signed LEB128 by its definition: seven bits at a time, until the rest is the sign of what was written. */
function decodeSigned(bytes: Uint8Array): number {
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
  }
  return Number(BigInt.asIntN(Number(shift), value));
}

const near = (x: number): number[] => [x - 1, x, x + 1];
const powers = Array.from({ length: 31 }, (_, i) => 2 ** i);
const values = [
  ...powers.flatMap(near),
  ...powers.flatMap((x) => near(-x)),
  -(2 ** 31),
  2 ** 31 - 1,
];

test.each(values)("%i is written as itself, in as few bytes as there can be", (value) => {
  const bytes = new ByteWriter().signed(value).toBytes();
  expect(decodeSigned(bytes)).toBe(value);
  expect(bytes).toEqual(new ByteWriter().signed64(BigInt(value)).toBytes());
});

test("unsigned numbers are the same bits", () => {
  const bytes = (x: number): number[] => [...new ByteWriter().signed(x).toBytes()];
  expect(bytes(2 ** 32 - 1)).toEqual(bytes(-1));
  expect(bytes(2 ** 31)).toEqual(bytes(-(2 ** 31)));
});

test("what outgrows its memory is kept", () => {
  const out = new ByteWriter();
  for (let i = 0; i < 1000; i++) out.u8(i & 0xff);
  expect([...out.toBytes()]).toEqual(Array.from({ length: 1000 }, (_, i) => i & 0xff));
});
