/** Web Workers with memories of their own. */
import { transfer } from "comlink";
import type { MailThread, MailTransport } from "../trainer/mail-transport.ts";
import { WorkerThread } from "./worker-thread.ts";

export class WebMail implements MailTransport {
  readonly workers: number;
  /** Started and not taken. */
  readonly #threads: WorkerThread[];

  constructor(workers: number) {
    this.workers = workers;
    this.#threads = Array.from({ length: workers }, () => new WorkerThread());
  }

  take(): MailThread {
    const thread = this.#threads.pop() ?? new WorkerThread();
    return {
      begin: (task) => thread.call((api) => api.begin(task)),
      adopt: (task) => thread.call((api) => api.adopt(transfer(task, [task.bytes]))),
      shard: (task) => thread.call((api) => api.shard(task)),
      finish: (task) => thread.call((api) => api.finish(transfer(task, [...task.slots]))),
      end: (reason) => {
        thread.end(reason);
      },
    };
  }

  close(): void {
    for (const thread of this.#threads.splice(0)) thread.end(new Error("the trainer was closed"));
  }
}
