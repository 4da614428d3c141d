/** The page: a form, two workers that do all the work, and charts of what they say. */
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { Chart } from "./charts.ts";
import { element, setText } from "./elements.ts";
import { chosenSettings, chosenTask, suggest } from "./form.ts";
import { showClasses, showLetters } from "./letters.ts";
import type { CellName, FromObserver, FromTrainer, ToObserver, ToTrainer } from "./messages.ts";

const trainer = new Worker(new URL("./trainer-worker.ts", import.meta.url), { type: "module" });
const observer = new Worker(new URL("./observer-worker.ts", import.meta.url), { type: "module" });
const tell = (message: ToTrainer): void => trainer.postMessage(message);
const ask = (message: ToObserver, transfer: Transferable[] = []): void =>
  observer.postMessage(message, transfer);

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
const plain = (x: number): string => Number(x.toPrecision(3)).toString();
const count = new Intl.NumberFormat("en");

const lossChart = new Chart({
  place: "loss-chart",
  xLabel: "update",
  format: plain,
  lines: [
    { label: "training", colour: "--one" },
    { label: "validation", colour: "--two", points: true },
  ],
});
let metricChart = makeMetricChart();
const cells: readonly CellName[] = ["rnn", "lstm", "gru"];
const normsChart = new Chart({
  place: "norms-chart",
  xLabel: "time step",
  logarithmic: true,
  format: (y) => (y >= 0.01 && y < 1000 ? plain(y) : y.toExponential(0)),
  lines: [
    { label: "tanh RNN", colour: "--two" },
    { label: "LSTM", colour: "--one" },
    { label: "GRU", colour: "--three" },
  ],
});

function makeMetricChart(): Chart {
  element("metric-chart", HTMLElement).replaceChildren();
  return new Chart({
    place: "metric-chart",
    xLabel: "update",
    format: chosenTask() === "names" ? (x) => `${Math.round(100 * x)} %` : plain,
    lines: [
      { label: "training", colour: "--one" },
      { label: "validation", colour: "--two", points: true },
    ],
  });
}

type Phase = "idle" | "starting" | "running" | "paused";
let phase: Phase = "idle";
let hasModel = false;
let updates = 0;

function enter(next: Phase): void {
  phase = next;
  const isIdle = next === "idle";
  element("choices", HTMLFieldSetElement).disabled = !isIdle;
  element("start", HTMLButtonElement).disabled = !isIdle;
  const pause = element("pause", HTMLButtonElement);
  pause.disabled = isIdle || next === "starting";
  pause.textContent = next === "paused" ? "Resume" : "Pause";
  element("stop", HTMLButtonElement).disabled = isIdle || next === "starting";
  element("download", HTMLButtonElement).disabled = !hasModel;
}

function describeTask(): void {
  const isNames = chosenTask() === "names";
  element("try", HTMLElement).hidden = !isNames;
  element("norms", HTMLElement).classList.toggle("wide", !isNames);
  setText("metric-name", isNames ? "Accuracy, validation" : "Squared error, validation");
  setText("metric-title", isNames ? "Accuracy by update" : "Squared error by update");
  element("metric-chart", HTMLElement).setAttribute(
    "aria-label",
    isNames ? "Accuracy by update" : "Squared error by update",
  );
}

element("run", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  enter("starting");
  setText("status", "Building the model …");
  lossChart.clear();
  metricChart = makeMetricChart();
  element("bar", HTMLProgressElement).value = 0;
  for (const id of ["epoch", "update", "speed", "validation-loss", "validation-metric"])
    setText(id, "–");
  tell({ kind: "start", settings: chosenSettings() });
});
element("pause", HTMLButtonElement).addEventListener("click", () => {
  tell({ kind: phase === "paused" ? "resume" : "pause" });
});
element("stop", HTMLButtonElement).addEventListener("click", () => tell({ kind: "stop" }));
element("download", HTMLButtonElement).addEventListener("click", () => tell({ kind: "export" }));
element("rate", HTMLInputElement).addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement && target.reportValidity() && phase !== "idle")
    tell({ kind: "rate", learningRate: target.valueAsNumber });
});
element("task", HTMLSelectElement).addEventListener("change", () => {
  suggest();
  describeTask();
  normsChart.clear();
  trained.clear();
  setText("norms-note", "");
});
element("name", HTMLInputElement).addEventListener("input", ({ target }) => {
  if (target instanceof HTMLInputElement) ask({ kind: "text", text: target.value });
});

trainer.addEventListener("message", ({ data }: MessageEvent<FromTrainer>) => hear(data));
trainer.addEventListener("error", ({ message }) => fail(message));

