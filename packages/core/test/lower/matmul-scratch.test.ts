/** Which products get room for a copy of a block of their left operand. */
import { expect, test } from "vitest";
import { dot, matrix, tensor, transpose, type Tensor } from "../../src/index.ts";
import { allStatements } from "../../src/loop-ir/walk.ts";
import { lower } from "../../src/lower/lower.ts";

function scratchOf(inputs: readonly Tensor[], y: Tensor, packs = true): (number | undefined)[] {
  const { program } = lower({
    name: "f",
    inputs,
    outputs: [{ name: "y", tensor: y }],
    updates: [],
    panelWidth: { f32: 8, f64: 4 },
    packs,
  });
  return program.entries
    .flatMap(({ body }) => allStatements(body))
    .flatMap((s) => (s.kind === "matmul" ? [s.scratch?.size.constant] : []));
}

const known = (name: string, shape: readonly number[]): Tensor => tensor(name, { shape });

test.each<[string, Tensor, Tensor, (number | undefined)[]]>([
  ["transposed, all of a small one", known("x", [10, 7]), known("w", [10, 64]), [70]],
  ["transposed, a block of a large one", known("x", [300, 200]), known("w", [300, 64]), [30720]],
  ["transposed, few columns to multiply", known("x", [10, 7]), known("w", [10, 63]), [undefined]],
])("%s", (_, x, w, expected) => {
  expect(scratchOf([x, w], dot(transpose(x), w))).toEqual(expected);
});

test("as it lies: none", () => {
  const [x, w] = [known("x", [7, 10]), known("w", [10, 64])];
  expect(scratchOf([x, w], dot(x, w))).toEqual([undefined]);
});

test("where panels are not packed: none", () => {
  const [x, w] = [known("x", [10, 7]), known("w", [10, 64])];
  expect(scratchOf([x, w], dot(transpose(x), w), false)).toEqual([undefined]);
});

test("a result that is not row-major, which the kernel does not write from tiles: none", () => {
  const [x, w] = [known("x", [10, 7]), known("w", [10, 64])];
  expect(scratchOf([x, w], transpose(dot(transpose(x), w)))).toEqual([undefined]);
});

test("sizes that only a call knows: a block for many rows, none for one", () => {
  const [x, w] = [matrix("x"), known("w", [10, 64])];
  expect(scratchOf([x, w], dot(transpose(x), w))).toEqual([undefined, 120 * 256]);
});
