/** Folds, in the two orders of the loop IR. */
import { InternalError } from "../../errors/errors.ts";
import { binaryMeaning, type Meaning2 } from "../../loop-ir/scalar-semantics.ts";
import type { ReduceOp, ScalarType, Statement } from "../../loop-ir/types.ts";
import type { Scope } from "./compiler.ts";
import { type Make, run } from "./machine.ts";

/** The value that a fold begins with: it changes no other. */
export function identityOf(op: ReduceOp, type: ScalarType): number {
  switch (op) {
    case "add":
    case "or":
      return 0;
    case "mul":
    case "and":
      return 1;
    case "min":
      return type === "i32" ? 2147483647 : Infinity;
    case "max":
      return type === "i32" ? -2147483648 : -Infinity;
    default:
      return op satisfies never;
  }
}

export function compileReduce(s: Extract<Statement, { kind: "reduce" }>, scope: Scope): Make {
  const { type } = s.var;
  const combine = binaryMeaning(s.op, type);
  if (combine === undefined) throw new InternalError(`reduce by ${s.op} of ${type}`);
  const inner = scope.inner();
  const body: Make[] = [];
  const counter = inner.declare(s.index);
  inner.evaluate([s.value], body);
  const value = inner.place(s.value);
  const result = scope.declare(s.var);
  const extent = scope.compiler.size(s.extent);
  const fold = s.order === "lanes" ? foldLanes : foldBlocks;
  const identity = identityOf(s.op, type);
  return (m) => {
    const steps = body.map((make) => make(m));
    const [r, sizes] = [m.registers, m.sizes];
    const element = (i: number): number => {
      r[counter] = i;
      run(steps);
      return r[value] as number;
    };
    return () => void (r[result] = fold(element, sizes[extent] as number, combine, identity));
  };
}

type Fold = (
  element: (i: number) => number,
  n: number,
  combine: Meaning2,
  identity: number,
) => number;

const foldLanes: Fold = (element, n, combine, identity) => {
  const lanes = new Float64Array(16).fill(identity);
  for (let i = 0; i < n; i++) lanes[i & 15] = combine(lanes[i & 15] as number, element(i));
  for (let distance = 8; distance >= 1; distance /= 2)
    for (let j = 0; j < distance; j++)
      lanes[j] = combine(lanes[j] as number, lanes[j + distance] as number);
  return lanes[0] as number;
};

const foldBlocks: Fold = (element, n, combine, identity) => {
  let total = identity;
  for (let from = 0; from < n; from += 256) {
    let sum = identity;
    for (let i = from; i < Math.min(from + 256, n); i++) sum = combine(sum, element(i));
    total = combine(total, sum);
  }
  return total;
};
