/** A page has no folders: what is saved stays in its memory, by folder and file, until it is closed. */
import { ArgumentError } from "@scan-train/core";
import type { Storage } from "../trainer/transport.ts";

const files = new Map<string, Uint8Array>();

export const pageStorage: Storage = {
  write(folder, file, bytes) {
    files.set(`${folder}/${file}`, bytes.slice());
    return Promise.resolve();
  },

  /** @throws ArgumentError RUN_FOLDER */
  read(folder, file) {
    const bytes = files.get(`${folder}/${file}`);
    if (bytes !== undefined) return Promise.resolve(bytes.slice());
    return Promise.reject(
      new ArgumentError("RUN_FOLDER", `this page has saved no ${folder}/${file}`, {
        hint: "give a folder that save() wrote to since the page was opened, or the bytes of a file: load(bytes)",
      }),
    );
  },
};
