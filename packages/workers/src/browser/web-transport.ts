/** Web Workers that share memory with the page. */
import type { RunOutcome, RunTask } from "../protocol/messages.ts";
import type { Transport } from "../trainer/transport.ts";
import { WorkerThread } from "./worker-thread.ts";

export class WebTransport implements Transport {
  readonly workers: number;
  /** Threads without a task, kept with what they have built. */
  readonly #idle: WorkerThread[];
  readonly #threads: Set<WorkerThread>;

  constructor(workers: number) {
    this.workers = workers;
    this.#idle = Array.from({ length: workers }, () => new WorkerThread());
    this.#threads = new Set(this.#idle);
  }

  async start(task: RunTask): Promise<RunOutcome> {
    const thread = this.#take();
    try {
      return await thread.call((api) => api.run(task));
    } finally {
      if (thread.ended) this.#threads.delete(thread);
      else this.#idle.push(thread);
    }
  }

  #take(): WorkerThread {
    for (let thread = this.#idle.pop(); thread !== undefined; thread = this.#idle.pop()) {
      if (!thread.ended) return thread;
      this.#threads.delete(thread);
    }
    const fresh = new WorkerThread();
    this.#threads.add(fresh);
    return fresh;
  }

  close(): Promise<void> {
    for (const thread of this.#threads) thread.end(new Error("the trainer was closed"));
    this.#threads.clear();
    return Promise.resolve();
  }
}
