/** `prefix` over consecutive elements: each block of its order is one vector. What else there is runs as plain loops. */
import { InternalError } from "../../errors/errors.ts";
import { readVar, scalarVar } from "../../loop-ir/build.ts";
import { combineParts, type Prefix, prefixBlock } from "../../loop-ir/expand-prefix.ts";
import type { Expr, ScalarVar, Statement } from "../../loop-ir/types.ts";
import { postOrder } from "../../loop-ir/walk.ts";
import { changes, countUses, type Dependency } from "./dependence.ts";
import type { Code, Local } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { Expressions } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { bound, writeLoop } from "./loops.ts";
import { valueTypeOf } from "./scalar-ops.ts";
import type { Bound, Form, Lanes, Scope } from "./scope.ts";
import { extractLane } from "./vector-memory.ts";
import { prefixFitsLanes } from "./vectorize.ts";
import { writeSplat } from "./vector-ops.ts";

/** True where blocks of the order fill vectors: neighbouring elements of types of one width. */
export function runsInLanes(prefix: Prefix): boolean {
  const block = prefixBlock(prefix);
  const types = prefix.parts.map(({ left }) => left.type);
  if (block === 2 && types.some((type) => type !== "f64" && type !== "bool")) return false;
  return prefixFitsLanes(prefix, lanesOf(prefix, new Set()));
}

const lanesOf = (prefix: Prefix, varying: ReadonlySet<Dependency>): Lanes => ({
  count: prefixBlock(prefix),
  variable: prefix.index,
  varying,
});

/** One application of `combined`: variables for both sides, and the results over them. */
interface Combination {
  readonly left: readonly ScalarVar[];
  readonly right: readonly ScalarVar[];
  readonly results: readonly Expr[];
}

/** A way of computing it: what an element is, how it is held, and where it goes. */
interface Piece {
  readonly scope: Scope;
  readonly form: Form;
}

export class PrefixWriter {
  readonly #context: FunctionContext;
  readonly #expressions: Expressions;
  readonly #store: (s: Extract<Statement, { kind: "store" }>, scope: Scope) => void;
  readonly #prefix: Prefix;
  /** What is stored, by part. */
  readonly #results: readonly ScalarVar[];
  /** For each part, whether its results are needed, and whether it is at all. */
  readonly #isResult: readonly boolean[];
  readonly #isUsed: readonly boolean[];

  constructor(
    context: FunctionContext,
    expressions: Expressions,
    store: (s: Extract<Statement, { kind: "store" }>, scope: Scope) => void,
    prefix: Prefix,
  ) {
    this.#context = context;
    this.#expressions = expressions;
    this.#store = store;
    this.#prefix = prefix;
    const { parts } = prefix;
    this.#results = parts.map(({ left }) => scalarVar("result", left.type));
    const stored = parts.map(({ into }) => into.length > 0);
    this.#isResult = this.#closure(stored, ({ left }) => [left]);
    const read = this.#readBy(this.#isResult, ({ right }) => [right]);
    this.#isUsed = this.#closure(
      parts.map((_, i) => this.#isResult[i] === true || read[i] === true),
      ({ left, right }) => [left, right],
    );
  }

