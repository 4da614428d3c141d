/** Web Workers that share memory with the page. */
import type { RunOutcome, RunTask } from "../protocol/messages.ts";
import type { Transport } from "../trainer/transport.ts";
import { hardwareThreads } from "./globals.ts";
import { WorkerThread } from "./worker-thread.ts";

export class WebTransport implements Transport {
  readonly workers: number;
  readonly isCrowded: boolean;
  readonly #threads: Set<WorkerThread>;
  /** Threads without a task, kept with what they have built. */
  readonly #idle: WorkerThread[];
  /** Tasks without a thread: workers that start slowly may still be about to find that their last run is over. */
  readonly #waiting: ((thread: WorkerThread) => void)[] = [];

  constructor(workers: number) {
    this.workers = workers;
    this.isCrowded = workers > hardwareThreads();
    this.#idle = Array.from({ length: workers }, () => new WorkerThread());
    this.#threads = new Set(this.#idle);
  }

  async start(task: RunTask): Promise<RunOutcome> {
    const thread = await this.#take();
    try {
      return await thread.call((api) => api.run(task));
    } finally {
      this.#giveBack(thread);
    }
  }

  #take(): WorkerThread | Promise<WorkerThread> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return this.#alive(idle);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #giveBack(thread: WorkerThread): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(thread);
    else next(this.#alive(thread));
  }

  /** The thread, or a new one in its place when it has ended. */
  #alive(thread: WorkerThread): WorkerThread {
    if (!thread.ended || !this.#threads.delete(thread)) return thread;
    const fresh = new WorkerThread();
    this.#threads.add(fresh);
    return fresh;
  }

  close(): Promise<void> {
    const closed = new Error("the trainer was closed");
    for (const thread of this.#threads) thread.end(closed);
    this.#threads.clear();
    return Promise.resolve();
  }
}
