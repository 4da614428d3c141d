// One row per op: how it is built, from what, and in which inputs it is differentiable. Tests of types, derivatives, batching and
// backends all read this table.
import { elementwise } from "./specs/elementwise.ts";
import { reductions } from "./specs/reductions.ts";
import { layouts, walls } from "./specs/layouts.ts";
import { products } from "./specs/products.ts";
import { indexing } from "./specs/indexing.ts";
import { losses, random } from "./specs/losses-and-random.ts";
import type { OpSpec } from "./specs/op-spec.ts";

export type { OpSpec } from "./specs/op-spec.ts";

export const opFamilies: Readonly<Record<string, readonly OpSpec[]>> = {
  elementwise,
  reductions,
  walls,
  layouts,
  products,
  indexing,
  losses,
  random,
};

export const opSpecs: readonly OpSpec[] = Object.values(opFamilies).flat();
