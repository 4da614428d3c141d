/** Threads of Node, kept by piscina: one task per worker lasts a whole run. */
import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import type { RollCall, RunOutcome, RunTask } from "../protocol/messages.ts";
import type { Transport } from "../trainer/transport.ts";

/** Right from `src` (tests) and from `dist` (published): the two lie side by side. */
const workerFile = new URL("../../worker.cjs", import.meta.url).href;

export class PiscinaTransport implements Transport {
  readonly workers: number;
  readonly isCrowded: boolean;
  readonly #pool: Piscina;

  constructor(workers: number) {
    this.workers = workers;
    this.isCrowded = workers > availableParallelism();
    this.#pool = new Piscina({
      filename: workerFile,
      name: "run",
      minThreads: workers,
      maxThreads: workers,
      // Test runners and loaders pass flags that the built worker must not see.
      execArgv: [],
    });
    // Without a listener, an error between tasks would end the process; a lost task rejects its own promise.
    this.#pool.on("error", () => undefined);
  }

  start(task: RunTask): Promise<RunOutcome> {
    const outcome: Promise<RunOutcome> = this.#pool.run(task);
    return outcome;
  }

  /**
   * Node 20 aborts the process when a thread is terminated while it imports its module, so each must have arrived before. A thread
   * that waits for the others takes no second task, which makes the roll call complete.
   */
  async close(): Promise<void> {
    const call: RollCall = {
      arrived: new Int32Array(new SharedArrayBuffer(4)),
      expected: this.workers,
    };
    const answers = Array.from({ length: this.workers }, () =>
      this.#pool.run(call, { name: "arrive" }),
    );
    await Promise.allSettled(answers);
    await this.#pool.destroy();
  }
}
