/** Says whether a program is well formed; every pass and every backend may rely on what is checked here. */
import { InternalError } from "../errors/errors.ts";
import { checkFunctionBody } from "./check-body.ts";
import { checkParallel } from "./check-parallel.ts";
import { collectSizes } from "./collect-sizes.ts";
import type { Buffer, LoopFunction, Program, Statement } from "./types.ts";
import { statementBody } from "./walk.ts";

/**
 * Checks buffers, types, scopes, sizes, calls and parallel loops.
 * @throws INTERNAL with the program, the function and the fault
 */
export function validate(program: Program): void {
  const fail = (message: string): never => {
    throw new InternalError(`program ${program.name}: ${message}`);
  };
  program.buffers.forEach((buffer, place) => checkBuffer(buffer, place, fail));
  for (const [type, width] of Object.entries(program.panelWidth))
    if (!(Number.isInteger(width) && width > 0)) fail(`a panel of ${width} columns for ${type}`);
  checkCalls(program, fail);
  const listed = new Set(program.sizes.map((size) => size.key));
  for (const size of collectSizes(program.buffers, [...program.functions, ...program.entries]))
    if (!listed.has(size.key)) fail(`size ${size.toString()} is used and not listed`);
  const buffers = new Set(program.buffers);
  for (const func of new Set([...program.functions, ...program.entries])) {
    const failIn = (message: string): never => fail(`function ${func.name}: ${message}`);
    checkFunctionBody(func, buffers, program.panelWidth, failIn);
    checkParallel(func.body, failIn);
  }
}

function checkBuffer(buffer: Buffer, place: number, fail: (message: string) => never): void {
  if (buffer.id !== place) fail(`buffer ${buffer.name} has id ${buffer.id} at place ${place}`);
  if (buffer.role !== "constant") return;
  const wanted =
    buffer.type === "f32" ? Float32Array : buffer.type === "f64" ? Float64Array : Int32Array;
  if (!(buffer.data instanceof wanted))
    return fail(`constant ${buffer.name} has no data of type ${buffer.type}`);
  const size = buffer.size.constant;
  if (size === undefined || size > buffer.data.length)
    fail(
      `constant ${buffer.name} has ${buffer.data.length} elements for size ${buffer.size.toString()}`,
    );
}

/** Callees are listed, take as many arguments as they are given, and do not call themselves. */
function checkCalls(program: Program, fail: (message: string) => never): void {
  const known = new Set([...program.functions, ...program.entries]);
  const names = new Set<string>();
  for (const func of known) {
    if (names.has(func.name)) fail(`two functions are named ${func.name}`);
    names.add(func.name);
  }
  for (const entry of program.entries)
    if (entry.params.length > 0) fail(`entry ${entry.name} takes parameters`);
  const done = new Set<LoopFunction>();
  const active = new Set<LoopFunction>();
  const visit = (func: LoopFunction): void => {
    if (active.has(func)) fail(`function ${func.name} calls itself`);
    if (done.has(func)) return;
    active.add(func);
    for (const call of callsOf(func.body)) {
      if (!known.has(call.func))
        fail(`function ${func.name} calls ${call.func.name}, which is not listed`);
      if (call.args.length !== call.func.params.length)
        fail(
          `function ${func.name} calls ${call.func.name} with ${call.args.length} arguments for ${call.func.params.length}`,
        );
      visit(call.func);
    }
    active.delete(func);
    done.add(func);
  };
  for (const func of known) visit(func);
}

function callsOf(body: readonly Statement[]): Extract<Statement, { kind: "call" }>[] {
  return body.flatMap((s) => (s.kind === "call" ? [s] : callsOf(statementBody(s))));
}
