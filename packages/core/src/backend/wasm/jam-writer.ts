/** Writes folds that run side by side: see `jam.ts`. */
import type { Statement } from "../../loop-ir/types.ts";
import type { Addresses } from "./addresses.ts";
import { changes, countUses } from "./dependence.ts";
import type { FunctionContext } from "./function-context.ts";
import { jamOf, jamWidth } from "./jam.ts";
import { roundedDown, writeLoop } from "./loops.ts";
import type { Reductions } from "./reduce.ts";
import type { Bound, Lanes, Scope } from "./scope.ts";

type For = Extract<Statement, { kind: "for" }>;

export class JamWriter {
  readonly #context: FunctionContext;
  readonly #addresses: Addresses;
  readonly #reductions: Reductions;
  readonly #writeAll: (body: readonly Statement[], scope: Scope) => void;

  constructor(
    context: FunctionContext,
    addresses: Addresses,
    reductions: Reductions,
    writeAll: (body: readonly Statement[], scope: Scope) => void,
  ) {
    this.#context = context;
    this.#addresses = addresses;
    this.#reductions = reductions;
    this.#writeAll = writeAll;
  }

  /** Runs the first iterations of the loop several vectors at a time where that pays; gives the first of those that are left. */
  write(loop: For, given: Lanes, end: Bound, scope: Scope): Bound {
    const jam = jamOf(this.#context, loop, given);
    if (jam === undefined) return 0;
    const { copies, lanes } = jam;
    const step = jamWidth * lanes.count;
    const whole = roundedDown(this.#context, scope, end, step);
    this.#context.addUses(countUses(copies.slice(1).flat()));
    const changed = changes(copies.flat());
    const shape = { variable: loop.var, start: 0, end: whole, step, changed, lanes };
    writeLoop(this.#context, scope, shape, (inside) => this.#together(copies, inside));
    return whole;
  }

  /** Statement by statement in all copies of a body. */
  #together(copies: readonly (readonly Statement[])[], scope: Scope): void {
    const [first = []] = copies;
    for (const [i, s] of first.entries()) {
      const same = copies.flatMap((copy) => copy[i] ?? []);
      if (s.kind === "reduce") {
        const reduces = same.filter((copy) => copy.kind === "reduce");
        this.#reductions.writeTogether(reduces, scope);
      } else if (s.kind === "for") {
        const bodies = same.flatMap((copy) => (copy.kind === "for" ? [copy.body] : []));
        const end = this.#addresses.extent(s.extent);
        const shape = { variable: s.var, start: 0, end, step: 1, changed: changes(same) };
        writeLoop(this.#context, scope, shape, (inside) => this.#together(bodies, inside));
      } else this.#writeAll(same, scope);
    }
  }
}
