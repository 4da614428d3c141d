/** Writes counted loops around bodies that are written first, so that what a body wants computed once can go before it. */
import type { IndexVar } from "../../loop-ir/types.ts";
import type { Dependency } from "./dependence.ts";
import type { Code } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { FunctionContext } from "./function-context.ts";
import { type Bound, type Lanes, type LoopState, type Running, Scope } from "./scope.ts";

export interface LoopShape {
  readonly variable: IndexVar;
  readonly start: Bound;
  readonly end: Bound;
  readonly step: number;
  /** True when one step reaches the end, whatever the bounds are. */
  readonly once?: boolean | undefined;
  /** What the body changes. */
  readonly changed: ReadonlySet<Dependency>;
  /** Set when each iteration runs several values of the variable at once. */
  readonly lanes?: Lanes | undefined;
  /** Writes the condition, tested after each iteration, that ends the loop early. */
  readonly stop?: ((inside: Scope) => void) | undefined;
}

/** Appends the loop to the code of `scope`. */
export function writeLoop(
  context: FunctionContext,
  scope: Scope,
  shape: LoopShape,
  body: (inside: Scope) => void,
): void {
  const { start, end } = shape;
  if (typeof start === "number" && typeof end === "number" && start >= end) return;
  const state: LoopState = { ...shape, running: new Map<string, Running>() };
  const before = new Scope("before", scope);
  const inside = new Scope("loop", before, state, shape.lanes ?? scope.lanes);
  body(inside);
  const stops = shape.stop !== undefined && !isOnce(shape);
  if (stops) {
    shape.stop?.(inside);
    inside.code.brIf(1);
  }
  const loop = (): void => assemble(context, scope.code, before, inside, state);
  const write = (): void => void (stops ? scope.code.block(loop) : loop());
  if (typeof start === "number" && typeof end === "number") write();
  else {
    bound(scope.code, start);
    bound(scope.code, end);
    scope.code.op(op.i32LtS).if(write);
  }
}

function isOnce({ start, end, step, once }: Omit<LoopShape, "variable" | "changed">): boolean {
  if (once === true) return true;
  return typeof start === "number" && typeof end === "number" && start + step >= end;
}

function assemble(
  context: FunctionContext,
  code: Code,
  before: Scope,
  inside: Scope,
  state: LoopState,
): void {
  const { end, step } = state;
  if (isOnce(state)) {
    code.append(before.code).append(inside.code);
    return;
  }
  const byOffset = offsetBound(state);
  const counter = byOffset?.running ?? ownCounter(context, before, state);
  code.append(before.code);
  const limit =
    byOffset === undefined || typeof end === "number" ? undefined : context.locals.fresh("i32");
  if (limit !== undefined) {
    bound(code, end);
    code
      .i32(byOffset?.bytes ?? 1)
      .op(op.i32Mul)
      .set(limit);
  }
  code.loop(() => {
    code.append(inside.code);
    for (const running of state.running.values())
      if (running !== counter) increment(code, running, step).set(running.local);
    increment(code, counter, step).tee(counter.local);
    if (limit !== undefined) code.get(limit);
    else if (typeof end === "number") code.i32(end * (byOffset?.bytes ?? 1));
    else code.get(end);
    code.op(byOffset === undefined ? op.i32LtS : op.i32LtU).brIf(0);
  });
}

/** An offset over consecutive elements, which stays within a buffer, can bound the loop in place of a counter. */
function offsetBound(
  state: LoopState,
): { readonly running: Running; readonly bytes: number } | undefined {
  for (const running of state.running.values())
    if (running.consecutive && typeof running.stride === "number")
      return { running, bytes: running.stride };
  return undefined;
}

function ownCounter(context: FunctionContext, before: Scope, state: LoopState): Running {
  const local = context.locals.fresh("i32");
  bound(before.code, state.start);
  before.code.set(local);
  return { local, stride: 1, consecutive: true };
}

function increment(code: Code, running: Running, step: number): Code {
  code.get(running.local);
  if (typeof running.stride === "number") code.i32(running.stride * step);
  else {
    code.get(running.stride);
    if (step !== 1) code.i32(step).op(op.i32Mul);
  }
  return code.op(op.i32Add);
}

/** Writes a bound. */
export function bound(code: Code, value: Bound): void {
  if (typeof value === "number") code.i32(value);
  else code.get(value);
}

/** `end - whole`, which is less than a vector's lanes. */
export function restOf(context: FunctionContext, scope: Scope, whole: Bound, end: Bound): Bound {
  if (typeof whole === "number" && typeof end === "number") return end - whole;
  const local = context.locals.fresh("i32");
  bound(scope.code, end);
  bound(scope.code, whole);
  scope.code.op(op.i32Sub).set(local);
  return local;
}

/** The end of the largest multiple of `step` iterations, a power of two: `end` rounded down. */
export function roundedDown(
  context: FunctionContext,
  scope: Scope,
  end: Bound,
  step: number,
): Bound {
  if (typeof end === "number") return end <= 0 ? 0 : end - (end % step);
  const local = context.locals.fresh("i32");
  scope.code.get(end).i32(-step).op(op.i32And).set(local);
  return local;
}
