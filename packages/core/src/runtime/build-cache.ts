/** Programs that were built already: the same graph with the same options is built once. */
import { InternalError } from "../errors/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Site } from "../graph/site.ts";
import { leavesOf, toposort } from "../graph/walk.ts";
import { numberAll, ValueNumbers } from "../rewrite/value-numbers.ts";
import type { ProgramPlan } from "./executable-plan.ts";

/** A graph to build. */
interface Request {
  readonly inputs: readonly (readonly [string, Tensor])[];
  readonly outputs: readonly (readonly [string, Tensor])[];
  readonly updates: readonly (readonly [target: Tensor, value: Tensor])[];
}

/** What a request asks for, apart from which objects its graph is made of. */
export interface Content {
  /** Equal where the same is computed, in the same way, from leaves of the same types and names. */
  readonly key: string;
  /** Inputs, shared variables and constants, in an order that the key fixes. */
  readonly leaves: readonly Tensor[];
  /** Where the user made each of its tensors: what messages about values say. */
  readonly places: () => string;
}

/** `options`: all else that a build depends on, as plain data. */
export function contentOf(
  { inputs, outputs, updates }: Request,
  options: Readonly<Record<string, unknown>>,
): Content {
  const results = [...outputs.map(([, x]) => x), ...updates.map(([, value]) => value)];
  const targets = updates.map(([target]) => target);
  const given = inputs.map(([, tensor]) => tensor);
  const leaves = [...new Set([...given, ...leavesOf([...results, ...targets])])];
  const numbers = new ValueNumbers(true);
  for (const [i, leaf] of leaves.entries()) numbers.set(leaf, `l${i}`);
  const key = JSON.stringify([
    options,
    inputs.map(([name]) => name),
    outputs.map(([name]) => name),
    leaves.map(leafKey),
    numberAll(results, numbers, new Set()),
    [...results, ...targets].map((x) => numbers.of(x)),
  ]);
  return { key, leaves, places: () => [...leaves.map(placeOf), ...placesOf(results)].join() };
}

const placeOf = ({ site }: { readonly site: Site }): string => site.toString();

/** The places of all applications, those inside blocks too. */
function placesOf(results: readonly Tensor[]): string[] {
  return toposort(results).flatMap((apply) => [
    placeOf(apply),
    ...apply.blocks.flatMap(({ inputs, outputs }) => [
      ...inputs.map(placeOf),
      ...placesOf(outputs),
    ]),
  ]);
}

/** Larger constants are the same where they are one object. */
const comparedElements = 1024;

function leafKey(leaf: Tensor): unknown {
  const { origin, name, dtype, shape } = leaf;
  const type = [origin.kind, name, dtype, shape.map(({ key }) => key)];
  if (origin.kind !== "constant") return type;
  const { data } = origin.value;
  if (data.length > comparedElements) return [...type, leaf.id];
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [...type, bytes.join(",")];
}

/** What is kept of a build; it must hold no tensors but those of `shared`. */
interface Kept {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly plan: Pick<ProgramPlan, "failures" | "constants">;
  readonly shared: readonly Tensor[];
}
interface Entry<B extends Kept> {
  readonly build: B;
  /** The shared variables by their place among the leaves. */
  readonly shared: readonly number[];
  /** The places that its messages name; undefined where they name none. */
  readonly places: string | undefined;
}

const mostEntries = 64;
const mostBytes = 8_388_608;

/** Keeps the last builds that were asked for: up to 64, and 8 MiB of modules, keys and constants; no tensor and no value of a variable. */
export class BuildCache<B extends Kept> {
  readonly #entries = new Map<string, Entry<B>>();
  #bytes = 0;

  get({ key, leaves, places }: Content, make: () => B): B {
    const known = this.#entries.get(key);
    if (known !== undefined && (known.places === undefined || known.places === places())) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return { ...known.build, shared: known.shared.map((i) => leaves[i] ?? lost()) };
    }
    const build = make();
    const shared = build.shared.map((x) => leaves.indexOf(x));
    // A message that names a place in the code is right for graphs that were made there.
    const namesPlaces = build.plan.failures.some(({ message }) => placeInCode.test(message));
    this.#forget(key);
    this.#keep(key, {
      build: { ...build, shared: [] },
      shared,
      places: namesPlaces ? places() : undefined,
    });
    return build;
  }

  #keep(key: string, entry: Entry<B>): void {
    this.#entries.set(key, entry);
    this.#bytes += bytesOf(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= mostEntries && this.#bytes <= mostBytes) return;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#bytes -= bytesOf(key, entry);
    this.#entries.delete(key);
  }
}

function bytesOf(key: string, { build: { bytes, plan }, places = "" }: Entry<Kept>): number {
  const constants = plan.constants.reduce((sum, { data }) => sum + data.byteLength, 0);
  return constants + key.length + places.length + bytes.length;
}

const placeInCode = /:\d+:\d+\)|unknown place/;

function lost(): never {
  throw new InternalError("a shared variable is no leaf of its graph");
}
