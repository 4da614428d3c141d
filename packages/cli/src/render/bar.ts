import { MultiBar, type SingleBar } from "cli-progress";
import type { Terminal } from "../terminal.ts";
import type { Renderer } from "./events.ts";
import { formatCount, formatPercent, formatSeconds } from "./format.ts";
import { formatScores } from "./lines.ts";
import { plainRenderer } from "./plain.ts";
import { type Progress, ProgressMeter } from "./progress.ts";

/** The lines of {@link plainRenderer} above a bar that moves with every step: for people who watch. */
export function barRenderer(
  terminal: Terminal,
  meter: ProgressMeter = new ProgressMeter(),
): Renderer {
  const bar = new Bar(terminal);
  const lines = plainRenderer({ colours: terminal.colours, out: (text) => bar.print(text) });
  return {
    handle: (event) => {
      const progress = meter.take(event);
      if (progress !== undefined) bar.show(progress);
      if (event.kind === "end") bar.stop();
      lines.handle(event);
    },
    close: async () => {
      bar.stop();
      await lines.close();
    },
  };
}

class Bar {
  readonly #terminal: Terminal;
  #bars: MultiBar | undefined;
  #bar: SingleBar | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Lines above the bar go through it, since it moves the cursor. */
  print(text: string): void {
    if (this.#bars === undefined) this.#terminal.out(text);
    else this.#bars.log(text);
  }

  show(progress: Progress): void {
    const text = progressText(progress);
    this.#bars ??= this.#start();
    this.#bar ??= this.#bars.create(progress.steps, 0, { text });
    this.#bar.update(progress.stepsDone, { text });
  }

  stop(): void {
    // Lines that wait for the next picture would be lost with the bar.
    this.#bars?.update();
    this.#bars?.stop();
    this.#bars = undefined;
    this.#bar = undefined;
  }

  #start(): MultiBar {
    const { stream, colours, columns } = this.#terminal;
    return new MultiBar({
      stream,
      format: `${colours.cyan("{bar}")} {text}`,
      barCompleteChar: "━",
      barIncompleteChar: "─",
      barsize: Math.max(4, Math.min(30, columns - 80)),
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    });
  }
}

/** `epoch 3/15  ETA 4 s  loss 0.3312  accuracy 85.0 %  9,120 seq/s  padding 2.1 %` */
export function progressText(progress: Progress): string {
  return [
    `epoch ${progress.epoch}/${progress.epochs}`,
    `ETA ${formatSeconds(progress.remainingSeconds)}`,
    formatScores(progress.train),
    `${formatCount(progress.sequencesPerSecond)} seq/s`,
    `padding ${formatPercent(progress.waste)}`,
  ].join("  ");
}
