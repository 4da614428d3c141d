/** A trainer whose workers have memories of their own, here in the same thread: every answer comes later, as it does by message. */
import { OwnMemoryService } from "../../src/compute/mail-service.ts";
import type { TrainerEvent } from "../../src/node.ts";
import { fileStorage } from "../../src/node/files.ts";
import type { MailService } from "../../src/protocol/mail.ts";
import { mailEngines } from "../../src/trainer/mail-engine.ts";
import type { MailThread, MailTransport } from "../../src/trainer/mail-transport.ts";
import { makeTrainer as makeOn } from "../../src/trainer/trainer.ts";
import type { InternalOptions, Trainer } from "../../src/trainer/types.ts";
import {
  averagingModel,
  fields,
  makeWeights,
  momentum,
  type AveragingFields,
  type Weights,
} from "./averaging-model.ts";
import { bitsOf, data, type Trained } from "./train.ts";

/** A worker that answers in a later task, and is dead once a question has thrown. */
export function threadOf(service: MailService): MailThread {
  let end: Error | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const ask = <T>(answer: () => T): Promise<T> => {
    const next = last.then(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (end !== undefined) throw end;
      try {
        return answer();
      } catch (error) {
        end = error instanceof Error ? error : new Error(String(error));
        throw end;
      }
    });
    last = next.catch(() => undefined);
    return next;
  };
  return {
    begin: (task) => ask(() => service.begin(structuredClone(task))),
    adopt: (task) =>
      ask(() => {
        service.adopt(task);
      }),
    shard: (task) => ask(() => service.shard(task)),
    finish: (task) => ask(() => service.finish(task)),
    end: (reason) => {
      end ??= reason;
    },
  };
}

export class HereTransport implements MailTransport {
  readonly workers: number;
  constructor(workers: number) {
    this.workers = workers;
  }
  take(): MailThread {
    return threadOf(new OwnMemoryService());
  }
  close(): void {
    // There is nobody left.
  }
}

export interface MailOptions {
  readonly workers: number;
  readonly internal?: InternalOptions;
  readonly transport?: MailTransport;
  readonly weights?: Weights;
}

export function byMail({
  workers,
  internal = {},
  transport,
  weights = makeWeights(),
}: MailOptions): Promise<Trainer<AveragingFields>> {
  return makeOn(
    {
      defaultWorkers: workers,
      storage: fileStorage,
      open: (count) => mailEngines(transport ?? new HereTransport(count)),
    },
    {
      data: fields,
      model: averagingModel(weights),
      optimizer: momentum(0.05),
      batchSize: 12,
      shards: 4,
      seed: 5,
      workers,
      internal,
    },
  );
}

export async function trainByMail(options: MailOptions): Promise<Trained> {
  const trainer = await byMail(options);
  const events: TrainerEvent[] = [];
  try {
    for await (const event of trainer.fit(data, { epochs: 2, validation: data, shardEvents: true }))
      events.push(event);
    const losses = events.flatMap((e) =>
      e.kind === "step"
        ? [e.loss, e.gradientNorm]
        : e.kind === "epoch-end"
          ? [e.loss, e.validation?.loss ?? NaN]
          : [],
    );
    return { bits: bitsOf(trainer), events, losses };
  } finally {
    await trainer.close();
  }
}
