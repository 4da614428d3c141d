/** What a page may ask of a worker. */
import type { MailWorker } from "../protocol/mail.ts";
import type { RunOutcome, RunTask } from "../protocol/messages.ts";

export interface WorkerApi extends MailWorker {
  /** Takes a lock, for as long as the worker lives; false where this is not allowed. */
  hold(lock: string): Promise<boolean>;
  /** Works over shared memory until the run halts. */
  run(task: RunTask): Promise<RunOutcome>;
}
