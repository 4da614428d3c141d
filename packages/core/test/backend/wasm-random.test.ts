/** Random programs: what a person would not think of. A failing seed is a test case. */
import { describe, it } from "vitest";
import {
  binary,
  binaryTypes,
  compare,
  convert,
  ifStatement,
  literal,
  load,
  positionOf,
  readVar,
  scalarVar,
  select,
  unary,
  unaryTypes,
} from "../../src/loop-ir/build.ts";
import { addIndexes, constantIndex, indexOf, indexVar } from "../../src/loop-ir/index-expr.ts";
import type {
  BinaryOp,
  Buffer,
  CompareOp,
  Expr,
  Index,
  ScalarType,
  Statement,
  UnaryOp,
} from "../../src/loop-ir/types.ts";
import { constantSize, type Size, subSizes } from "../../src/size/size.ts";
import { contentsOf, expectSame, numbers, ProgramBuilder, symbol } from "./wasm-harness.ts";

const types: readonly ScalarType[] = ["f32", "f32", "f64", "i32", "bool"];
/** The bits of a NaN are not portable, and `mantissa` shows them. pow2 means something for whole numbers only. */
const unaries = (Object.keys(unaryTypes) as UnaryOp[]).filter(
  (op) => op !== "mantissa" && op !== "pow2",
);
const binaries = Object.keys(binaryTypes) as BinaryOp[];

class Generator {
  readonly program = new ProgramBuilder();
  readonly rows: Size;
  readonly cols: Size;
  readonly #next: () => number;
  readonly #inputs: readonly Buffer[];
  readonly #onlyNarrow: boolean;
  #pool: Expr[] = [];

  constructor(seed: number, r: number, c: number) {
    this.#next = numbers(seed);
    this.#onlyNarrow = this.#chance(0.5);
    this.rows = this.#chance(0.5) ? constantSize(r) : symbol("rows");
    this.cols = this.#chance(0.5) ? constantSize(c) : symbol("cols");
    this.#inputs = types.map((type) => this.program.buffer(type, r * c));
  }