  write(scope: Scope): void {
    const prefix = this.#prefix;
    const count = prefixBlock(prefix);
    const end = this.#expressions.addresses.extent(prefix.extent);
    const first = this.#atMostOne(scope, end);
    const whole = this.#wholeBlocks(scope, first, end, count);
    const { locals } = this.#context;
    const last = prefix.parts.map(({ left }) => locals.fresh(valueTypeOf(left.type)));
    const carry = prefix.parts.map(() => locals.fresh("v128"));

    const variable = prefix.index;
    const tail = this.#combination();
    const own = [...tail.left, ...tail.right, ...this.#results];
    const changed = new Set<Dependency>([...changes([prefix]), ...own]);
    writeLoop(
      this.#context,
      scope,
      { variable, start: 0, end: first, step: 1, changed },
      (inside) => {
        const piece: Piece = { scope: inside, form: "scalar" };
        const values = this.#elements(piece);
        this.#keep(inside, values, last);
        this.#storeResults(piece, values);
      },
    );

    const levels = this.#levels(count);
    const toLast = this.#combination();
    const varying = new Set<Dependency>([
      ...[...levels, toLast].flatMap(({ left, right }) => [...left, ...right]),
      ...this.#results,
    ]);
    for (const v of varying) changed.add(v);
    this.#each(this.#isResult, (i) => this.#splat(scope, i, at(last, i), at(carry, i), count));
    const lanes = { variable, start: 1, end: whole, step: count, changed };
    const inLanes = { ...lanes, lanes: lanesOf(prefix, varying) };
    writeLoop(this.#context, scope, inLanes, (inside) => {
      const piece: Piece = { scope: inside, form: count };
      let values = this.#elements(piece);
      for (const [level, combination] of levels.entries())
        values = this.#withinBlock(piece, combination, values, 1 << level);
      const results = this.#combine(piece, toLast, carry, values, this.#isResult);
      this.#storeResults(piece, results);
      this.#each(this.#isResult, (i) => {
        inside.code.get(at(results, i), at(results, i));
        shuffle(inside.code, count, count === 4 ? [3, 3, 3, 3] : [1, 1]).set(at(carry, i));
      });
    });
    this.#each(this.#isResult, (i) => this.#extract(scope, i, at(carry, i), at(last, i)));

    const rest = { variable, start: whole, end, step: 1, changed };
    writeLoop(this.#context, scope, rest, (inside) => {
      const piece: Piece = { scope: inside, form: "scalar" };
      const results = this.#combine(piece, tail, last, this.#elements(piece), this.#isResult);
      this.#keep(inside, results, last);
      this.#storeResults(piece, results);
    });
  }

  /** Parts that are needed where those in `from` are, by what `sides` of a part their combination reads. */
  #closure(
    from: readonly boolean[],
    sides: (part: Prefix["parts"][number]) => readonly ScalarVar[],
  ): readonly boolean[] {
    const read = this.#readBy(from, sides);
    const all = from.map((is, i) => is || read[i] === true);
    return all.every((is, i) => is === from[i]) ? from : this.#closure(all, sides);
  }

  #readBy(
    from: readonly boolean[],
    sides: (part: Prefix["parts"][number]) => readonly ScalarVar[],
  ): readonly boolean[] {
    const { parts } = this.#prefix;
    const roots = parts.flatMap(({ combined }, i) => (from[i] === true ? [combined] : []));
    const read = new Set(postOrder(roots).flatMap((e) => (e.kind === "read" ? [e.var] : [])));
    return parts.map((part) => sides(part).some((side) => read.has(side)));
  }

  #each(which: readonly boolean[], run: (part: number) => void): void {
    for (const [i, is] of which.entries()) if (is) run(i);
  }

  /** A combination over variables of its own: one expression has one value where it is in scope. */
  #combination(): Combination {
    const side = (name: string): ScalarVar[] =>
      this.#prefix.parts.map(({ left }) => scalarVar(name, left.type));
    const [left, right] = [side("left"), side("right")];
    const results = combineParts(this.#prefix, left.map(readVar), right.map(readVar));
    const uses = results.map((value): Statement => ({
      kind: "let",
      var: scalarVar("result", value.type),
      value,
    }));
    this.#context.addUses(countUses(uses));
    return { left, right, results };
  }

  #levels(count: 2 | 4): readonly Combination[] {
    return count === 4 ? [this.#combination(), this.#combination()] : [this.#combination()];
  }

  /** 1, or 0 where there are no elements. */
  #atMostOne(scope: Scope, end: Bound): Bound {
    if (typeof end === "number") return Math.min(end, 1);
    const local = this.#context.locals.fresh("i32");
    scope.code.get(end).i32(0).op(op.i32Ne).set(local);
    return local;
  }

  /** Where the last whole block after the first element ends. */
  #wholeBlocks(scope: Scope, first: Bound, end: Bound, count: 2 | 4): Bound {
    if (typeof first === "number" && typeof end === "number")
      return first + (end - first) - ((end - first) % count);
    const local = this.#context.locals.fresh("i32");
    bound(scope.code, end);
    bound(scope.code, first);
    scope.code.op(op.i32Sub).i32(-count).op(op.i32And);
    bound(scope.code, first);
    scope.code.op(op.i32Add).set(local);
    return local;
  }

  /** Locals with the parts of the elements. */
  #elements({ scope, form }: Piece): readonly Local[] {
    return this.#prefix.parts.map(({ value }, i) =>
      this.#isUsed[i] === true ? this.#expressions.inLocal(value, scope, form) : unused,
    );
  }

  /** Every element but the first `distance` combined with that so far before it. */
  #withinBlock(
    piece: Piece,
    combination: Combination,
    values: readonly Local[],
    distance: number,
  ): readonly Local[] {
    const { code } = piece.scope;
    const { count } = lanesOf(this.#prefix, new Set());
    const before = values.map((value, i) => {
      if (this.#isUsed[i] !== true) return unused;
      const shifted = this.#context.locals.fresh("v128");
      const lanes = Array.from({ length: count }, (_, lane) => Math.max(lane - distance, 0));
      return (shuffle(code.get(value, value), count, lanes).set(shifted), shifted);
    });
    const made = this.#combine(piece, combination, before, values, this.#isUsed);
    return values.map((value, i) => {
      if (this.#isUsed[i] !== true) return unused;
      const joined = this.#context.locals.fresh("v128");
      const lanes = Array.from({ length: count }, (_, lane) =>
        lane < distance ? lane : count + lane,
      );
      return (shuffle(code.get(value, at(made, i)), count, lanes).set(joined), joined);
    });
  }

  #combine(
    { scope, form }: Piece,
    { left, right, results }: Combination,
    before: readonly Local[],
    own: readonly Local[],
    wanted: readonly boolean[],
  ): readonly Local[] {
    for (const [i, v] of left.entries()) this.#context.variables.set(v, at(before, i));
    for (const [i, v] of right.entries()) this.#context.variables.set(v, at(own, i));
    return results.map((value, i) =>
      wanted[i] === true ? this.#expressions.inLocal(value, scope, form) : unused,
    );
  }

  #keep(scope: Scope, values: readonly Local[], into: readonly Local[]): void {
    this.#each(this.#isResult, (i) => scope.code.get(at(values, i)).set(at(into, i)));
  }

  #storeResults({ scope }: Piece, values: readonly Local[]): void {
    for (const [i, { into }] of this.#prefix.parts.entries()) {
      const v = this.#results[i];
      if (v === undefined || into.length === 0) continue;
      this.#context.variables.set(v, at(values, i));
      for (const { buffer, index } of into)
        this.#store({ kind: "store", buffer, index, value: readVar(v) }, scope);
    }
  }

  #splat({ code }: Scope, part: number, from: Local, into: Local, count: 2 | 4): void {
    code.get(from);
    writeSplat({ code, lanes: count }, this.#type(part));
    code.set(into);
  }

  #extract({ code }: Scope, part: number, from: Local, into: Local): void {
    const type = this.#type(part);
    code.get(from).lane(extractLane(type), 0);
    if (type === "bool") code.i32(1).op(op.i32And);
    code.set(into);
  }

  #type(part: number): ScalarVar["type"] {
    const found = this.#prefix.parts[part];
    if (found === undefined) throw new InternalError(`a prefix has no part ${part}`);
    return found.left.type;
  }
}

/** Stands for what is not computed. */
const unused: Local = { index: -1, type: "v128" };

function at(list: readonly Local[], part: number): Local {
  const found = list[part];
  if (found === undefined) throw new InternalError(`a prefix has no part ${part}`);
  return found;
}

/** Picks lanes of the two vectors on the stack: those of the second count on from those of the first. */
function shuffle(code: Code, count: 2 | 4, lanes: readonly number[]): Code {
  const [a = 0, b = 0, c = 0, d = 0] = lanes;
  return count === 4 ? code.shuffle32(a, b, c, d) : code.shuffle64(a, b);
}
