/**
 * Expressions as a list of steps over numbered registers, for the host. A step reads and writes one Float64Array, so no number is
 * boxed; an expression that is shared takes one step.
 */
import { InternalError } from "../errors/errors.ts";
import {
  binaryMeaning,
  compareMeanings,
  convertMeaning,
  unaryMeaning,
} from "./scalar-semantics.ts";
import type { Expr } from "./types.ts";

export type Step = () => void;

/** A growing register file. `values` is fixed once `seal` has been called, so steps take it from the object when they are made. */
export class Registers {
  #count = 0;
  readonly values: Float64Array;

  /** @param capacity - the most registers that will be asked for */
  constructor(capacity: number) {
    this.values = new Float64Array(capacity);
  }

  take(): number {
    if (this.#count >= this.values.length) throw new InternalError("out of registers");
    return this.#count++;
  }
}

/** The step that writes the value of `e` to register `d`, given the registers of its operands; not for constants, reads, loads and positions. */
export function arithmeticStep(
  e: Expr,
  r: Float64Array,
  d: number,
  at: (operand: Expr) => number,
): Step {
  switch (e.kind) {
    case "unary":
      return unaryStep(e, r, d, at(e.x));
    case "binary":
      return binaryStep(e, r, d, at(e.x), at(e.y));
    case "compare":
      return compareStep(e, r, d, at(e.x), at(e.y));
    case "select": {
      const [c, a, b] = [at(e.cond), at(e.x), at(e.y)];
      return () => void (r[d] = (r[c] === 0 ? r[b] : r[a]) as number);
    }
    case "convert": {
      const [f, a] = [convertMeaning(e.type, e.x.type), at(e.x)];
      return () => void (r[d] = f(r[a] as number));
    }
    case "const":
    case "read":
    case "load":
    case "position":
      throw new InternalError(`${e.kind} is no arithmetic`);
    default:
      return e satisfies never;
  }
}

function unaryStep(
  e: Extract<Expr, { kind: "unary" }>,
  r: Float64Array,
  d: number,
  a: number,
): Step {
  if (e.op === "neg" && e.type !== "i32") return () => void (r[d] = -(r[a] as number));
  const f = unaryMeaning(e.op, e.type);
  if (f === undefined)
    throw new InternalError(`${e.op} of ${e.type} has no meaning of its own: legalize first`);
  return () => void (r[d] = f(r[a] as number));
}

/** The operations that fill most steps are written out: a call per operation would cost more than the operation. */
function binaryStep(
  e: Extract<Expr, { kind: "binary" }>,
  r: Float64Array,
  d: number,
  a: number,
  b: number,
): Step {
  const round = Math.fround;
  const hot = `${e.op} ${e.type}`;
  if (hot === "add f32") return () => void (r[d] = round((r[a] as number) + (r[b] as number)));
  if (hot === "sub f32") return () => void (r[d] = round((r[a] as number) - (r[b] as number)));
  if (hot === "mul f32") return () => void (r[d] = round((r[a] as number) * (r[b] as number)));
  if (hot === "div f32") return () => void (r[d] = round((r[a] as number) / (r[b] as number)));
  if (hot === "add f64") return () => void (r[d] = (r[a] as number) + (r[b] as number));
  if (hot === "sub f64") return () => void (r[d] = (r[a] as number) - (r[b] as number));
  if (hot === "mul f64") return () => void (r[d] = (r[a] as number) * (r[b] as number));
  if (hot === "div f64") return () => void (r[d] = (r[a] as number) / (r[b] as number));
  const f = binaryMeaning(e.op, e.type);
  if (f === undefined)
    throw new InternalError(`${e.op} of ${e.type} has no meaning of its own: legalize first`);
  return () => void (r[d] = f(r[a] as number, r[b] as number));
}

function compareStep(
  e: Extract<Expr, { kind: "compare" }>,
  r: Float64Array,
  d: number,
  a: number,
  b: number,
): Step {
  if (e.op === "lt") return () => void (r[d] = (r[a] as number) < (r[b] as number) ? 1 : 0);
  const f = compareMeanings[e.op];
  return () => void (r[d] = f(r[a] as number, r[b] as number));
}
