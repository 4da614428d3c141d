/** From datasets to the steps of a run, and from results back to averages. */
import { callSizes, runCheck } from "@scan-train/core/backend-kit";
import { result, sumAt } from "../compute/work.ts";
import { paddingOf, shardCount, shardRange, waste } from "../data/batches.ts";
import type { DatasetParts } from "../data/dataset.ts";
import type { StepRequest } from "../protocol/coordinator.ts";
import type { StepKind } from "../protocol/messages.ts";
import type { ProgramFace, SumNames } from "./programs.ts";

/** Steps over batches of one dataset. What `program` asks of sizes is tested for every shard before it is published. */
export function* requestsOf(
  kind: StepKind,
  dataset: { readonly index: number; readonly parts: DatasetParts },
  batches: readonly Int32Array[],
  options: {
    readonly epoch: number;
    readonly batchSize: number;
    readonly shards: number;
    readonly program: SizedProgram;
  },
): Generator<Omit<StepRequest, "source">, void, undefined> {
  const { epoch, batchSize } = options;
  for (const rows of batches) {
    const shards = shardCount(rows.length, batchSize, options.shards);
    checkSizes(dataset.parts, rows, shards, options.program);
    yield { kind, dataset: dataset.index, epoch, shards, rows };
  }
}

type SizedProgram = Pick<ProgramFace, "checks" | "plan">;

function checkSizes(
  parts: DatasetParts,
  rows: Int32Array,
  shards: number,
  { checks, plan }: SizedProgram,
): void {
  if (checks.length === 0 && plan.budget.bytes === Infinity) return;
  for (let shard = 0; shard < shards; shard++) {
    const own = rows.subarray(...shardRange(rows.length, shards, shard));
    let steps = 0;
    for (const row of own) steps = Math.max(steps, parts.lengths[row] ?? 0);
    const sizes = new Map([
      ["T", steps],
      ["B", own.length],
    ]);
    for (const check of checks) runCheck(check, sizes);
    callSizes(plan.name, plan, sizes);
  }
}

/** Sums over steps, and the averages they give. */
export class Totals {
  readonly #names: SumNames;
  readonly #sums: Float64Array;
  #tokens = 0;
  #padded = 0;
  sequences = 0;

  constructor(names: SumNames) {
    this.#names = names;
    this.#sums = new Float64Array(names.all.length);
  }

  /** Takes the results of a step over these rows in. */
  add(results: Float64Array, rows: Int32Array, parts: DatasetParts, shards: number): this {
    for (const i of this.#sums.keys())
      this.#sums[i] = (this.#sums[i] ?? 0) + (results[result.sums + i] ?? 0);
    const padding = paddingOf(rows, parts.lengths, shards);
    this.#tokens += padding.tokens;
    this.#padded += padding.padded;
    this.sequences += rows.length;
    return this;
  }

  get weight(): number {
    return this.#sums[sumAt.weight] ?? 0;
  }
  get loss(): number {
    return this.#average(sumAt.loss, sumAt.weight);
  }
  get metrics(): Record<string, number> {
    return Object.fromEntries(
      this.#names.metrics.map(({ name, sum, weight }) => [name, this.#average(sum, weight)]),
    );
  }
  get tokens(): number {
    return this.#tokens;
  }
  get waste(): number {
    return waste({ tokens: this.#tokens, padded: this.#padded });
  }

  /** 0 where nothing had weight. */
  #average(sum: number, weight: number): number {
    const total = this.#sums[weight] ?? 0;
    return total === 0 ? 0 : (this.#sums[sum] ?? 0) / total;
  }
}
