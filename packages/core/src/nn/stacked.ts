/** Cells made of cells: on top of each other, and around their input. */
import { ArgumentError, ShapeError } from "../errors/errors.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/arithmetic.ts";
import { zerosLike } from "../ops/constant.ts";
import { describeTyped } from "../ops/shape.ts";
import type { Cell } from "./cell.ts";

type Shown = { readonly h: Tensor };
type Prefixed<P extends string, S> = { readonly [K in keyof S & string as `${P}${K}`]: S[K] };

/** What a residual cell carries: `h`, which it shows, and the states of the cell in it, as `inner.h`. */
export type ResidualState<S extends Shown> = { readonly h: S["h"] } & Prefixed<"inner.", S>;

/** What a stack carries: `h` of the last cell, and every other state under the number of its cell, as `0.h`, `0.c`. */
export type StackedState<
  S extends readonly Shown[],
  Below extends readonly unknown[] = [],
> = S extends readonly [infer Last extends Shown]
  ? { readonly h: Last["h"] } & Prefixed<`${Below["length"]}.`, Omit<Last, "h">>
  : S extends readonly [infer First, ...infer Rest extends readonly Shown[]]
    ? Prefixed<`${Below["length"]}.`, First> & StackedState<Rest, [...Below, First]>
    : NestedState;

/** States of a list of cells whose length is not known to the compiler. */
export type NestedState = Shown & Readonly<Record<string, Tensor>>;

/** Cells of any states. */
export type CellsOf<S extends readonly Shown[]> = {
  readonly [K in keyof S]: Cell<S[K]>;
};

type AnyCell = Cell<Shown>;

/** The states of one part by their own names; its `h` is `shown` where it has none under its prefix. */
function statesUnder(
  prefix: string,
  all: Readonly<Record<string, Tensor>>,
  shown: Tensor,
): NestedState {
  const own = Object.entries(all).flatMap(([name, state]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), state] as const] : [],
  );
  return { h: shown, ...Object.fromEntries(own) };
}

/** The states of one part under its prefix. */
function prefixed(prefix: string, states: object): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(states).map(([name, state]) => [`${prefix}${name}`, state as Tensor]),
  );
}

/** @throws ArgumentError LAYER_OPTION */
function requireCell(what: string, cell: unknown): void {
  if (typeof cell === "object" && cell !== null && "step" in cell && "init" in cell) return;
  throw new ArgumentError("LAYER_OPTION", `${what} is no cell`, {
    hint: "give what gru(...), lstm(...) or another cell returned; layers go into sequential([...])",
  });
}

/**
 * Cells on top of each other (Graves 2013) as one cell: the first sees x, each other one the new `h` of the one below, and the last
 * one shows. Its states are `h` of the last cell and all others under the number of their cell: `0.h`, `0.c`, `1.c`.
 * @example
 * const cell = stacked([lstm({ inputSize: 12, ... }), residual(lstm({ inputSize: 64, ... }))]);
 * const { outputs } = run(cell, x, { lengths }); // outputs.h: [T, B, 64]
 * @throws ArgumentError LAYER_OPTION where the list is empty or holds something else
 */
export function stacked<const S extends readonly Shown[]>(cells: CellsOf<S>): Cell<StackedState<S>>;
export function stacked(cells: readonly AnyCell[]): Cell<NestedState> {
  const list: unknown = cells;
  const top = Array.isArray(list) ? cells.at(-1) : undefined;
  if (top === undefined)
    throw new ArgumentError("LAYER_OPTION", "stacked: there are no cells", {
      hint: "give a list: stacked([first, second])",
    });
  for (const [i, cell] of cells.entries()) requireCell(`stacked: entry ${i}`, cell);
  const last = cells.length - 1;
  /** The names that states of cell i have in the stack. */
  const named = (i: number, states: object): Record<string, Tensor> => {
    const { [`${last}.h`]: _, ...rest } = prefixed(`${i}.`, states);
    return rest;
  };
  return {
    parameters: [...new Set(cells.flatMap((cell) => cell.parameters))],
    hiddenSize: top.hiddenSize,
    init: (batch) => {
      const begun = cells.map((cell, i) => named(i, cell.init(batch)));
      return { ...Object.assign({}, ...begun), h: top.init(batch).h };
    },
    step({ x, ...before }) {
      let shown = x;
      const after: Record<string, Tensor> = {};
      for (const [i, cell] of cells.entries()) {
        const next = cell.step({
          x: shown,
          ...statesUnder(`${i}.`, before, before.h),
        });
        Object.assign(after, named(i, next));
        shown = next.h;
      }
      return { ...after, h: shown };
    },
  };
}

/**
 * A cell that shows x + h in place of h (He et al. 2016; for stacks of recurrent layers Wu et al. 2016): its input `[B, H]` is as wide
 * as its state. Its states are the `h` that it shows and those of the cell, as `inner.h`.
 * @example const cell = residual(gru({ inputSize: 64, hiddenSize: 64, key: key(2), name: "second" }));
 * @throws ArgumentError LAYER_OPTION; a step throws ShapeError RESIDUAL_SIZE
 */
export function residual<S extends Shown>(cell: Cell<S>): Cell<ResidualState<S>>;
export function residual(cell: AnyCell): Cell<NestedState> {
  requireCell("residual: what it goes around", cell);
  const { hiddenSize, parameters } = cell;
  return {
    parameters,
    hiddenSize,
    init(batch) {
      const inner = cell.init(batch);
      return { ...prefixed("inner.", inner), h: zerosLike(inner.h) };
    },
    step({ x, ...before }) {
      const width = x.shape.at(-1)?.constant;
      if (x.rank !== 2 || (width !== undefined && width !== hiddenSize))
        throw new ShapeError(
          "RESIDUAL_SIZE",
          `residual: ${describeTyped(x)} is added to a state [B, ${hiddenSize}]`,
          {
            hint: "give the cell a hiddenSize like its inputSize; the first layer may stand alone",
          },
        );
      const next = cell.step({ x, ...statesUnder("inner.", before, before.h) });
      return { ...prefixed("inner.", next), h: add(x, next.h) };
    },
  };
}
