/** The choices of the form. */
import { element } from "./elements.ts";
import type { CellName, Settings, TaskName } from "./messages.ts";

const number = (id: string): number => element(id, HTMLInputElement).valueAsNumber;
const choice = (id: string): string => element(id, HTMLSelectElement).value;

/** What suits a task; the names have the command line's defaults. */
const defaults: Readonly<Record<TaskName, { rate: string; epochs: string; hidden: string }>> = {
  names: { rate: "0.004", epochs: "15", hidden: "64" },
  adding: { rate: "0.003", epochs: "30", hidden: "64" },
};

export const chosenTask = (): TaskName => (choice("task") === "adding" ? "adding" : "names");

export function chosenSettings(): Settings {
  const cells: readonly CellName[] = ["rnn", "gru", "lstm"];
  return {
    task: chosenTask(),
    cell: cells.find((cell) => cell === choice("cell")) ?? "gru",
    backend: choice("backend") === "webgpu" ? "webgpu" : "wasm",
    workers: number("workers"),
    hidden: number("hidden"),
    epochs: number("epochs"),
    batch: 64,
    learningRate: number("rate"),
    schedule: "linear",
    seed: number("seed"),
  };
}

/** Sets what suits the task that was chosen. */
export function suggest(): void {
  const { rate, epochs, hidden } = defaults[chosenTask()];
  element("rate", HTMLInputElement).value = rate;
  element("epochs", HTMLInputElement).value = epochs;
  element("hidden", HTMLInputElement).value = hidden;
}
