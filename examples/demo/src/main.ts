/** The page: a form, two workers that do all the work, and charts of what they say. */
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { Chart } from "./charts.ts";
import { enter, offerModel, phase } from "./controls.ts";
import { element, setText } from "./elements.ts";
import { chosenSettings, chosenTask, suggest } from "./form.ts";
import { announce, showClasses, showLetters } from "./letters.ts";
import type { FromObserver, FromTrainer, ToObserver, ToTrainer } from "./messages.ts";
import { clearNorms, normsDrawn, showNorms } from "./norms.ts";
import { count, percent, plain } from "./numbers.ts";

const trainer = new Worker(new URL("./trainer-worker.ts", import.meta.url), { type: "module" });
const observer = new Worker(new URL("./observer-worker.ts", import.meta.url), { type: "module" });
const tell = (message: ToTrainer): void => trainer.postMessage(message);
const ask = (message: ToObserver, transfer: Transferable[] = []): void =>
  observer.postMessage(message, transfer);

/** What the charts show, which may not be what the form says. */
let shownTask = chosenTask();
const metricTitle = (): string =>
  shownTask === "names" ? "Accuracy by update" : "Squared error by update";

const lossChart = new Chart({
  place: "loss-chart",
  title: () => "Loss by update",
  xLabel: "update",
  format: plain,
  lines: [
    { label: "training", colour: "--one" },
    { label: "validation", colour: "--two", points: true },
  ],
});
const metricChart = new Chart({
  place: "metric-chart",
  title: metricTitle,
  xLabel: "update",
  format: (y) => (shownTask === "names" ? `${Math.round(100 * y)} %` : plain(y)),
  lines: [
    { label: "training", colour: "--one" },
    { label: "validation", colour: "--two", points: true },
  ],
});
/** Takes away what the last run has shown. */
function clearRun(): void {
  lossChart.clear();
  metricChart.clear();
  element("bar", HTMLProgressElement).value = 0;
  for (const id of ["epoch", "update", "speed", "validation-loss", "validation-metric"])
    setText(id, "–");
}

function describeTask(): void {
  shownTask = chosenTask();
  const isNames = shownTask === "names";
  element("try", HTMLElement).hidden = !isNames;
  element("norms", HTMLElement).classList.toggle("wide", !isNames);
  setText("metric-name", isNames ? "Accuracy, validation" : "Error, validation");
  setText("metric-title", metricTitle());
  setText("loss-unit", isNames ? "(cross-entropy, nats)" : "(squared error of scaled sums)");
  setText("metric-unit", isNames ? "" : "(mean over sequences)");
}

let updates = 0;

element("run", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  enter("starting");
  setText("status", "Building the model …");
  clearRun();
  tell({ kind: "start", settings: chosenSettings() });
});
element("pause", HTMLButtonElement).addEventListener("click", () => {
  tell({ kind: phase() === "paused" ? "resume" : "pause" });
});
element("stop", HTMLButtonElement).addEventListener("click", () => tell({ kind: "stop" }));
element("download", HTMLButtonElement).addEventListener("click", () => tell({ kind: "export" }));
element("rate", HTMLInputElement).addEventListener("change", ({ target }) => {
  if (target instanceof HTMLInputElement && target.reportValidity() && phase() !== "idle")
    tell({ kind: "rate", learningRate: target.valueAsNumber });
});
element("task", HTMLSelectElement).addEventListener("change", () => {
  suggest();
  describeTask();
  clearRun();
  clearNorms();
});
element("name", HTMLInputElement).addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  announce(target.value);
  ask({ kind: "text", text: target.value });
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
      offerModel();
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
      return setText("validation-metric", shownTask === "names" ? percent(metric) : plain(metric));
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
    case "no model":
      return noteDownload(`The model cannot be had. ${message.reason}`);
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

observer.addEventListener("message", ({ data }: MessageEvent<FromObserver>) => {
  if (data.kind === "norms") showNorms(data);
  else if (data.kind === "letters") {
    showClasses(data.classes);
    showLetters(data);
  } else setText("norms-note", `It failed: ${data.message.split("\n")[0] ?? ""}`);
});

function save(bytes: Uint8Array<ArrayBuffer>, sha256: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = "model.safetensors";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  noteDownload(
    `model.safetensors, sha256 ${sha256.slice(0, 16)}…; ${shownTask === "names" ? "ask it: scan-train predict model.safetensors Alice" : "test it: scan-train eval model.safetensors"}`,
  );
}

function noteDownload(text: string): void {
  const note = element("download-note", HTMLElement);
  note.hidden = false;
  note.textContent = text;
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
    norms: normsDrawn,
  },
});
