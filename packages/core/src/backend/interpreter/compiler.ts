/**
 * The state of one compilation: numbers registers, sizes and buffers, and turns expressions into steps. An expression object takes one
 * step where it is first needed in a block, and holds for the rest of that block and the blocks inside.
 */
import { InternalError } from "../../errors/errors.ts";
import { arithmeticStep } from "../../loop-ir/tape.ts";
import type { Buffer, Expr, Index, IndexVar, Program, ScalarVar } from "../../loop-ir/types.ts";
import { indexOperands, postOrder } from "../../loop-ir/walk.ts";
import { constantSize, type Size } from "../../size/size.ts";
import { type Machine, type Make, outOfBounds } from "./machine.ts";

export class Compiler {
  readonly program: Program;
  readonly sizes: Size[] = [];
  readonly #sizePlaces = new Map<string, number>();
  readonly #bufferPlaces = new Map<Buffer, number>();
  readonly constants = new Map<Expr, number>();
  registers = 0;

  constructor(program: Program) {
    this.program = program;
    program.buffers.forEach((buffer, place) => this.#bufferPlaces.set(buffer, place));
  }

  size(size: Size): number {
    const known = this.#sizePlaces.get(size.key);
    if (known !== undefined) return known;
    this.#sizePlaces.set(size.key, this.sizes.length);
    return this.sizes.push(size) - 1;
  }

  buffer(buffer: Buffer): number {
    const place = this.#bufferPlaces.get(buffer);
    if (place === undefined) throw new InternalError(`buffer ${buffer.name} is not in the program`);
    return place;
  }

  constant(e: Extract<Expr, { kind: "const" }>): number {
    const known = this.constants.get(e) ?? this.registers++;
    this.constants.set(e, known);
    return known;
  }
}

/** A block: where values of expressions and variables live. */
export class Scope {
  readonly compiler: Compiler;
  readonly #parent: Scope | undefined;
  readonly #places = new Map<Expr | ScalarVar | IndexVar, number>();

  constructor(compiler: Compiler, parent?: Scope) {
    this.compiler = compiler;
    this.#parent = parent;
  }

  inner(): Scope {
    return new Scope(this.compiler, this);
  }

  declare(v: ScalarVar | IndexVar): number {
    const register = this.compiler.registers++;
    this.#places.set(v, register);
    return register;
  }

  place(of: Expr | ScalarVar | IndexVar): number {
    const known = this.#find(of);
    if (known === undefined)
      throw new InternalError(`${"name" in of ? of.name : of.kind} has no value here`);
    return known;
  }

  /** Known without a step of its own, or from an earlier one. */
  has(e: Expr): boolean {
    return e.kind !== "const" && e.kind !== "read" && this.#find(e) !== undefined;
  }

  #find(of: Expr | ScalarVar | IndexVar): number | undefined {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#parent) {
      const found = scope.#places.get(of);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Appends the steps of the expressions that are not known yet. */
  evaluate(roots: readonly Expr[], steps: Make[]): void {
    for (const e of postOrder(roots, this)) {
      if (e.kind === "const") this.#places.set(e, this.compiler.constant(e));
      else if (e.kind === "read") this.#places.set(e, this.place(e.var));
      else {
        const d = this.compiler.registers++;
        steps.push(this.#step(e, d));
        this.#places.set(e, d);
      }
    }
  }

  #step(e: Exclude<Expr, { kind: "const" | "read" }>, d: number): Make {
    if (e.kind === "position") {
      const address = this.#address(e.index);
      return (m) => {
        const [at, r] = [address(m), m.registers];
        return () => void (r[d] = at() | 0);
      };
    }
    if (e.kind === "load") {
      const [address, place, limit] = [
        this.#address(e.index),
        this.compiler.buffer(e.buffer),
        this.compiler.size(e.buffer.size),
      ];
      return (m) => {
        const [at, r, sizes, memory] = [address(m), m.registers, m.sizes, m.memory];
        return () => {
          const i = at();
          if (!(i >= 0 && i < (sizes[limit] as number)))
            throw outOfBounds("load of", e.buffer, i, sizes[limit] as number);
          r[d] = (memory[place] as Float64Array)[i] as number;
        };
      };
    }
    const operands = new Map<Expr, number>();
    const at = (operand: Expr): number => this.place(operand);
    for (const operand of e.kind === "select" ? [e.cond, e.x, e.y] : "y" in e ? [e.x, e.y] : [e.x])
      operands.set(operand, at(operand));
    return (m) =>
      arithmeticStep(e, m.registers, d, (operand) => operands.get(operand) ?? at(operand));
  }

  /** The value of an index, after the steps of the expressions in it. */
  index(index: Index, steps: Make[]): (m: Machine) => () => number {
    this.evaluate(indexOperands(index), steps);
    return this.#address(index);
  }

  #address(index: Index): (m: Machine) => () => number {
    const terms = index.terms.map((term) => ({
      coef: this.compiler.size(term.coef),
      of: this.place(term.of),
    }));
    const none = { coef: this.compiler.size(constantSize(0)), of: 0 };
    const offset = this.compiler.size(index.offset);
    const [t, u = none, v = none, ...more] = terms;
    return ({ registers: r, sizes: s }) => {
      if (t === undefined) return () => s[offset] as number;
      if (terms.length === 1)
        return () => (s[offset] as number) + (s[t.coef] as number) * (r[t.of] as number);
      if (terms.length === 2)
        return () =>
          (s[offset] as number) +
          (s[t.coef] as number) * (r[t.of] as number) +
          (s[u.coef] as number) * (r[u.of] as number);
      return () => {
        let sum =
          (s[offset] as number) +
          (s[t.coef] as number) * (r[t.of] as number) +
          (s[u.coef] as number) * (r[u.of] as number) +
          (s[v.coef] as number) * (r[v.of] as number);
        for (const term of more) sum += (s[term.coef] as number) * (r[term.of] as number);
        return sum;
      };
    };
  }
}
