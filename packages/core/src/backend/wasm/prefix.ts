/** `prefix` over neighbouring elements: each block of its order is one vector. Any other runs as plain loops. */
import { InternalError } from "../../errors/errors.ts";
import { readVar, scalarVar } from "../../loop-ir/build.ts";
import { combineParts, type Prefix, prefixBlock, prefixNeeds } from "../../loop-ir/prefix.ts";
import type { Expr, ScalarVar, Statement } from "../../loop-ir/types.ts";
import { changes, countUses, type Dependency } from "./dependence.ts";
import type { Code, Local } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { Expressions } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { bound, roundedDown, writeLoop } from "./loops.ts";
import { valueTypeOf } from "./scalar-ops.ts";
import type { Bound, Form, Lanes, Scope } from "./scope.ts";
import { extractLane } from "./vector-memory.ts";
import { writeSplat } from "./vector-ops.ts";
import { prefixFitsLanes } from "./vectorize.ts";

/** True where blocks of the order fill vectors: neighbouring elements of types of one width. */
export function runsInLanes(prefix: Prefix): boolean {
  const block = prefixBlock(prefix);
  const types = prefix.parts.map(({ left }) => left.type);
  if (block === 2 && types.some((type) => type !== "f64" && type !== "bool")) return false;
  return prefixFitsLanes(prefix, { count: block, variable: prefix.index, varying: new Set() });
}

/** Writes a store in the form of the scope. */
export type StoreWriter = (s: Extract<Statement, { kind: "store" }>, scope: Scope) => void;

/** By part; undefined where nobody needs it. */
type Values = readonly (Local | undefined)[];

/** One application of the combination, over variables of its own: an expression has one value where it is in scope. */
interface Combination {
  readonly left: readonly ScalarVar[];
  readonly right: readonly ScalarVar[];
  readonly results: readonly (Expr | undefined)[];
}

/** Where code goes, and how it holds elements. */
interface Piece {
  readonly scope: Scope;
  readonly form: Form;
}

export class PrefixWriter {
  readonly #context: FunctionContext;
  readonly #expressions: Expressions;
  readonly #store: StoreWriter;
  readonly #prefix: Prefix;
  readonly #count: 2 | 4;
  readonly #results: readonly boolean[];
  readonly #withinBlocks: readonly boolean[];
  /** What is stored, by part. */
  readonly #stored: readonly ScalarVar[];

  constructor(
    context: FunctionContext,
    expressions: Expressions,
    store: StoreWriter,
    prefix: Prefix,
  ) {
    this.#context = context;
    this.#expressions = expressions;
    this.#store = store;
    this.#prefix = prefix;
    this.#count = prefixBlock(prefix);
    const { results, withinBlocks } = prefixNeeds(prefix);
    this.#results = results;
    this.#withinBlocks = withinBlocks;
    this.#stored = prefix.parts.map(({ left }) => scalarVar("result", left.type));
  }

  write(scope: Scope): void {
    const { index: variable, extent, parts } = this.#prefix;
    const end = this.#expressions.addresses.extent(extent);
    const first = this.#atMostOne(scope, end);
    const whole = this.#endOfBlocks(scope, first, end);
    const within = this.#levels().map(() => this.#combination(this.#withinBlocks));
    const [afterLast, oneByOne] = [
      this.#combination(this.#results),
      this.#combination(this.#results),
    ];
    const inVectors: ReadonlySet<Dependency> = new Set([
      ...[...within, afterLast].flatMap(({ left, right }) => [...left, ...right]),
      ...this.#stored,
    ]);
    const changed: ReadonlySet<Dependency> = new Set([
      ...changes([this.#prefix]),
      ...inVectors,
      ...oneByOne.left,
      ...oneByOne.right,
    ]);
    const last = this.#eachOf(this.#results, (part) =>
      this.#context.locals.fresh(valueTypeOf(this.#type(part))),
    );
    const loop = (start: Bound, stop: Bound, body: (piece: Piece) => void): void =>
      writeLoop(this.#context, scope, { variable, start, end: stop, step: 1, changed }, (inside) =>
        body({ scope: inside, form: "scalar" }),
      );

    loop(0, first, (piece) => this.#advance(piece, this.#elements(piece), last));

    const carry = this.#eachOf(this.#results, () => this.#context.locals.fresh("v128"));
    this.#splatAll(scope, last, carry);
    const lanes: Lanes = { count: this.#count, variable, varying: inVectors };
    const blocks = { variable, start: 1, end: whole, step: this.#count, changed, lanes };
    writeLoop(this.#context, scope, blocks, (inside) => {
      const piece: Piece = { scope: inside, form: this.#count };
      const made = within.reduce(
        (values, combination, level) => this.#withinBlock(piece, combination, values, 1 << level),
        this.#elements(piece),
      );
      const results = this.#combine(piece, afterLast, carry, made);
      this.#storeAll(piece, results);
      for (const [part, into] of carry.entries()) {
        const result = results[part];
        if (into === undefined || result === undefined) continue;
        const end = this.#count - 1;
        this.#shuffle(inside.code.get(result, result), () => end).set(into);
      }
    });
    for (const [part, { left }] of parts.entries())
      this.#extract(scope, left.type, carry[part], last[part]);

    loop(whole, end, (piece) =>
      this.#advance(piece, this.#combine(piece, oneByOne, last, this.#elements(piece)), last),
    );
  }

  #type(part: number): ScalarVar["type"] {
    const found = this.#prefix.parts[part];
    if (found === undefined) throw new InternalError(`a prefix has no part ${part}`);
    return found.left.type;
  }

  #eachOf(which: readonly boolean[], make: (part: number) => Local): Values {
    return which.map((is, part) => (is ? make(part) : undefined));
  }

  /** Distances 1, 2, ... below the size of a block, by their logarithms. */
  #levels(): readonly number[] {
    return this.#count === 4 ? [0, 1] : [0];
  }

  #combination(wanted: readonly boolean[]): Combination {
    const side = (name: string): ScalarVar[] =>
      this.#prefix.parts.map(({ left }) => scalarVar(name, left.type));
    const [left, right] = [side("left"), side("right")];
    const results = combineParts(this.#prefix, left.map(readVar), right.map(readVar), wanted);
    const uses = results.flatMap((value): Statement[] =>
      value === undefined ? [] : [{ kind: "let", var: scalarVar("result", value.type), value }],
    );
    this.#context.addUses(countUses(uses));
    return { left, right, results };
  }

  /** 1, or 0 where there are no elements. */
  #atMostOne(scope: Scope, end: Bound): Bound {
    if (typeof end === "number") return Math.min(end, 1);
    const local = this.#context.locals.fresh("i32");
    scope.code.get(end).i32(0).op(op.i32Ne).set(local);
    return local;
  }

