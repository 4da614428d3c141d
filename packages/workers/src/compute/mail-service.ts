/** A worker with a memory of its own: what it keeps from run to run, and its side of `protocol/mail.ts`. */
import { InternalError } from "@scan-train/core";
import type { DatasetParts } from "../data/dataset.ts";
import type { ColumnArray } from "../data/row-values.ts";
import { FaultyCompute } from "../protocol/faults.ts";
import type {
  AdoptTask,
  BeginOutcome,
  BeginTask,
  FinishOutcome,
  FinishTask,
  MailService,
  ShardOutcome,
  ShardTask,
} from "../protocol/mail.ts";
import { fingerprint } from "../protocol/messages.ts";
import type { Compute } from "../protocol/shard-worker.ts";
import { alignUp, createOwnMemory } from "./memory.ts";
import { packPredictions } from "./predictions.ts";
import { ProgramCompute } from "./program-compute.ts";
import { Workbench } from "./workbench.ts";
import { result, type PlacedJob, type StateLayout } from "./work.ts";

/** Where a trainer's things lie in this memory. */
interface Room {
  readonly state: StateLayout;
  readonly total: number;
  /** The slot of the shard at hand. */
  readonly own: number;
}

interface Run {
  readonly task: BeginTask;
  readonly shards: Compute;
  readonly sums: Compute;
}

/** Works for one trainer. */
export class OwnMemoryService implements MailService {
  readonly #bench = new Workbench(createOwnMemory());
  readonly #datasets = new Map<number, DatasetParts>();
  /** Slots of all shards of a step; only a worker that adds has them. */
  readonly #slots: number[] = [];
  #room: Room | undefined;
  #run: Run | undefined;
  #predictions: ColumnArray[] = [];

  begin(task: BeginTask): BeginOutcome {
    if (task.fingerprint !== fingerprint()) return { kind: "refused", fingerprint: fingerprint() };
    const { job } = task;
    const datasets = task.datasets.map(({ id, parts }) => {
      const known = parts ?? this.#datasets.get(id);
      if (known === undefined) throw new InternalError(`dataset ${id} was never sent`);
      return [id, known] as const;
    });
    this.#datasets.clear();
    for (const [id, parts] of datasets) this.#datasets.set(id, parts);
    this.#room ??= this.#makeRoom(task);
    const { state, total, own } = this.#room;
    const placed: PlacedJob = {
      ...job,
      state,
      total,
      datasets: datasets.map(([, parts]) => parts),
    };
    const compute = (slot: (shard: number) => number): Compute => {
      const plain = new ProgramCompute(
        placed,
        {
          slot,
          keepPredictions: (parts, rows, program, sizes) => {
            const { predictions } = task;
            this.#predictions = packPredictions(
              predictions,
              parts,
              rows,
              this.#bench,
              program,
              sizes,
            );
          },
        },
        this.#bench,
      );
      return task.faults.length === 0 ? plain : new FaultyCompute(plain, task.faults);
    };
    this.#run = {
      task,
      shards: compute(() => own),
      sums: compute((shard) => this.#slots[shard] ?? 0),
    };
    return { kind: "begun" };
  }

  #makeRoom({ job }: BeginTask): Room {
    const { arena } = this.#bench;
    const { bytes, offsets } = job.state;
    const copies = [arena.allocate(bytes), arena.allocate(bytes)] as const;
    const slot = job.slot.bytes;
    return {
      state: { bytes, offsets, copies },
      total: arena.allocate(slot),
      own: arena.allocate(slot),
    };
  }

  adopt({ copy, bytes }: AdoptTask): void {
    const { state } = this.#require().room;
    this.#bench.views.u8.set(new Uint8Array(bytes), state.copies[copy === 0 ? 0 : 1]);
  }

  shard({ step, shard, attempt }: ShardTask): ShardOutcome {
    const { run, room } = this.#require();
    this.#predictions = [];
    run.shards.shard(step, shard, attempt);
    const { slot } = run.task.job;
    const bytes = step.kind === "train" ? slot.bytes : (slot.gradients[0]?.offset ?? slot.bytes);
    return { slot: this.#copyOf(room.own, bytes), predictions: this.#predictions };
  }

  finish({ step, slots, attempt, others, othersBytes }: FinishTask): FinishOutcome {
    const { run, room } = this.#require();
    const { slot } = run.task.job;
    for (const [shard, sent] of slots.entries()) {
      const address = (this.#slots[shard] ??= this.#bench.arena.allocate(slot.bytes));
      this.#bench.views.u8.set(new Uint8Array(sent), address);
    }
    const isUpdate = step.kind === "train";
    if (isUpdate) for (const stripe of slot.stripes.keys()) run.sums.reduce(step, stripe, attempt);
    const results = new Float64Array(result.sums + slot.sums.length);
    const failure = run.sums.finish(step, results, attempt);
    if (failure !== undefined) return { results, failure, others: [] };
    if (!isUpdate) return { results, others: [] };
    const { copies, bytes } = room.state;
    const updated = copies[step.source === 0 ? 1 : 0];
    return {
      results,
      state: this.#copyOf(updated, bytes),
      others: Array.from({ length: others }, () => this.#copyOf(updated, alignUp(othersBytes))),
    };
  }

  #require(): { readonly run: Run; readonly room: Room } {
    if (this.#run === undefined || this.#room === undefined)
      throw new InternalError("a worker was asked before it began");
    return { run: this.#run, room: this.#room };
  }

  #copyOf(address: number, bytes: number): ArrayBuffer {
    const copy = new ArrayBuffer(bytes);
    new Uint8Array(copy).set(this.#bench.views.u8.subarray(address, address + bytes));
    return copy;
  }
}
