/** What other programs call our commands and options, and names that once were or might be ours. */
const commands: Readonly<Record<string, string>> = {
  evaluate: "eval",
  test: "eval",
  score: "eval",
  fit: "train",
  learn: "train",
  generate: "predict",
  sample: "predict",
  classify: "predict",
  show: "inspect",
  info: "inspect",
  explain: "inspect",
};

const options: Readonly<Record<string, string>> = {
  "--learning-rate": "--lr",
  "--batch-size": "--batch",
  "--hidden-size": "--hidden",
  "--num-layers": "--layers",
  "--units": "--hidden",
  "--rnn": "--cell",
  "--model": "--cell",
  "--clip-norm": "--clip",
  "--threads": "--workers",
  "--jobs": "--workers",
  "--output": "--out",
  "--file": "--data",
  "--input": "--data",
  "--overwrite": "--force",
  "--val-fraction": "--validation-fraction",
  "--max-len": "--max-length",
};

/**
 * What to say about a word that is not known, if more can be said than that.
 *
 * @param ofTrain the options of `train`, each with its dashes
 */
export function otherWord(
  word: string,
  command: string,
  ofTrain: readonly string[],
): string | undefined {
  if (!word.startsWith("-")) {
    return Object.hasOwn(commands, word) ? `it is called ${commands[word]} here` : undefined;
  }
  const [name = "", value] = word.split("=", 2);
  if (command === "train" && Object.hasOwn(options, name))
    return `it is called ${options[name]} here`;
  if (command !== "train" && ofTrain.includes(name)) {
    if (name !== "--backend") return `it belongs to train: a run keeps what it was trained with`;
    return "it belongs to train: the other commands run on WebAssembly, whatever a run was trained on";
  }
  return value === undefined
    ? undefined
    : `an option that is a switch takes no value: say ${name} alone`;
}
