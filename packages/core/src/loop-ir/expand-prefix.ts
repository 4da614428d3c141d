/**
 * What a `prefix` means, in plain loops. The order, which fixes the rounding: r(0) = x(0); the rest goes in blocks of 4 (of 2 where a
 * part is f64), each combined in itself at distance 1, then 2 (Hillis & Steele 1986), and then with the last r before it; what is left at
 * the end goes one by one.
 */
import { floorDivSizes, maxSizes, minSizes, mulSizes, subSizes } from "../size/size.ts";
import { literal, readVar, scalarVar } from "./build.ts";
import {
  addIndexes,
  constantIndex,
  indexOf,
  indexVar,
  substituteIndex,
  substituteIndexVars,
  zeroIndex,
} from "./index-expr.ts";
import { mapProgram } from "./map-program.ts";
import { combineParts, prefixBlock, prefixNeeds, type Prefix } from "./prefix.ts";
import type { Expr, Index, IndexVar, Program, ScalarVar, Statement } from "./types.ts";

/** By part; undefined where nobody needs it. */
type Values = readonly (Expr | undefined)[];

/** The program with plain loops in place of every `prefix` for which `isKept` does not hold. */
export function expandPrefixes(
  program: Program,
  isKept: (prefix: Prefix) => boolean = () => false,
): Program {
  return mapProgram(
    program,
    (e) => e,
    (s) => (s.kind === "prefix" && !isKept(s) ? expandPrefix(s) : [s]),
  );
}

/** The statement in plain loops. */
export function expandPrefix(prefix: Prefix): Statement[] {
  return new Expansion(prefix).statements();
}

class Expansion {
  readonly #prefix: Prefix;
  readonly #results: readonly boolean[];
  readonly #withinBlocks: readonly boolean[];
  /** The last result so far. */
  readonly #last: readonly ScalarVar[];

  constructor(prefix: Prefix) {
    this.#prefix = prefix;
    const { results, withinBlocks } = prefixNeeds(prefix);
    this.#results = results;
    this.#withinBlocks = withinBlocks;
    this.#last = prefix.parts.map(({ left }) => scalarVar("last", left.type));
  }

  statements(): Statement[] {
    const { extent } = this.#prefix;
    const block = prefixBlock(this.#prefix);
    const rest = maxSizes(subSizes(extent, 1), 0);
    const blocks = floorDivSizes(rest, block);
    const [one, b, t] = [indexVar("first"), indexVar("block"), indexVar("t")];
    const start = addIndexes(indexOf(b, block), constantIndex(1));
    const tail = addIndexes(indexOf(t), constantIndex(mulSizes(blocks, block)), constantIndex(1));
    return [
      ...this.#last.flatMap((v, i): Statement[] =>
        this.#results[i] === true ? [{ kind: "let", var: v, value: literal(v.type, 0) }] : [],
      ),
      loop(one, minSizes(extent, 1), this.#advance(zeroIndex, this.#elements(zeroIndex))),
      loop(b, blocks, this.#block(block, start)),
      loop(
        t,
        subSizes(rest, mulSizes(blocks, block)),
        this.#advance(tail, this.#after(this.#elements(tail))),
      ),
    ];
  }

  /** The block whose first element is at `start`. */
  #block(block: number, start: Index): Statement[] {
    const statements: Statement[] = [];
    const keep = (values: Values): Values =>
      values.map((value) => {
        if (value === undefined) return undefined;
        const v = scalarVar("r", value.type);
        statements.push({ kind: "let", var: v, value });
        return readVar(v);
      });
    const places = Array.from({ length: block }, (_, k) => addIndexes(start, constantIndex(k)));
    let within = places.map((place) => keep(this.#elements(place)));
    for (let distance = 1; distance < block; distance *= 2)
      within = within.map((own, k) => {
        const before = within[k - distance];
        if (before === undefined) return own;
        return keep(combineParts(this.#prefix, before, own, this.#withinBlocks));
      });
    const results = within.map((own) => keep(this.#after(own)));
    for (const [k, place] of places.entries())
      statements.push(...this.#store(place, results[k] ?? []));
    return [...statements, ...this.#assign(results.at(-1) ?? [])];
  }

  /** These elements after the last result. */
  #after(elements: Values): Values {
    return combineParts(this.#prefix, this.#last.map(readVar), elements, this.#results);
  }

  /** The results at a place: they become the last ones. */
  #advance(place: Index, results: Values): Statement[] {
    const last = this.#last.map(readVar);
    return [...this.#assign(results), ...this.#store(place, last)];
  }

  #elements(place: Index): Values {
    const { index, parts } = this.#prefix;
    const [places, memo] = [new Map([[index, place]]), new Map<Expr, Expr>()];
    return parts.map(({ value }, i) =>
      this.#withinBlocks[i] === true ? substituteIndexVars(value, places, memo) : undefined,
    );
  }

  /** All values are taken before any variable changes. */
  #assign(values: Values): Statement[] {
    const changes = this.#last.flatMap((v, i) => {
      const value = values[i];
      return this.#results[i] === true && value !== undefined
        ? [{ v, value, next: scalarVar("next", v.type) }]
        : [];
    });
    return [
      ...changes.map(({ next, value }): Statement => ({ kind: "let", var: next, value })),
      ...changes.map(({ v, next }): Statement => ({
        kind: "assign",
        var: v,
        value: readVar(next),
      })),
    ];
  }

  #store(place: Index, values: Values): Statement[] {
    const { index, parts } = this.#prefix;
    const places = new Map([[index, place]]);
    return parts.flatMap(({ into }, i) =>
      into.flatMap((target): Statement[] => {
        const value = values[i];
        if (value === undefined) return [];
        const at = substituteIndex(target.index, places);
        return [{ kind: "store", buffer: target.buffer, index: at, value }];
      }),
    );
  }
}

function loop(v: IndexVar, extent: Prefix["extent"], body: readonly Statement[]): Statement {
  return { kind: "for", var: v, extent, parallel: false, body };
}
