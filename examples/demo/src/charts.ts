/** Charts that grow while a model learns. */
import uPlot from "uplot";
import { element } from "./elements.ts";
import { logTicks, tickTexts } from "./log-axis.ts";

export interface Line {
  readonly label: string;
  /** A custom property of the style sheet. */
  readonly colour: "--one" | "--two" | "--three";
  /** Points instead of a line through them. */
  readonly points?: boolean;
  readonly isDashed?: boolean;
}

export interface ChartOptions {
  /** The id of the element that holds it. */
  readonly place: string;
  readonly lines: readonly Line[];
  /** What it shows, for those who do not see it. */
  readonly title: () => string;
  readonly xLabel: string;
  readonly logarithmic?: boolean;
  /** How values of y are written. */
  readonly format: (value: number) => string;
}

type Row = (number | null)[];

/** More points than a chart shows apart: neighbours are averaged. */
const mostPoints = 300;

const dashes = [6, 5];

/** Charts that have something new; one is drawn per frame, so that no frame is long. */
const waiting = new Set<() => void>();

function drawNext(): void {
  const [next] = waiting;
  if (next === undefined) return;
  waiting.delete(next);
  if (waiting.size > 0) requestAnimationFrame(drawNext);
  next();
}

function drawSoon(drawing: () => void): void {
  if (waiting.size === 0) requestAnimationFrame(drawNext);
  waiting.add(drawing);
}

export class Chart {
  readonly #options: ChartOptions;
  readonly #holder: HTMLElement;
  #plot: uPlot | undefined;
  #x: number[] = [];
  #rows: Row[];

  constructor(options: ChartOptions) {
    this.#options = options;
    this.#holder = element(options.place, HTMLElement);
    this.#rows = options.lines.map(() => []);
    new ResizeObserver(() => this.#resize()).observe(this.#holder);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      drawSoon(this.#remake),
    );
    drawSoon(this.#remake);
  }

  /** What is drawn, for tests and for whoever reads the page otherwise. */
  get data(): {
    readonly x: readonly number[];
    readonly rows: readonly (readonly (number | null)[])[];
  } {
    return { x: this.#x, rows: this.#rows };
  }

  clear(): void {
    this.#x = [];
    this.#rows = this.#options.lines.map(() => []);
    this.#draw();
  }

  /** Points of one line, to the right of all others. */
  append(line: number, points: readonly { readonly x: number; readonly y: number }[]): void {
    for (const { x, y } of points) {
      let at = this.#x.length;
      while (at > 0 && (this.#x[at - 1] ?? 0) > x) at--;
      if ((this.#x[at - 1] ?? NaN) !== x) {
        this.#x.splice(at, 0, x);
        for (const row of this.#rows) row.splice(at, 0, null);
        at++;
      }
      const row = this.#rows[line];
      if (row !== undefined) row[at - 1] = Number.isFinite(y) ? y : null;
    }
    this.#draw();
  }

  /** Replaces a line whose x are 1, 2, ... */
  replace(line: number, values: readonly number[]): void {
    const length = Math.max(this.#x.length, values.length);
    this.#x = Array.from({ length }, (_, i) => i + 1);
    this.#rows = this.#rows.map((row, i) =>
      this.#x.map((_, t) => {
        const value = i === line ? values[t] : row[t];
        // A logarithm has no place for 0.
        return value === undefined || value === null || !(value > 0) ? null : value;
      }),
    );
    this.#draw();
  }

  readonly #redraw = (): void => {
    this.#plot?.setData(thinned(this.#x, this.#rows));
    this.#describe();
  };

  #describe(): void {
    this.#holder.classList.toggle("empty", this.#x.length === 0);
    this.#holder.setAttribute("aria-label", this.#inWords());
  }

  /** The title, and where each line ends. */
  #inWords(): string {
    const { lines, title, xLabel, format } = this.#options;
    const ends = lines.flatMap(({ label }, i) => {
      const row = this.#rows[i] ?? [];
      const at = row.findLastIndex((y) => y !== null);
      const y = row[at] ?? null;
      return y === null ? [] : `${label} ${format(y)} at ${xLabel} ${this.#x[at] ?? 0}`;
    });
    return [title(), ...ends].join("; ");
  }

  #draw(): void {
    drawSoon(this.#redraw);
  }

  #size(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.#holder;
    // The legend takes its line.
    return { width: Math.max(clientWidth, 200), height: Math.max(clientHeight - 34, 120) };
  }

  #resize(): void {
    const { width, height } = this.#size();
    if (this.#plot?.width !== width || this.#plot.height !== height)
      this.#plot?.setSize({ width, height });
  }

  readonly #remake = (): void => {
    this.#plot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const { lines, xLabel, logarithmic = false, format } = this.#options;
    const axis: uPlot.Axis = {
      stroke: colour("--soft"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
    };
    this.#plot = new uPlot(
      {
        ...this.#size(),
        cursor: { show: false },
        legend: {
          live: false,
          markers: { width: 0, fill: (_, i) => colour(lines[i - 1]?.colour ?? "--ink") },
        },
        scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
        axes: [
          { ...axis, label: xLabel, labelSize: 18, size: 34 },
          logarithmic
            ? {
                ...axis,
                size: 58,
                splits: (_plot, _axis, low, high) => logTicks(low, high),
                filter: (_plot, ticks) => ticks,
                values: (_plot, ticks) => tickTexts(ticks),
              }
            : {
                ...axis,
                size: 58,
                values: (_plot, ticks) => ticks.map((y) => (y === null ? "" : format(y))),
              },
        ],
        series: [
          { label: xLabel },
          ...lines.map(
            ({ label, colour: name, points = false, isDashed = false }): uPlot.Series => ({
              label,
              ...(isDashed ? { dash: dashes } : {}),
              stroke: colour(name),
              width: points ? 0 : 2,
              spanGaps: true,
              points: { show: points, size: 7, fill: colour(name), stroke: colour(name) },
            }),
          ),
        ],
      },
      thinned(this.#x, this.#rows),
      this.#holder,
    );
    this.#describe();
  };
}

function thinned(x: readonly number[], rows: readonly Row[]): uPlot.AlignedData {
  const group = Math.ceil(x.length / mostPoints);
  if (group <= 1) return [[...x], ...rows.map((row) => [...row])];
  const starts = Array.from({ length: Math.ceil(x.length / group) }, (_, i) => i * group);
  const mean = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((a, b) => a + b, 0) / known.length;
  };
  return [
    starts.map((at) => x[Math.min(at + group, x.length) - 1] ?? 0),
    ...rows.map((row) => starts.map((at) => mean(row.slice(at, at + group)))),
  ];
}
