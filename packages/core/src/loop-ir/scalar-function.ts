/**
 * The elementary functions on the host, bit for bit what kernels compute: folding of constants, initialisers and schedules use them,
 * because `Math.exp` and its like differ from one JavaScript engine to another.
 */
import { InternalError } from "../errors/errors.ts";
import { binary, readVar, scalarVar, unary } from "./build.ts";
import { legalizeExpr, portableTarget } from "./legalize.ts";
import { arithmeticStep, Registers, type Step } from "./tape.ts";
import type { Expr, ScalarVar, UnaryOp } from "./types.ts";
import { postOrder } from "./walk.ts";

type FloatType = "f32" | "f64";

/** The steps of a legal expression over fresh registers, where each variable has one. */
function hostSteps(
  expr: Expr,
  vars: readonly ScalarVar[],
): {
  readonly steps: readonly Step[];
  readonly r: Float64Array;
  readonly inputs: readonly number[];
  readonly result: number;
} {
  const order = postOrder([expr]);
  const registers = new Registers(order.length + vars.length);
  const inputs = vars.map(() => registers.take());
  const place = new Map<Expr, number>();
  const steps: Step[] = [];
  const at = (e: Expr): number => {
    const known = place.get(e);
    if (known === undefined) throw new InternalError(`${e.kind} before its operands`);
    return known;
  };
  for (const e of order) {
    if (e.kind === "read") {
      place.set(e, inputs[vars.indexOf(e.var)] ?? at(e));
      continue;
    }
    const d = registers.take();
    if (e.kind === "const") registers.values[d] = e.value;
    else steps.push(arithmeticStep(e, registers.values, d, at));
    place.set(e, d);
  }
  return { steps, r: registers.values, inputs, result: at(expr) };
}

const made = new Map<string, (x: number, y: number) => number>();

function remember(
  key: string,
  make: () => (x: number, y: number) => number,
): (x: number, y: number) => number {
  const known = made.get(key) ?? make();
  made.set(key, known);
  return known;
}

/**
 * The function that kernels compute for `op` on values of `type`; the argument is rounded to the type first.
 * @example scalarFunction("tanh", "f32")(0.5) // what a float32 kernel gives
 */
export function scalarFunction(op: UnaryOp, type: FloatType): (x: number) => number {
  const f = remember(`${op} ${type}`, () => {
    const v = scalarVar("x", type);
    const { steps, r, inputs, result } = hostSteps(
      legalizeExpr(unary(op, readVar(v)), portableTarget),
      [v],
    );
    const a = inputs[0] ?? 0;
    const single = type === "f32";
    return (x) => {
      r[a] = single ? Math.fround(x) : x;
      for (const step of steps) step();
      return r[result] as number;
    };
  });
  return (x) => f(x, 0);
}

/** `x` to the power `y` as kernels compute it for values of `type`. */
export function scalarPow(type: FloatType): (x: number, y: number) => number {
  return remember(`pow ${type}`, () => {
    const [vx, vy] = [scalarVar("x", type), scalarVar("y", type)];
    const { steps, r, inputs, result } = hostSteps(
      legalizeExpr(binary("pow", readVar(vx), readVar(vy)), portableTarget),
      [vx, vy],
    );
    const [a, b] = [inputs[0] ?? 0, inputs[1] ?? 0];
    const single = type === "f32";
    return (x, y) => {
      r[a] = single ? Math.fround(x) : x;
      r[b] = single ? Math.fround(y) : y;
      for (const step of steps) step();
      return r[result] as number;
    };
  });
}

/** The value of an expression that reads nothing, bit for bit what a kernel would compute; bool is 0 or 1. */
export function evaluateConstant(expr: Expr): number {
  const { steps, r, result } = hostSteps(legalizeExpr(expr, portableTarget), []);
  for (const step of steps) step();
  return r[result] ?? Number.NaN;
}
