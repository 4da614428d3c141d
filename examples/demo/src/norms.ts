/** The chart of gradient norms: a line for each cell as it began, and one for each that has learnt. */
import { Chart } from "./charts.ts";
import { setText } from "./elements.ts";
import type { CellName, FromObserver } from "./messages.ts";
import { count, short } from "./numbers.ts";

const cells: readonly { readonly cell: CellName; readonly name: string }[] = [
  { cell: "rnn", name: "tanh RNN" },
  { cell: "lstm", name: "LSTM" },
  { cell: "gru", name: "GRU" },
];
const colours = { rnn: "--two", lstm: "--one", gru: "--three" } as const;

const chart = new Chart({
  place: "norms-chart",
  title: () => "Gradient norm by time step, logarithmic",
  xLabel: "time step",
  logarithmic: true,
  format: short,
  lines: [
    ...cells.map(({ cell, name }) => ({ label: name, colour: colours[cell] })),
    ...cells.map(({ cell, name }) => ({
      label: `${name}, untrained`,
      colour: colours[cell],
      isDashed: true,
    })),
  ],
});

export const normsDrawn = (): Chart["data"] => chart.data;

/** Updates behind the line of each cell that has learnt; it stays until its cell learns again. */
const updatesOf = new Map<CellName, number>();

export function clearNorms(): void {
  chart.clear();
  updatesOf.clear();
  setText("norms-note", "");
}

export function showNorms({ cell, update, norms }: Extract<FromObserver, { kind: "norms" }>): void {
  const at = cells.findIndex((one) => one.cell === cell);
  if (update === 0) chart.replace(cells.length + at, norms);
  else {
    chart.replace(at, norms);
    updatesOf.set(cell, update);
  }
  const learnt = cells.flatMap(({ cell: one, name }) => {
    const updates = updatesOf.get(one);
    return updates === undefined ? [] : [`${name} after ${count.format(updates)} updates`];
  });
  setText("norms-note", ["Dashed: untrained", ...learnt].join("; ") + ".");
}