function fail(message: string): void {
  setText("status", `It failed: ${message.split("\n")[0] ?? ""}`);
  enter("idle");
}

function hear(message: FromTrainer): void {
  switch (message.kind) {
    case "gpu":
      return offerGpu(`WebGPU (${message.adapter})`, message.isSoftware);
    case "no gpu":
      element("backend", HTMLSelectElement).options[1]?.setAttribute("label", "WebGPU (none here)");
      return setText("gpu-note", message.reason);
    case "begun": {
      ({ updates } = message);
      hasModel = true;
      enter("running");
      setText(
        "status",
        `Training ${count.format(message.parameters)} parameters on ${count.format(message.sequences)} sequences, by ${message.trainedBy}.`,
      );
      ask({ kind: "begin", config: message.config });
      return ask({ kind: "text", text: element("name", HTMLInputElement).value });
    }
    case "progress": {
      const last = message.points.at(-1)?.update ?? 0;
      lossChart.append(
        0,
        message.points.map(({ update, loss }) => ({ x: update, y: loss })),
      );
      metricChart.append(
        0,
        message.points.map(({ update, metric }) => ({ x: update, y: metric })),
      );
      setText("epoch", String(message.epoch));
      setText("update", `${count.format(last)} of ${count.format(updates)}`);
      setText("speed", count.format(Math.round(message.sequencesPerSecond)));
      element("bar", HTMLProgressElement).value = updates === 0 ? 0 : last / updates;
      return;
    }
    case "epoch": {
      const { update, loss, metric } = message.validation;
      lossChart.append(1, [{ x: update, y: loss }]);
      metricChart.append(1, [{ x: update, y: metric }]);
      setText("validation-loss", plain(loss));
      return setText(
        "validation-metric",
        chosenTask() === "names" ? percent(metric) : plain(metric),
      );
    }
    case "snapshot":
      return ask(
        message,
        Object.values(message.parameters).map(({ data }) => data.buffer),
      );
    case "paused":
      setText("status", "Paused between two updates.");
      return enter("paused");
    case "resumed":
      setText("status", "Training goes on.");
      return enter("running");
    case "ended":
      setText(
        "status",
        message.reason === "finished" ? "Finished." : "Stopped; the model is kept.",
      );
      return enter("idle");
    case "model":
      return save(message.bytes, message.sha256);
    case "failed":
      return fail(message.message);
    default:
      message satisfies never;
  }
}

function offerGpu(label: string, isSoftware: boolean): void {
  const option = element("backend", HTMLSelectElement).options[1];
  if (option !== undefined) {
    option.disabled = false;
    option.label = label;
    option.textContent = label;
  }
  setText("gpu-note", isSoftware ? "This adapter is software: threads are faster." : "");
}

/** Updates behind the line of each cell; a trained one stays until its cell is trained again. */
const trained = new Map<CellName, number>();
const cellNames: Readonly<Record<CellName, string>> = { rnn: "tanh RNN", lstm: "LSTM", gru: "GRU" };

function showNorms({ cell, update, norms }: Extract<FromObserver, { kind: "norms" }>): void {
  if (update === 0 && (trained.get(cell) ?? 0) > 0 && cell !== chosenSettings().cell) return;
  trained.set(cell, update);
  normsChart.replace(cells.indexOf(cell), norms);
  const said = cells.flatMap((one) => {
    const updatesOf = trained.get(one);
    if (updatesOf === undefined) return [];
    return `${cellNames[one]} ${updatesOf === 0 ? "untrained" : `after ${count.format(updatesOf)} updates`}`;
  });
  setText("norms-note", `Shown: ${said.join("; ")}.`);
}

observer.addEventListener("message", ({ data }: MessageEvent<FromObserver>) => {
  if (data.kind === "norms") showNorms(data);
  else if (data.kind === "letters") {
    showClasses(data.classes);
    showLetters(data);
  } else setText("verdict", data.message);
});

function save(bytes: Uint8Array<ArrayBuffer>, sha256: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = "model.safetensors";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  const note = element("download-note", HTMLElement);
  note.hidden = false;
  note.textContent = `model.safetensors, sha256 ${sha256.slice(0, 16)}…; ask it: scan-train predict model.safetensors Alice`;
}

const threads = element("workers", HTMLInputElement);
threads.value = String(Math.min(navigator.hardwareConcurrency, 4));
describeTask();
enter("idle");

/** For tests: what the charts hold. */
Object.assign(globalThis, {
  demo: {
    loss: () => lossChart.data,
    metric: () => metricChart.data,
    norms: () => normsChart.data,
  },
});