  #chance(p: number): boolean {
    return this.#next() < p;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#next() * list.length)] as T;
  }

  #type(): ScalarType {
    return this.#pick(this.#onlyNarrow ? types.filter((t) => t !== "f64") : types);
  }

  /** A position inside an array of rows x cols. */
  #index(i: Index, j: Index): Index {
    const times = (index: Index, by: Size): Index => ({
      terms: index.terms.map((t) => ({ ...t, coef: by })),
      offset: constantSize(0),
    });
    const minus = (index: Index): Index => times(index, constantSize(-1));
    return this.#pick([
      addIndexes(times(i, this.cols), j),
      addIndexes(times(i, this.cols), j),
      addIndexes(times(j, this.rows), i),
      i,
      j,
      addIndexes(times(i, this.cols), minus(j), constantIndex(subSizes(this.cols, 1))),
      constantIndex(0),
    ]);
  }

  #leaf(i: Index, j: Index): Expr {
    const type = this.#type();
    if (this.#chance(0.15))
      return literal(type, type === "bool" ? 1 : this.#pick([0, 1, -1, 2, 3]));
    if (this.#chance(0.15)) return positionOf(addIndexes(i, j, constantIndex(3)));
    const fitting = this.#inputs.filter((b) => b.type === type);
    return load(this.#pick(fitting), this.#index(i, j));
  }

  #expr(i: Index, j: Index, depth: number): Expr {
    if (this.#pool.length > 0 && this.#chance(0.25)) return this.#pick(this.#pool);
    const made = depth === 0 || this.#chance(0.1) ? this.#leaf(i, j) : this.#operation(i, j, depth);
    this.#pool.push(made);
    return made;
  }

  #operation(i: Index, j: Index, depth: number): Expr {
    const operand = (): Expr => this.#expr(i, j, depth - 1);
    const x = operand();
    const same = (): Expr => convert(x.type, operand());
    if (this.#chance(0.25)) return convert(this.#type(), x);
    if (this.#chance(0.2)) return select(convert("bool", operand()), x, same());
    if (this.#chance(0.15))
      return compare(this.#pick(["lt", "le", "eq", "ne"] as CompareOp[]), x, same());
    const op = this.#pick([
      ...unaries.filter((u) => unaryTypes[u].includes(x.type)),
      ...binaries.filter((b) => binaryTypes[b].includes(x.type)),
    ]);
    return op in unaryTypes ? unary(op as UnaryOp, x) : binary(op as BinaryOp, x, same());
  }

  #body(i: Index, j: Index, outputs: readonly Buffer[]): Statement[] {
    const statements: Statement[] = [];
    this.#pool = [];
    const acc = scalarVar("acc", this.#type());
    if (this.#chance(0.6)) {
      statements.push({ kind: "let", var: acc, value: convert(acc.type, this.#expr(i, j, 2)) });
      const k = indexVar("k");
      const outside = this.#pool;
      this.#pool = [];
      if (this.#chance(0.5)) {
        const value = convert(acc.type, this.#expr(i, indexOf(k), 2));
        const sum =
          acc.type === "bool"
            ? binary("xor", readVar(acc), value)
            : binary("sub", readVar(acc), value);
        statements.push({
          kind: "for",
          var: k,
          extent: this.cols,
          parallel: false,
          body: [{ kind: "assign", var: acc, value: sum }],
        });
      } else {
        const total = scalarVar("total", this.#pick(["f32", "i32"]));
        statements.push({
          kind: "reduce",
          var: total,
          index: k,
          extent: this.cols,
          op: this.#pick(["add", "max"]),
          order: this.#pick(["lanes", "blocks"]),
          value: convert(total.type, this.#expr(i, indexOf(k), 2)),
        });
        statements.push({ kind: "assign", var: acc, value: convert(acc.type, readVar(total)) });
      }
      this.#pool = outside;
      this.#pool.push(readVar(acc));
    }
    const at = addIndexes(
      { terms: i.terms.map((t) => ({ ...t, coef: this.cols })), offset: constantSize(0) },
      j,
    );
    for (const out of outputs) {
      const value = convert(out.type, this.#expr(i, j, 4));
      statements.push({ kind: "store", buffer: out, index: at, value });
      if (this.#chance(0.1))
        statements.push(
          ifStatement(convert("bool", this.#expr(i, j, 2)), [
            {
              kind: "store",
              buffer: out,
              index: at,
              value: convert(out.type, this.#expr(i, j, 1)),
            },
          ]),
        );
    }
    return statements;
  }

  statements(size: number): Statement[] {
    const outputs = Array.from({ length: 1 + Math.floor(this.#next() * 3) }, () =>
      this.program.buffer(this.#type(), size),
    );
    const [i, j] = [indexVar("i"), indexVar("j")];
    const inner: Statement = {
      kind: "for",
      var: j,
      extent: this.cols,
      parallel: this.#chance(0.8),
      body: this.#body(indexOf(i), indexOf(j), outputs),
    };
    return [{ kind: "for", var: i, extent: this.rows, parallel: this.#chance(0.8), body: [inner] }];
  }

  element(type: ScalarType): number {
    if (type === "bool") return this.#chance(0.5) ? 1 : 0;
    if (this.#chance(0.05))
      return this.#pick(
        type === "i32" ? [2147483647, -2147483648, 0] : [NaN, -0, Infinity, 1e-40, -1e38],
      );
    return type === "i32" ? Math.floor(this.#next() * 20) - 10 : this.#next() * 8 - 4;
  }
}

/** Cuts wherever it can. */
const tiny = { long: 0, part: 5 };

describe("random programs give the interpreter's bits", () => {
  for (let group = 0; group < 8; group++) {
    it(`seeds from ${group * 50}`, () => {
      for (let seed = group * 50; seed < group * 50 + 50; seed++) {
        const [r, c] = [1 + (seed % 6), 1 + (seed % 21)];
        const g = new Generator(seed, r, c);
        const program = g.program.build([...g.statements(r * c), ...g.statements(r * c)]);
        const contents = program.buffers.map((b) => contentsOf(b, r * c, () => g.element(b.type)));
        try {
          expectSame(program, { rows: r, cols: c }, contents);
          if (seed % 4 === 0)
            expectSame(program, { rows: r, cols: c }, contents, { functionWeights: tiny });
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
      }
    });
  }
});
