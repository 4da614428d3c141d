/** What a Web Worker runs. Pages start it; see `browser/globals.ts`. */
import { expose } from "comlink";
import { pageLocks } from "./browser/globals.ts";
import type { WorkerApi } from "./browser/worker-api.ts";
import { TaskThread } from "./compute/task-thread.ts";

/** Ends the worker. */
declare function close(): void;

const thread = new TaskThread(close);

const api: WorkerApi = {
  hold: (lock) =>
    new Promise((held) => {
      void pageLocks()?.request(lock, () => {
        held();
        return new Promise(() => undefined);
      });
    }),
  run: async (task) => thread.run(task),
};

expose(api);
