/** The control block: typed access to the words that all threads of a run share. */
import {
  phase,
  stepKinds,
  stepWord,
  word,
  type ControlParts,
  type ControlShape,
  type StepKind,
} from "./messages.ts";

/** A published step. */
export interface Step {
  /** Counted from 0 within the run. */
  readonly index: number;
  readonly kind: StepKind;
  readonly dataset: number;
  readonly epoch: number;
  readonly source: number;
  readonly shards: number;
  /** Rows of the dataset. */
  readonly rows: Int32Array;
}

interface Tables {
  readonly claims: number;
  readonly slots: number;
  readonly steps: number;
  readonly rows: number;
  readonly owners: number;
  readonly alive: number;
  readonly words: number;
}

function tablesOf(shape: ControlShape): Tables {
  const tasks = Math.max(shape.shards, shape.stripes, 1);
  const claims = word.tables;
  const slots = claims + tasks;
  const steps = slots + shape.shards;
  const rows = steps + shape.ring * stepWord.size;
  const owners = rows + shape.ring * shape.rows;
  const alive = owners + shape.ring * shape.shards;
  const words = alive + shape.workers;
  return { claims, slots, steps, rows, owners, alive, words: words + (words % 2) };
}

/** Milliseconds between two times that the main thread is told of finished steps, while workers have enough to do. */
export const tellEvery = 50;

/** Milliseconds of a clock that goes nearly alike on all threads, as a word: it wraps around. */
export function sharedClock(): number {
  return (performance.timeOrigin + performance.now()) | 0;
}

/** The bytes of a control block. */
function controlBytes(shape: ControlShape): number {
  return tablesOf(shape).words * 4 + shape.ring * shape.results * 8;
}

export class Control {
  readonly shape: ControlShape;
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly #buffer: SharedArrayBuffer;
  readonly #tables: Tables;

  constructor({ buffer, shape }: ControlParts) {
    this.shape = shape;
    this.#buffer = buffer;
    this.#tables = tablesOf(shape);
    this.words = new Int32Array(buffer, 0, this.#tables.words);
  }

  /** A block for a new run. */
  static create(shape: ControlShape): Control {
    return new Control({ buffer: new SharedArrayBuffer(controlBytes(shape)), shape });
  }

  /** What a worker needs to see the same block. */
  get parts(): ControlParts {
    return { buffer: this.#buffer, shape: this.shape };
  }

  load(index: number): number {
    return Atomics.load(this.words, index);
  }
  store(index: number, value: number): void {
    Atomics.store(this.words, index, value);
  }
  /** Replaces `old` by `value`; false when the word was another one. */
  swap(index: number, old: number, value: number): boolean {
    return Atomics.compareExchange(this.words, index, old, value) === old;
  }
  /** Changes a word that others wait for, and wakes them. */
  ring(index: number): void {
    Atomics.add(this.words, index, 1);
    Atomics.notify(this.words, index);
  }

  /** The word that holds the claim of a task of the present phase. */
  claimWord(task: number): number {
    return this.#tables.claims + task;
  }
  /** The word that says where shard `shard` puts its sums, in units of 64 bytes. */
  slotWord(shard: number): number {
    return this.#tables.slots + shard;
  }
  /** The word for the rank that did a shard of a step. */
  ownerWord(step: number, shard: number): number {
    return this.#tables.owners + (step % this.shape.ring) * this.shape.shards + shard;
  }

  /** The word that says which worker of a rank has shown up last. */
  aliveWord(rank: number): number {
    return this.#tables.alive + rank;
  }

  /** The float64 results of a step. */
  results(step: number): Float64Array {
    const { ring, results } = this.shape;
    const start = this.#tables.words * 4 + (step % ring) * results * 8;
    return new Float64Array(this.#buffer, start, results);
  }

  /** Reads a published step. */
  step(index: number): Step {
    const at = this.#tables.steps + (index % this.shape.ring) * stepWord.size;
    const read = (name: keyof typeof stepWord): number => this.words[at + stepWord[name]] ?? 0;
    const first = this.#tables.rows + (index % this.shape.ring) * this.shape.rows;
    return {
      index,
      kind: stepKinds[read("kind")] ?? "train",
      dataset: read("dataset"),
      epoch: read("epoch"),
      source: read("source"),
      shards: read("shards"),
      rows: this.words.subarray(first, first + read("rows")),
    };
  }

  /** Writes a step; to be done before `published` allows it. */
  writeStep(step: Step): void {
    const at = this.#tables.steps + (step.index % this.shape.ring) * stepWord.size;
    this.words[at + stepWord.kind] = stepKinds.indexOf(step.kind);
    this.words[at + stepWord.dataset] = step.dataset;
    this.words[at + stepWord.epoch] = step.epoch;
    this.words[at + stepWord.source] = step.source;
    this.words[at + stepWord.rows] = step.rows.length;
    this.words[at + stepWord.shards] = step.shards;
    this.words.set(step.rows, this.#tables.rows + (step.index % this.shape.ring) * this.shape.rows);
  }

  /** How many tasks a phase of a step has. */
  taskCount(step: Pick<Step, "kind" | "shards">, which: number): number {
    if (which === phase.shards) return step.shards;
    if (which === phase.finish) return 1;
    return step.kind === "train" ? this.shape.stripes : 0;
  }
}
