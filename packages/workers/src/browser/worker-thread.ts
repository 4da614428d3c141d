/**
 * A Web Worker, and the news of its end. A worker that ends says nothing, and calls to it hang. So each holds a lock of its own as
 * long as it lives, and the page waits for that lock: the browser gives it away when the worker is gone, whatever the reason. Pages
 * without locks (from plain http) hear of errors alone.
 */
import { wrap } from "comlink";
import type { WorkerApi } from "./worker-api.ts";
import { pageLocks, startWorker, type WebWorker } from "./globals.ts";

const scriptFailed =
  "its script did not load, or failed at its start; does the bundler serve browser-worker.js of @scan-train/workers?";

export class WorkerThread {
  readonly #worker: WebWorker;
  readonly #api: WorkerApi;
  /** It is there and watched. */
  readonly #ready: Promise<void>;
  readonly #calls = new Set<(reason: Error) => void>();
  #end: Error | undefined;

  constructor() {
    this.#worker = startWorker();
    const failed = (message: string | undefined): void => {
      this.end(new Error(message ?? scriptFailed));
    };
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      failed(event.message);
    });
    this.#worker.addEventListener("messageerror", () => {
      failed("a message to the worker could not be read");
    });
    this.#api = wrap<WorkerApi>(this.#worker);
    this.#ready = this.#watch();
    // Whoever calls the worker hears of it.
    this.#ready.catch(() => undefined);
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  async #watch(): Promise<void> {
    const locks = pageLocks();
    if (locks === undefined) return;
    const name = `scan-train worker ${crypto.randomUUID()}`;
    if (!(await this.#answer(this.#api.hold(name)))) return;
    void locks.request(name, () => {
      this.end(new Error("the worker ended without a word"));
    });
  }

  /** What the worker answers. Rejects when it ends before. */
  async call<T>(ask: (api: WorkerApi) => T | Promise<T>): Promise<T> {
    await this.#ready;
    if (this.#end !== undefined) throw this.#end;
    return this.#answer(ask(this.#api));
  }

  #answer<T>(answer: T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#calls.add(reject);
      void Promise.resolve(answer)
        .then(resolve, reject)
        .finally(() => this.#calls.delete(reject));
    });
  }

  /** Ends the worker; calls that it has not answered are rejected. */
  end(reason: Error): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#worker.terminate();
    for (const reject of this.#calls) reject(reason);
    this.#calls.clear();
  }
}
