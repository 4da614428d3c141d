/** The programs of a trainer as workers take them, and how what they share is laid out. */
import type { CompiledPlan } from "@scan-train/core/backend-kit";
import { reduceKey, type Program, type SlotLayout } from "../compute/work.ts";
import { shardCount } from "../data/batches.ts";
import { programOf, slotLayout, stateVariables, type StateVariables } from "./layout.ts";
import { compileReduce, type Target } from "./programs.ts";
import type { EngineOptions } from "./step-engine.ts";

export class ProgramSet {
  readonly programs: Record<string, Program> = {};
  readonly slot: SlotLayout;
  readonly state: StateVariables;
  readonly #options: EngineOptions;
  readonly #target: Target;

  constructor(options: EngineOptions, target: Target) {
    const { programs, parameters } = options;
    this.#options = options;
    this.#target = target;
    const { gradient, update, evaluate, predict } = programs;
    const plans = [gradient, update, evaluate, predict].filter((plan) => plan !== undefined);
    this.state = stateVariables(parameters, plans);
    this.slot = slotLayout(programs.sums.all, parameters);
    for (const [key, plan] of Object.entries({ gradient, update, evaluate, predict }))
      this.#add(key, plan);
  }

  /** Compiles what adding over the shards of batches of such a dataset needs. */
  async prepare(rows: number): Promise<void> {
    const { batchSize, shards } = this.#options.settings;
    const counts = [Math.min(rows, batchSize), rows % batchSize];
    const dtypes = new Set(this.slot.stripes.map((stripe) => stripe.dtype));
    for (const count of counts)
      for (const dtype of dtypes) {
        const n = count === 0 ? 1 : shardCount(count, batchSize, shards);
        const key = reduceKey(dtype, n);
        if (n > 1 && this.programs[key] === undefined)
          this.#add(key, await compileReduce(dtype, n, this.#target));
      }
  }

  #add(key: string, plan: CompiledPlan | undefined): void {
    if (plan !== undefined) this.programs[key] = programOf(plan, this.state.variables);
  }
}
