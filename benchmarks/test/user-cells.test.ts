import { evaluate, tensor, type Tensor } from "@scan-train/core";
import { layerNormLstm, mgu, peepholeLstm, run } from "@scan-train/core/nn";
import { key } from "@scan-train/core/random";
import { expect, test } from "vitest";
import { symmetric } from "../src/numbers.ts";
import * as user from "../src/user-cells.ts";

const sizes = { inputSize: 3, hiddenSize: 4 };
const x = tensor("x", { shape: ["T", "B", 3] });
const values = { x: symmetric(5, [6, 2, 3], 1) };
const named = { ...sizes, key: key(1), name: "cell" };

type Values = readonly (readonly number[])[];
const dataOf = (cell: Pick<user.UserCell, "parameters">): Values =>
  cell.parameters.map((p) => [...p.get().data].map(Number));

/** The columns of matrices side by side, or vectors end to end. */
function sideBySide(parts: Values, rows: number): number[] {
  return Array.from({ length: rows }, (_, row) =>
    parts.flatMap((data) =>
      data.slice((row * data.length) / rows, ((row + 1) * data.length) / rows),
    ),
  ).flat();
}

function start(cell: { readonly parameters: user.UserCell["parameters"] }, data: Values): void {
  for (const [i, p] of cell.parameters.entries())
    p.set({ data: Float32Array.from(data[i] ?? []), shape: p.get().shape });
}

function expectSame(own: user.UserCell, library: Tensor): void {
  const wanted = evaluate(library, values).data;
  const got = evaluate(own.run(x), values).data;
  expect(got.length).toBe(6 * 2 * 4);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(Number(wanted[i]), 6);
}

test("the peephole LSTM is that of the library", () => {
  const own = user.peepholeLstm(sizes);
  const cell = peepholeLstm(named);
  const [W = [], U = [], b = [], ...peepholes] = dataOf(own);
  start(cell, [W, U, b, peepholes.flat()]);
  expectSame(own, run(cell, x).outputs.h);
});

test("so it is with a matrix for each gate", () => {
  const own = user.peepholeLstmByGate(sizes);
  const cell = peepholeLstm(named);
  // In the order in which its gates are made: i, f, o with peepholes, then g.
  const all = dataOf(own);
  const at = (offset: number): Values => [0, 4, 12, 8].map((gate) => all[gate + offset] ?? []);
  const peepholes = [3, 7, 11].flatMap((i) => all[i] ?? []);
  start(cell, [sideBySide(at(0), 3), sideBySide(at(1), 4), at(2).flat(), peepholes]);
  expectSame(own, run(cell, x).outputs.h);
});

test("the minimal GRU is that of the library", () => {
  const own = user.minimalGru(sizes);
  const cell = mgu(named);
  const [Wf = [], Wn = [], Uf = [], Un = [], bf = [], bn = []] = dataOf(own);
  start(cell, [sideBySide([Wf, Wn], 3), sideBySide([Uf, Un], 4), [...bf, ...bn]]);
  expectSame(own, run(cell, x).outputs.h);
});

test("the layer-norm LSTM is that of the library", () => {
  const own = user.layerNormLstm(sizes);
  const cell = layerNormLstm(named);
  const [W = [], U = [], b = [], gx = [], , gh = [], , gc = [], bc = []] = dataOf(own);
  start(cell, [W, U, gx, gh, b, gc, bc]);
  expectSame(own, run(cell, x).outputs.h);
});
