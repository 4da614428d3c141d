/** A compiled module bound to places in a memory: runs in any thread. */
import { InternalError } from "../errors/errors.ts";
import { commitEntry, runEntry } from "../lower/entries.ts";
import { evaluateSize, type SizeEnvironment } from "../size/size.ts";
import { withChunks } from "./budget.ts";
import type { ExecutablePlan, ProgramPlan } from "./executable-plan.ts";
import { align } from "./plan-bytes.ts";
import type { WasmInstance, WasmMemory } from "./wasm-types.ts";

/** Where a call finds its arrays: byte addresses in the memory. */
export interface Binding {
  /** The frame and the constants; `frameBytes` long. */
  readonly frame: number;
  /** Working memory; `scratchBytes(sizes)` long. */
  readonly scratch: number;
  /** All sizes: see `callSizes`. */
  readonly sizes: SizeEnvironment;
  /** The address of an input, output or shared array, by its buffer number. */
  readonly address: (buffer: number) => number;
}

type Entry = (frame: number) => void;

export class Executable {
  readonly plan: ExecutablePlan;
  readonly frameBytes: number;
  readonly #memory: WasmMemory;
  readonly #run: Entry;
  readonly #commit: Entry;
  #frame = 0;
  #words: Int32Array<ArrayBufferLike> = new Int32Array(0);

  constructor(
    plan: ExecutablePlan,
    parts: { readonly instance: WasmInstance; readonly memory: WasmMemory },
  ) {
    this.plan = plan;
    this.#memory = parts.memory;
    this.#run = entryOf(parts.instance, runEntry);
    this.#commit = entryOf(parts.instance, commitEntry);
    this.frameBytes =
      align(4 * plan.frame.words) +
      plan.constants.reduce((sum, c) => sum + align(c.data.byteLength), 0);
  }

  /** Bytes of working memory for these sizes. */
  scratchBytes(sizes: SizeEnvironment): number {
    return scratchBytes(this.plan, sizes);
  }

  /** Writes the frame: addresses and sizes. Must be repeated when any of them changes. */
  bind(binding: Binding): void {
    const { plan } = this;
    const words = new Int32Array(this.#memory.buffer, binding.frame, plan.frame.words);
    const place = (buffer: number, address: number): void =>
      void (words[plan.frame.buffers + buffer] = address);
    for (const array of [...plan.inputs, ...plan.outputs, ...plan.shared])
      place(array.buffer, binding.address(array.buffer));
    let scratch = binding.scratch;
    for (const slot of plan.slots) {
      for (const tenant of slot.buffers) place(tenant.buffer, scratch);
      scratch += slotBytes(slot, binding.sizes);
    }
    let constants = binding.frame + align(4 * plan.frame.words);
    for (const { buffer, data } of plan.constants) {
      place(buffer, constants);
      new Uint8Array(this.#memory.buffer, constants, data.byteLength).set(
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      );
      constants += align(data.byteLength);
    }
    for (const [i, size] of plan.sizes.entries())
      words[plan.frame.sizes + i] = evaluateSize(size, binding.sizes);
    this.#frame = binding.frame;
    this.#words = words;
  }

  /** Computes everything; nothing shared is written. Returns 0, or the code of the first failure. */
  run(): number {
    if (this.#words.length === 0)
      this.#words = new Int32Array(this.#memory.buffer, this.#frame, this.plan.frame.words);
    this.#words[this.plan.frame.status] = 0;
    this.#run(this.#frame);
    return this.#words[this.plan.frame.status] ?? 0;
  }

  /** Writes the new values of shared variables that `run` computed. */
  commit(): void {
    this.#commit(this.#frame);
  }
}

const scratchBytes = ({ slots }: Pick<ProgramPlan, "slots">, sizes: SizeEnvironment): number =>
  slots.reduce((sum, slot) => sum + slotBytes(slot, sizes), 0);

/**
 * All sizes of a call: those given, and those that the budget of the plan decides. `label` is how messages call the function, `outputs`
 * the bytes that a call works in besides temporaries, `floor` those that programs before it take.
 * @throws ArgumentError MEMORY_BUDGET
 */
export function callSizes(
  label: string,
  plan: Pick<ProgramPlan, "budget" | "slots">,
  given: SizeEnvironment,
  outputs = 0,
  floor = 0,
): SizeEnvironment {
  return withChunks(label, plan.budget, given, { outputs, floor }, (all) =>
    scratchBytes(plan, all),
  );
}

function slotBytes(slot: ExecutablePlan["slots"][number], sizes: SizeEnvironment): number {
  return align(
    slot.buffers.reduce((most, tenant) => Math.max(most, evaluateSize(tenant.bytes, sizes)), 0),
  );
}

function entryOf(instance: WasmInstance, name: string): Entry {
  const entry: unknown = Object.entries(instance.exports).find(([key]) => key === name)?.[1];
  if (typeof entry !== "function") throw new InternalError(`the module has no entry ${name}`);
  return entry as Entry;
}
