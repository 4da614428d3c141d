/** What a Web Worker runs. Pages start it; see `browser/globals.ts`. */
import { expose, transfer } from "comlink";
import { pageLocks } from "./browser/globals.ts";
import type { WorkerApi } from "./browser/worker-api.ts";
import { OwnMemoryService } from "./compute/mail-service.ts";
import { dieOf, TaskThread } from "./compute/task-thread.ts";
import { InjectedFault } from "./protocol/faults.ts";

/** Ends the worker. */
declare function close(): void;

const thread = new TaskThread(close);
let service: OwnMemoryService | undefined;

/** Asks the service, which is made when it is needed; workers over shared memory have none. */
function ask<T>(question: (service: OwnMemoryService) => T): Promise<T> {
  try {
    service ??= new OwnMemoryService();
    return Promise.resolve(question(service));
  } catch (error) {
    if (error instanceof InjectedFault) return dieOf(error.action, error, close);
    throw error;
  }
}

const api: WorkerApi = {
  hold: (lock) =>
    new Promise((resolve) => {
      const held = pageLocks()?.request(lock, () => {
        resolve(true);
        return new Promise(() => undefined);
      });
      held?.catch(() => {
        resolve(false);
      });
    }),
  run: async (task) => thread.run(task),
  begin: (task) => ask((own) => own.begin(task)),
  adopt: (task) =>
    ask((own) => {
      own.adopt(task);
    }),
  shard: async (task) => {
    const outcome = await ask((own) => own.shard(task));
    return transfer(outcome, [outcome.slot]);
  },
  finish: async (task) => {
    const outcome = await ask((own) => own.finish(task));
    const { state, others } = outcome;
    return transfer(outcome, state === undefined ? [] : [state, ...others]);
  },
};

expose(api);
