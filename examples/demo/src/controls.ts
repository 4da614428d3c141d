/** Which controls may be used when. */
import { element } from "./elements.ts";
import type { TaskName } from "./messages.ts";

export type Phase = "idle" | "starting" | "running" | "paused";

let current: Phase = "idle";
/** The task of the model that can be downloaded. */
let kept: TaskName | undefined;
/** The control that the keyboard was at last: a control that is disabled lets go of it. */
let lastFocused = "";
document.addEventListener("focusin", ({ target }) => {
  if (target instanceof HTMLElement) lastFocused = target.id;
});

export const phase = (): Phase => current;

/** From now on there is a model to download. */
export function offerModel(task: TaskName): void {
  kept = task;
}

export const keptModel = (): TaskName | undefined => kept;

export function enter(next: Phase): void {
  current = next;
  // A run that begins gives up the model of the one before.
  if (next === "starting") kept = undefined;
  const start = element("start", HTMLButtonElement);
  const pause = element("pause", HTMLButtonElement);
  const isIdle = next === "idle";
  const hasRun = next === "running" || next === "paused";
  element("choices", HTMLFieldSetElement).disabled = !isIdle;
  start.disabled = !isIdle;
  pause.disabled = !hasRun;
  pause.textContent = next === "paused" ? "Resume" : "Pause";
  element("stop", HTMLButtonElement).disabled = !hasRun;
  element("download", HTMLButtonElement).disabled = kept === undefined;
  const focused = document.activeElement;
  const isAdrift = focused === null || focused === document.body || focused.matches(":disabled");
  if (!isAdrift) return;
  if (lastFocused === "start" && next === "running") pause.focus();
  else if (isIdle && ["pause", "stop"].includes(lastFocused)) start.focus();
}
