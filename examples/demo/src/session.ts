/** One run in the trainer's worker: steps, pauses, other learning rates, pictures of the parameters for the page. */
import { datasetOf, type RunTrainer, type TrainerSetup } from "@scan-train/cli/job";
import type { Shared } from "@scan-train/core";
import type { TrainerEvent } from "@scan-train/workers";
import type { FromTrainer, Point, Snapshot } from "./messages.ts";
import type { PlannedRun } from "./run-of.ts";

/** The page hears of steps this often, in milliseconds, and sees other parameters that often. */
const progressEvery = 100;
const snapshotEvery = 500;

export interface SessionOptions {
  readonly run: PlannedRun;
  readonly trainer: RunTrainer;
  /** What the optimiser multiplies the learning rate with. */
  readonly rateFactor: NonNullable<TrainerSetup["rateFactor"]> & Shared;
  readonly trainedBy: string;
  readonly post: (message: FromTrainer, transfer?: Transferable[]) => void;
}

export class Session {
  readonly #options: SessionOptions;
  #stop = new AbortController();
  #paused = false;
  #stopped = false;
  #learningRate: number;
  #goOn: () => void = () => undefined;
  #updatesPerEpoch = 0;
  #update = 0;
  #points: Point[] = [];
  #sequences = 0;
  #since = 0;
  #posted = 0;
  #pictured = 0;
  #picturing = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#learningRate = options.run.config.training.learningRate;
  }

  pause(): void {
    this.#paused = true;
    this.#stop.abort();
  }

  resume(): void {
    this.#paused = false;
    this.#goOn();
  }

  /** Ends the run; what was trained can still be exported. */
  stop(): void {
    this.#stopped = true;
    this.#stop.abort();
    this.#goOn();
  }

  /** Taken up between two updates: the trainer stops there, and goes on with the same bits as if it had not. */
  setLearningRate(learningRate: number): void {
    this.#learningRate = learningRate;
    this.#stop.abort();
  }

  async train(): Promise<void> {
    const { run, trainer, post } = this.#options;
    const { config, split } = run;
    const { epochs, batch } = config.training;
    const dataset = datasetOf(config.encoding, split.train, "the rows to train on");
    const validation = datasetOf(config.encoding, split.validation, "the validation rows");
    this.#updatesPerEpoch = Math.ceil(dataset.size / batch);
    const parameters = Object.values(await trainer.readParameters());
    post({
      kind: "begun",
      config,
      parameters: parameters.reduce((n, { data }) => n + data.length, 0),
      sequences: dataset.size,
      updates: this.#updatesPerEpoch * epochs,
      updatesPerEpoch: this.#updatesPerEpoch,
      trainedBy: this.#options.trainedBy,
    });
    await this.#picture();
    while (trainer.position.epoch < epochs && !this.#stopped) {
      if (this.#paused) await this.#wait();
      if (this.#stopped) break;
      this.#options.rateFactor.set(this.#learningRate / config.training.learningRate);
      this.#stop = new AbortController();
      this.#since = performance.now();
      this.#sequences = 0;
      const { signal } = this.#stop;
      const left = epochs - trainer.position.epoch;
      for await (const event of trainer.fit(dataset, { epochs: left, validation, signal }))
        this.#take(event);
      this.#postProgress();
    }
    await this.#picture();
    post({ kind: "ended", reason: this.#stopped ? "stopped" : "finished" });
  }

  async #wait(): Promise<void> {
    const { post } = this.#options;
    await this.#picture();
    post({ kind: "paused" });
    await new Promise<void>((resolve) => {
      this.#goOn = resolve;
    });
    if (!this.#stopped) post({ kind: "resumed" });
  }

  #take(event: TrainerEvent): void {
    if (event.kind === "step") {
      this.#update = (event.epoch - 1) * this.#updatesPerEpoch + event.step;
      this.#sequences += event.sequences;
      this.#points.push({
        update: this.#update,
        loss: event.loss,
        metric: metricOf(event.metrics),
      });
      const now = performance.now();
      if (now - this.#posted >= progressEvery) this.#postProgress();
      if (now - this.#pictured >= snapshotEvery) void this.#picture();
    }
    if (event.kind === "epoch-end" && event.validation !== undefined) {
      const { loss, metrics } = event.validation;
      const update = event.epoch * this.#updatesPerEpoch;
      const validation = { update, loss, metric: metricOf(metrics) };
      this.#options.post({ kind: "epoch", epoch: event.epoch, validation });
    }
  }

  #postProgress(): void {
    if (this.#points.length === 0) return;
    const now = performance.now();
    const seconds = Math.max(now - this.#since, 1) / 1000;
    this.#options.post({
      kind: "progress",
      points: this.#points,
      epoch: Math.ceil(this.#update / this.#updatesPerEpoch),
      sequencesPerSecond: this.#sequences / seconds,
      learningRate: this.#learningRate,
    });
    this.#points = [];
    this.#posted = now;
  }

  /** The parameters between two steps, for predictions and gradients elsewhere. */
  async #picture(): Promise<void> {
    if (this.#picturing) return;
    this.#picturing = true;
    try {
      const update = this.#update;
      const values = await this.#options.trainer.readParameters();
      const parameters: Snapshot = Object.fromEntries(
        Object.entries(values).map(([name, { data, shape }]) => [
          name,
          { data: Float32Array.from(data), shape },
        ]),
      );
      const buffers = Object.values(parameters).map(({ data }) => data.buffer);
      this.#options.post({ kind: "snapshot", update, parameters }, buffers);
      this.#pictured = performance.now();
    } finally {
      this.#picturing = false;
    }
  }
}

const metricOf = (metrics: Readonly<Record<string, number>>): number =>
  metrics["accuracy"] ?? metrics["squared error"] ?? NaN;
