/** What the page trains on: threads, or the GPU where there is one. */
import { element, setText } from "./elements.ts";

/** What is to be known of the GPU once it is chosen. */
let gpuNote = "";

const select = (): HTMLSelectElement => element("backend", HTMLSelectElement);

/** Lets the user choose the GPU. */
export function offerGpu(adapter: string, isSoftware: boolean): void {
  const option = select().options[1];
  if (option !== undefined) {
    option.disabled = false;
    option.label = "WebGPU";
    option.textContent = "WebGPU";
  }
  gpuNote = isSoftware ? `On ${adapter}: threads are faster.` : `On ${adapter}.`;
  showBackend();
}

/** Says why there is none. */
export function refuseGpu(reason: string): void {
  select().options[1]?.setAttribute("label", "WebGPU (none here)");
  setText("gpu-note", reason);
}

/** What the choice means for the rest of the form: a GPU takes a batch as a whole, whatever the number of threads. */
export function showBackend(): void {
  const onGpu = select().value === "webgpu";
  element("workers", HTMLInputElement).disabled = onGpu;
  if (select().options[1]?.disabled === false) setText("gpu-note", onGpu ? gpuNote : "");
}
