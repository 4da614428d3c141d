/** A misspelt option of a layer, a cell or a run is never ignored. */
import { describe, expect, test } from "vitest";
import { matrix, tensor, tensor3, vector } from "../../src/index.ts";
import {
  bidirectional,
  dense,
  embedding,
  gru,
  layer,
  layerNormLstm,
  linearRecurrence,
  lstm,
  mgu,
  peepholeLstm,
  recurrentDropout,
  rnn,
  run,
  sequential,
  zero,
} from "../../src/nn.ts";
import { key } from "../../src/random.ts";
import { message, refusal } from "../api/refusal.ts";

const x = vector("x");

describe("names of options", () => {
  test("of layers and cells", () => {
    const more = { key: key(1), name: "a" };
    const cell = { inputSize: 1, hiddenSize: 2, ...more };
    for (const make of [rnn, gru, lstm, peepholeLstm, layerNormLstm, mgu, linearRecurrence])
      expect(refusal(make, { ...cell, hidden: 3 })).toMatch(
        /LAYER_OPTION: .* has no option hidden/,
      );
    expect(refusal(dense, { inputSize: 1, outputSize: 1, ...more, biass: false })).toMatch(
      /LAYER_OPTION: dense has no option biass/,
    );
    expect(refusal(embedding, { count: 0, size: 1, ...more })).toMatch(/embedding: count is 0/);
    expect(refusal(gru, { ...cell, hiddenSize: 1.5 })).toMatch(/gru: hiddenSize is 1.5/);
    expect(refusal(gru, { ...cell, key: 1 })).toMatch(/LAYER_OPTION: gru "a" has no key/);
    expect(refusal(gru, { ...cell, key: x })).toMatch(/RANDOM_KEY/);
    expect(message(gru, { ...cell, dtype: "int32" })).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: gru: dtype is "int32"
        hint: parameters are float32 or float64"
    `);
    expect(message(lstm, { ...cell, init: { recurrent: zero } })).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: lstm: init has no option recurrent
        hint: did you mean state? The options are input, state"
    `);
    expect(refusal(linearRecurrence, { ...cell, init: { state: zero } })).toMatch(
      /LAYER_OPTION: linearRecurrence: init has no option state/,
    );
    expect(refusal(rnn, { ...cell, init: zero })).toMatch(
      /LAYER_OPTION: rnn: init takes options by name, not a function/,
    );
    expect(message(dense, { in_features: 1, outputSize: 1, ...more })).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: dense has no option in_features
        hint: did you mean inputSize? The options are inputSize, outputSize, key, name, dtype, init, bias, activation"
    `);
    for (const make of [dense, embedding, gru, lstm, rnn])
      expect(refusal(make)).toMatch(/LAYER_OPTION: \w+ takes options by name, not undefined/);
    expect(message(dense, { inputSize: 1, outputSize: 1, ...more, activation: "relu" }))
      .toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: dense "a": activation is "relu"
        hint: give a function of a tensor: activation: relu"
    `);
    expect(refusal(rnn, { ...cell, activation: 1 })).toMatch(/rnn "a": activation is 1/);
    expect(refusal(gru, { ...cell, name: "" })).toMatch(/LAYER_OPTION: gru has no name/);
    const mask = matrix("mask", { dtype: "bool" });
    expect(refusal(bidirectional, gru(cell), gru(cell), tensor3("x"), { mask })).toMatch(
      /LAYER_OPTION: bidirectional has no option mask/,
    );
  });
  test("of recurrent dropout, which needs a cell with gates", () => {
    const options = { inputSize: 1, hiddenSize: 2, key: key(1), name: "a" };
    const [cell, drop] = [gru(options), { rate: 0.5, key: key(2) }];
    expect(message(recurrentDropout, rnn(options), drop)).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: recurrentDropout: this cell has no gates
        hint: take a gated one: lstm, gru, mgu, or one with stepWith"
    `);
    expect(message(recurrentDropout, cell, { ...drop, rate: 1 })).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: recurrentDropout: rate is 1
        hint: give a part from 0 on, below 1"
    `);
    expect(message(recurrentDropout, cell, { ...drop, each: "row" })).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: recurrentDropout: each is "row"
        hint: it is "step" or "sequence""
    `);
    expect(refusal(recurrentDropout, cell, { ...drop, p: 0.5 })).toMatch(
      /LAYER_OPTION: recurrentDropout has no option p/,
    );
    expect(refusal(recurrentDropout, cell, { rate: 0.5, key: 1 })).toMatch(/RANDOM_KEY/);
    const keys = tensor("keys", { shape: ["T", "B", 2], dtype: "int32" });
    expect(refusal(recurrentDropout, cell, { rate: 0.5, key: keys })).toMatch(
      /LAYER_OPTION: recurrentDropout: key has 3 axes/,
    );
  });
  test("of calls of layers, where one may also forget to pass none", () => {
    const more = { key: key(1), name: "a" };
    const made = gru({ inputSize: 1, hiddenSize: 2, ...more });
    const output = dense({ inputSize: 2, outputSize: 1, ...more });
    const ids = vector("ids", { dtype: "int32" });
    const rows = tensor3("rows");
    expect(message(run, made, rows, { length: 1 })).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: run has no option length
        hint: did you mean lengths? The options are lengths, mask, goBackwards, memory"
    `);
    expect(refusal(run, made, [[[1]]])).toMatch(/OPERAND: run: the input is not a tensor/);
    expect(refusal(run, made, rows, vector("n", { dtype: "int32" }))).toMatch(
      /LAYER_OPTION: run takes options by name, not an instance of Tensor/,
    );
    expect(refusal(layer(made), rows, { mask: rows })).toMatch(/layer has no option mask/);
    expect(message(output, rows, { lenghts: ids })).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: layer "a" has no option lenghts
        hint: did you mean lengths? The only option is lengths"
    `);
    expect(refusal(embedding({ count: 2, size: 1, ...more }), ids, { reverse: true })).toMatch(
      /LAYER_OPTION: layer "a" has no option reverse/,
    );
    expect(message(sequential([output]), rows, { sequenceLengths: ids })).toMatchInlineSnapshot(`
      "ArgumentError LAYER_OPTION: sequential has no option sequenceLengths
        hint: the only option is lengths"
    `);
    expect(refusal(() => [rows].map(output as never))).toMatch(
      /layer "a" takes options by name, not 0/,
    );
  });
});
