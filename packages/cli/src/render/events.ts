import type { TrainerEvent } from "@scan-train/workers";

/** What a model scores on some sequences: means over all of them (or over all their steps). */
export interface Scores {
  readonly loss: number;
  /** `accuracy` as a part of 1; `bits` per character; `squared error` in the units of the data, squared. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What a model scores on the rows of one part of the data, beside simple rules on the same rows. */
export interface Result {
  readonly part: "test" | "validation" | "training" | "file";
  readonly rows: number;
  readonly scores: Scores;
  /** The metric that the baselines are measured in. */
  readonly metric: string;
  readonly baselines: readonly { readonly name: string; readonly score: number }[];
}

/** How a run went, for its last lines. */
export interface Summary {
  /** Absent when the run was interrupted. */
  readonly result?: Result;
  /** What to know of the result before trusting it, in lines. */
  readonly advice: readonly string[];
  readonly interrupted: boolean;
  /** Whole ones. */
  readonly epochs: number;
  readonly updates: number;
  /** Of training alone. */
  readonly seconds: number;
  readonly sequencesPerSecond: number;
  /** The part of the computed time steps that was padding. */
  readonly waste: number;
  /** What trained: `with 2 workers`, `on the GPU (...)`. */
  readonly trainedBy: string;
  readonly folder: string;
  /** A command to go on with, as it can be typed. */
  readonly next: string;
}

/** Everything that is told about a run, in order, as one flat stream: the trainer's events between our own. */
export type RunEvent =
  | { readonly kind: "facts"; readonly lines: readonly string[] }
  | TrainerEvent
  | { readonly kind: "summary"; readonly summary: Summary };

/** The event of one kind. */
export type EventOf<K extends RunEvent["kind"]> = Extract<RunEvent, { readonly kind: K }>;

/** Something that shows or stores the events of a run. */
export interface Renderer {
  readonly handle: (event: RunEvent) => void;
  /** Leaves the terminal or file in order; called once, also after a failure. */
  readonly close: () => Promise<void>;
}

/** One renderer that is many. */
export function allRenderers(renderers: readonly Renderer[]): Renderer {
  return {
    handle: (event) => renderers.forEach((renderer) => renderer.handle(event)),
    close: async () => {
      for (const renderer of renderers) await renderer.close();
    },
  };
}
