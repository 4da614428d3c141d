/** The model as a file of the user's, and how to ask it. */
import { element } from "./elements.ts";
import type { TaskName } from "./messages.ts";

/** As one types it in the folder of a clone. */
const program = "node packages/cli/bin/scan-train.js";
const file = "model.safetensors";

const commands: Readonly<Record<TaskName, string>> = {
  names: `${program} predict ~/Downloads/${file} Alice`,
  adding: `${program} eval ~/Downloads/${file}`,
};

/** Gives the file to the browser, which puts it among the downloads. */
export function save(bytes: Uint8Array<ArrayBuffer>, sha256: string, task: TaskName): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  const command = document.createElement("code");
  command.textContent = commands[task];
  noteDownload(
    `${file} (sha256 ${sha256.slice(0, 16)}…) is in your browser's folder for downloads. To ${task === "names" ? "ask" : "test"} it, type in the folder of the clone: `,
    command,
  );
}

/** Says how a download went. */
export function noteDownload(...words: readonly (string | Node)[]): void {
  const note = element("download-note", HTMLElement);
  note.hidden = false;
  note.replaceChildren(...words);
}

/** A run begins, whose model is another one. */
export function forgetDownload(): void {
  element("download-note", HTMLElement).hidden = true;
}
