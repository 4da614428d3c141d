import type { Example } from "../data/task.ts";
import { commandPrefix, shellWord } from "../program-name.ts";
import type { RunConfig } from "../run-folder/config.ts";

/** A command to try after training, with inputs that the model can read; it works as it is printed. */
export function nextCommand(
  folder: string,
  run: string,
  config: RunConfig,
  examples: readonly Example[],
): string {
  const words = [run, ...sampleInputs(config, examples)].map(shellWord);
  return [commandPrefix(folder), "predict", ...words].join(" ");
}

/** Longer inputs are cut: a command should fit into a line. */
const mostCharacters = 40;

function sampleInputs({ data, task }: RunConfig, examples: readonly Example[]): string[] {
  if (data.source === "names") return ["Alice", "Bob"];
  const input = examples[0]?.input ?? "";
  if (typeof input === "string") {
    const characters = [...input.replace(/\s+/g, " ").trim()];
    const most = task.target === "next" ? 10 : mostCharacters;
    return [characters.slice(0, most).join("").trim() || input];
  }
  const isFlat = input.every((step) => step.length === 1);
  const numbers: readonly unknown[] = isFlat ? input.flat() : input;
  const fits = (count: number): boolean =>
    JSON.stringify(numbers.slice(0, count)).length <= mostCharacters;
  let count = numbers.length;
  while (count > 1 && !fits(count)) count -= 1;
  return [JSON.stringify(numbers.slice(0, count))];
}
