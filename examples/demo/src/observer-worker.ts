/** The worker that looks at models: what they say of a name letter by letter, and how their gradients run back in time. */
import {
  compilePredictor,
  compileStateNorms,
  encodeExamples,
  encodeInput,
  normaliseName,
  splitExamples,
  type EncodedRow,
  type Predictor,
  type RunConfig,
  type StateNorms,
} from "@scan-train/cli/job";
import { NDArray, type Shared } from "@scan-train/core";
import type { CellName, FromObserver, Snapshot, ToObserver } from "./messages.ts";
import { jobOf } from "./run-of.ts";
import { thread } from "./thread.ts";

/** Validation rows that gradients are averaged over. */
const observedRows = 32;
const cells: readonly CellName[] = ["rnn", "lstm", "gru"];

interface Observed {
  readonly config: RunConfig;
  readonly rows: readonly EncodedRow[];
  readonly norms: StateNorms;
  readonly predictor: Predictor | undefined;
}

let observed: Observed | undefined;
let text = "";
let update = 0;
let latest: { readonly update: number; readonly parameters: Snapshot } | undefined;
/** One thing at a time; of pictures that come meanwhile only the last counts. */
let turn: Promise<unknown> = Promise.resolve();

/** Does `work` after all before it, whether that went well or not. */
function inTurn(work: () => Promise<void> | void): Promise<void> {
  const done = turn.then(work);
  turn = done.catch(() => undefined);
  return done;
}

const post = thread<ToObserver, FromObserver>(
  (message) => {
    switch (message.kind) {
      case "begin":
        latest = undefined;
        return inTurn(() => begin(message.config));
      case "snapshot":
        latest = message;
        return inTurn(look);
      case "text":
        text = message.text;
        return inTurn(sayLetters);
      default:
        return message satisfies never;
    }
  },
  (message) => ({ kind: "failed", message }),
);

async function begin(config: RunConfig): Promise<void> {
  observed = undefined;
  const isNames = config.data.source === "names";
  const { examples } = jobOf(isNames ? "names" : "adding");
  const { validation } = splitExamples(examples, config.split);
  const rows = encodeExamples(config.encoding, validation.slice(0, observedRows));
  const predictor = isNames ? await compilePredictor(config) : undefined;
  const norms = await compileStateNorms(config);
  // As it begins, and what the other cells would begin with.
  const begun = (cell: CellName, { norms: of }: StateNorms): void =>
    post({ kind: "norms", cell, update: 0, norms: of(rows) });
  begun(config.model.cell, norms);
  observed = { config, rows, norms, predictor };
  update = 0;
  for (const cell of cells.filter((other) => other !== config.model.cell))
    begun(cell, await compileStateNorms({ ...config, model: { ...config.model, cell } }));
}

function look(): void {
  if (latest === undefined || observed === undefined) return;
  const { parameters } = latest;
  ({ update } = latest);
  latest = undefined;
  const { norms, predictor, rows, config } = observed;
  take(norms.parameters, parameters);
  if (predictor !== undefined) take(predictor.parameters, parameters);
  post({ kind: "norms", cell: config.model.cell, update, norms: norms.norms(rows) });
  sayLetters();
}

function sayLetters(): void {
  if (observed?.predictor === undefined) return;
  const { encoding } = observed.config;
  const classes = "labels" in encoding.target ? encoding.target.labels : [];
  const name = normaliseName(text);
  const prefixes = [...name].map((_, i) => name.slice(0, i + 1));
  const answers = observed.predictor.answer(
    prefixes.map((prefix) => encodeInput(encoding.input, prefix)),
  );
  const letters = answers.map((probabilities, i) => ({
    letter: name[i] ?? "",
    probabilities: [...probabilities],
  }));
  post({ kind: "letters", text, classes, letters, update });
}

function take(variables: readonly Shared[], parameters: Snapshot): void {
  for (const variable of variables) {
    const value = parameters[variable.name ?? ""];
    if (value !== undefined) variable.set(new NDArray("float32", value.shape, value.data));
  }
}
