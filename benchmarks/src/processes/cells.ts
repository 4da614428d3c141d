/** Training steps of the library's LSTM and of cells that users write, in turns. Argument: the effort. */
import { compile, grad, mean, sqr, tensor } from "@scan-train/core";
import { lstm, run } from "@scan-train/core/nn";
import { sgd } from "@scan-train/core/optim";
import { key } from "@scan-train/core/random";
import { cellSizes, productFlops, type CellResult } from "../cells.ts";
import { report } from "../fresh-process.ts";
import { symmetric } from "../numbers.ts";
import { summarize } from "../statistics.ts";
import { runInTurns, warmUp, type Step } from "../turns.ts";
import {
  layerNormLstm,
  minimalGru,
  peepholeLstm,
  peepholeLstmByGate,
  type CellSizes,
  type UserCell,
} from "../user-cells.ts";

const { inputSize, hiddenSize, T, B } = cellSizes;

function ownLstm(sizes: CellSizes): UserCell {
  const cell = lstm({ ...sizes, key: key(1), name: "lstm" });
  return { parameters: cell.parameters, run: (x) => run(cell, x).outputs.h };
}

const cells = [
  { name: "nn.lstm", gates: 4, make: ownLstm },
  { name: "peephole LSTM", gates: 4, make: peepholeLstm },
  { name: "peephole LSTM, a matrix per gate", gates: 4, make: peepholeLstmByGate },
  { name: "minimal GRU", gates: 2, make: minimalGru },
  { name: "layer-norm LSTM", gates: 4, make: layerNormLstm },
] as const;

const values = {
  x: symmetric(10, [T, B, inputSize], 1),
  y: symmetric(11, [T, B, hiddenSize], 1),
};

async function trainingStep(name: string, make: (sizes: CellSizes) => UserCell): Promise<Step> {
  const x = tensor("x", { shape: ["T", "B", inputSize] });
  const y = tensor("y", { shape: ["T", "B", hiddenSize] });
  const cell = make({ inputSize, hiddenSize });
  const cost = mean(sqr(cell.run(x).sub(y)));
  const updates = sgd(cell.parameters, grad(cost, cell.parameters), 0.1);
  const train = await compile({ inputs: { x, y }, outputs: { cost }, updates, name });
  const first = train(values).cost.item();
  const second = train(values).cost.item();
  if (!(second < first)) throw new Error(`${name}: the loss is ${first}, then ${second}`);
  return () => train(values).cost.item();
}

const quick = process.argv[2] === "quick";
const contestants = [];
for (const { name, make } of cells)
  contestants.push({ name, step: await trainingStep(name, make) });
for (const { step } of contestants) warmUp(step, 800);
const samples = runInTurns(contestants, { turns: quick ? 3 : 10, turnTime: 250 });
const results: CellResult[] = cells.map(({ name, gates }, i) => ({
  name,
  gigaflop: productFlops(gates, cellSizes) / 1e9,
  summary: summarize(samples[i] ?? []),
}));
report(results);