  /** Where the last whole block after the first element ends. */
  #endOfBlocks(scope: Scope, first: Bound, end: Bound): Bound {
    if (typeof first === "number" && typeof end === "number")
      return first + (end - first) - ((end - first) % this.#count);
    const rest = this.#context.locals.fresh("i32");
    bound(scope.code, end);
    bound(scope.code, first);
    scope.code.op(op.i32Sub).set(rest);
    const whole = this.#context.locals.fresh("i32");
    bound(scope.code, roundedDown(this.#context, scope, rest, this.#count));
    bound(scope.code, first);
    scope.code.op(op.i32Add).set(whole);
    return whole;
  }

  #elements({ scope, form }: Piece): Values {
    return this.#prefix.parts.map(({ value }, part) =>
      this.#withinBlocks[part] === true ? this.#expressions.inLocal(value, scope, form) : undefined,
    );
  }

  #combine({ scope, form }: Piece, combination: Combination, left: Values, right: Values): Values {
    const bind = (vars: readonly ScalarVar[], values: Values): void => {
      for (const [part, v] of vars.entries()) {
        const value = values[part];
        if (value !== undefined) this.#context.variables.set(v, value);
      }
    };
    bind(combination.left, left);
    bind(combination.right, right);
    return combination.results.map((value) =>
      value === undefined ? undefined : this.#expressions.inLocal(value, scope, form),
    );
  }

  /** Every element of a block but the first `distance` combined with what stands that far before it. */
  #withinBlock(piece: Piece, combination: Combination, values: Values, distance: number): Values {
    const { code } = piece.scope;
    const shuffled = (x: Local, y: Local, lanes: (lane: number) => number): Local => {
      const made = this.#context.locals.fresh("v128");
      this.#shuffle(code.get(x, y), lanes).set(made);
      return made;
    };
    const before = values.map((x) => x && shuffled(x, x, (lane) => Math.max(lane - distance, 0)));
    const combined = this.#combine(piece, combination, before, values);
    return values.map((x, part) => {
      const y = combined[part];
      const chosen = (lane: number): number => (lane < distance ? lane : this.#count + lane);
      return x && y && shuffled(x, y, chosen);
    });
  }

  /** Results are stored, and the last ones from now on. */
  #advance(piece: Piece, results: Values, last: Values): void {
    for (const [part, into] of last.entries()) {
      const result = results[part];
      if (into !== undefined && result !== undefined) piece.scope.code.get(result).set(into);
    }
    this.#storeAll(piece, results);
  }

  #storeAll({ scope }: Piece, results: Values): void {
    for (const [part, { into }] of this.#prefix.parts.entries()) {
      const [v, result] = [this.#stored[part], results[part]];
      if (v === undefined || result === undefined) continue;
      this.#context.variables.set(v, result);
      for (const { buffer, index } of into)
        this.#store({ kind: "store", buffer, index, value: readVar(v) }, scope);
    }
  }

  #splatAll({ code }: Scope, from: Values, into: Values): void {
    for (const [part, vector] of into.entries()) {
      const scalar = from[part];
      if (vector === undefined || scalar === undefined) continue;
      code.get(scalar);
      writeSplat({ code, lanes: this.#count }, this.#type(part));
      code.set(vector);
    }
  }

  #extract(
    { code }: Scope,
    type: ScalarVar["type"],
    from: Local | undefined,
    into: Local | undefined,
  ): void {
    if (from === undefined || into === undefined) return;
    code.get(from).lane(extractLane(type), 0);
    if (type === "bool") code.i32(1).op(op.i32And);
    code.set(into);
  }

  /** Picks lanes of the two vectors on the stack: those of the second are numbered on from those of the first. */
  #shuffle(code: Code, lanes: (lane: number) => number): Code {
    return this.#count === 4
      ? code.shuffle32(lanes(0), lanes(1), lanes(2), lanes(3))
      : code.shuffle64(lanes(0), lanes(1));
  }
}
