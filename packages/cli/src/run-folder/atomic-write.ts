import { open, rename, rm } from "node:fs/promises";
import { CliError, messageOf, systemCode } from "../errors.ts";

/**
 * Writes a whole file or nothing: into a temporary file beside it, which then takes its name.
 *
 * @throws {@link CliError} naming the file and the reason
 */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new CliError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** A system error in words. */
export function reasonOf(error: unknown): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "the folder does not exist",
    EACCES: "permission denied",
    EPERM: "permission denied",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
    ENOTDIR: "a part of the path is a file, not a folder",
    EEXIST: "a file of that name is in the way",
    ENAMETOOLONG: "its name is too long",
    ELOOP: "its links go in a circle",
    EISDIR: "a folder of that name is in the way",
  };
  return reasons[systemCode(error) ?? ""] ?? messageOf(error);
}
