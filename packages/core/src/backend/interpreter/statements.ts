/** Statements as steps. */
import { InternalError } from "../../errors/errors.ts";
import type { LoopFunction, Statement } from "../../loop-ir/types.ts";
import { stopOf } from "../../loop-ir/walk.ts";
import { Scope, type Compiler } from "./compiler.ts";
import { type Machine, type Make, outOfBounds, run, type Step } from "./machine.ts";
import { compileCopy, compileMatmul, compilePack } from "./matrix.ts";
import { compileReduce } from "./reduce.ts";

/** A function with the registers of its parameters. */
export interface CompiledFunction {
  readonly params: readonly number[];
  readonly steps: (m: Machine) => readonly Step[];
}

/** Compiles each function once, callees too. */
export class Functions {
  readonly #compiler: Compiler;
  readonly #compiled = new Map<LoopFunction, CompiledFunction>();

  constructor(compiler: Compiler) {
    this.#compiler = compiler;
  }

  get(func: LoopFunction): CompiledFunction {
    const known = this.#compiled.get(func) ?? this.#compile(func);
    this.#compiled.set(func, known);
    return known;
  }

  #compile(func: LoopFunction): CompiledFunction {
    const scope = new Scope(this.#compiler);
    const params = func.params.map((param) => scope.declare(param));
    const body = compileBlock(func.body, scope, this);
    let made: readonly Step[] | undefined;
    return { params, steps: (m) => (made ??= body.map((make) => make(m))) };
  }
}

function compileBlock(body: readonly Statement[], scope: Scope, functions: Functions): Make[] {
  const steps: Make[] = [];
  for (const s of body) steps.push(compileStatement(s, scope, functions, steps));
  return steps;
}

/** The step of a statement; what it needs first goes to `steps`. */
function compileStatement(s: Statement, scope: Scope, functions: Functions, steps: Make[]): Make {
  switch (s.kind) {
    case "for":
      return compileFor(s, scope, functions);
    case "let":
    case "assign": {
      scope.evaluate([s.value], steps);
      const from = scope.place(s.value);
      const to = s.kind === "let" ? scope.declare(s.var) : scope.place(s.var);
      return ({ registers: r }) =>
        () =>
          void (r[to] = r[from] as number);
    }
    case "store":
      return compileStore(s, scope, steps);
    case "if": {
      scope.evaluate([s.cond], steps);
      const cond = scope.place(s.cond);
      const body = compileBlock(s.then, scope.inner(), functions);
      return (m) => {
        const [then, r] = [body.map((make) => make(m)), m.registers];
        return () => {
          if (r[cond] !== 0) run(then);
        };
      };
    }
    case "reduce":
      return compileReduce(s, scope);
    case "call":
      return compileCall(s, scope, functions, steps);
    case "matmul":
      return compileMatmul(s, scope, steps);
    case "pack":
      return compilePack(s, scope, steps);
    case "copy":
      return compileCopy(s, scope, steps);
    case "fail": {
      scope.evaluate([s.cond], steps);
      const cond = scope.place(s.cond);
      return (m) => () => {
        if (m.status === 0 && m.registers[cond] !== 0) m.status = s.code;
      };
    }
    case "host":
      return compileHost(s, scope, steps);
    case "prefix":
      throw new InternalError("a prefix is not expanded");
    case "stop":
      throw new InternalError("stop outside of the end of a loop");
    default:
      return s satisfies never;
  }
}

function compileFor(
  s: Extract<Statement, { kind: "for" }>,
  scope: Scope,
  functions: Functions,
): Make {
  const inner = scope.inner();
  const counter = inner.declare(s.var);
  const extent = scope.compiler.size(s.extent);
  const stop = stopOf(s);
  const body = compileBlock(stop === undefined ? s.body : s.body.slice(0, -1), inner, functions);
  if (stop !== undefined) inner.evaluate([stop], body);
  const end = stop === undefined ? undefined : inner.place(stop);
  return (m) => {
    const [steps, r, sizes] = [body.map((make) => make(m)), m.registers, m.sizes];
    return () => {
      const n = sizes[extent] as number;
      for (let i = 0; i < n; i++) {
        r[counter] = i;
        run(steps);
        if (end !== undefined && r[end] !== 0) return;
      }
    };
  };
}

function compileStore(s: Extract<Statement, { kind: "store" }>, scope: Scope, steps: Make[]): Make {
  scope.evaluate([s.value], steps);
  const address = scope.index(s.index, steps);
  const [value, place, limit] = [
    scope.place(s.value),
    scope.compiler.buffer(s.buffer),
    scope.compiler.size(s.buffer.size),
  ];
  return (m) => {
    const [at, r, sizes, memory] = [address(m), m.registers, m.sizes, m.memory];
    return () => {
      const i = at();
      if (!(i >= 0 && i < (sizes[limit] as number)))
        throw outOfBounds("store to", s.buffer, i, sizes[limit] as number);
      (memory[place] as Float64Array)[i] = r[value] as number;
    };
  };
}

function compileHost(s: Extract<Statement, { kind: "host" }>, scope: Scope, steps: Make[]): Make {
  const address = scope.index(s.index, steps);
  const buffer = s.buffer === undefined ? undefined : scope.compiler.buffer(s.buffer);
  return (m) => {
    const at = address(m);
    return () => m.host(s.event, at(), buffer === undefined ? undefined : m.memory[buffer]);
  };
}

function compileCall(
  s: Extract<Statement, { kind: "call" }>,
  scope: Scope,
  functions: Functions,
  steps: Make[],
): Make {
  const func = functions.get(s.func);
  const addresses = s.args.map((arg) => scope.index(arg, steps));
  return (m) => {
    const [args, r] = [addresses.map((address) => address(m)), m.registers];
    const body = func.steps(m);
    return () => {
      for (let i = 0; i < args.length; i++)
        r[func.params[i] as number] = (args[i] as () => number)();
      run(body);
    };
  };
}
