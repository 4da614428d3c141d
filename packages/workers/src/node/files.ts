/** Files that are either whole or not there. */
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pid } from "node:process";
import { ArgumentError } from "@scan-train/core";
import type { Storage } from "../trainer/transport.ts";

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

export const fileStorage: Storage = {
  /** Writes beside the file, then renames: a reader sees the old or the new one. @throws ArgumentError FOLDER_WRITE */
  async write(folder, file, bytes) {
    const temporary = join(folder, `.${file}.${pid}.tmp`);
    try {
      await mkdir(folder, { recursive: true });
      const handle = await open(temporary, "w");
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, join(folder, file));
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new ArgumentError("FOLDER_WRITE", `${join(folder, file)} cannot be written`, {
        notes: [reasonOf(cause)],
        hint: "choose a folder that you may write to",
        cause,
      });
    }
  },

  /** @throws ArgumentError RUN_FOLDER */
  async read(folder, file) {
    try {
      return await readFile(join(folder, file));
    } catch (cause) {
      throw new ArgumentError("RUN_FOLDER", `${join(folder, file)} cannot be read`, {
        notes: [reasonOf(cause)],
        hint: "give the folder that save() wrote to",
        cause,
      });
    }
  },
};
