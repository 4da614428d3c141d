/** Writes statements. */
import { InternalError } from "../../errors/errors.ts";
import type { LoopFunction, Statement } from "../../loop-ir/types.ts";
import { stopOf } from "../../loop-ir/walk.ts";
import { type Addresses, bytesOf } from "./addresses.ts";
import { changes } from "./dependence.ts";
import type { DeclaredFunction } from "./encoder/module.ts";
import { op } from "./encoder/opcodes.ts";
import { Expressions } from "./expressions.ts";
import type { FunctionContext } from "./function-context.ts";
import { JamWriter } from "./jam-writer.ts";
import { restOf, roundedDown, writeLoop } from "./loops.ts";
import { writeMatmul, writePack } from "./matmul.ts";
import { PrefixWriter } from "./prefix.ts";
import { Reductions } from "./reduce.ts";
import { valueTypeOf } from "./scalar-ops.ts";
import { type Form, type Lanes, Scope } from "./scope.ts";
import { writeVectorStore } from "./vector-memory.ts";
import { hasInnerLanes, lanesOfLoop, mayReadAhead } from "./vectorize.ts";

type For = Extract<Statement, { kind: "for" }>;

export class Statements {
  readonly #context: FunctionContext;
  readonly #expressions: Expressions;
  readonly #reductions: Reductions;
  readonly #jams: JamWriter;

  constructor(context: FunctionContext) {
    this.#context = context;
    this.#expressions = new Expressions(context);
    this.#reductions = new Reductions(context, this.#expressions);
    this.#jams = new JamWriter(
      context,
      this.#expressions.addresses,
      this.#reductions,
      (body, scope) => this.writeAll(body, scope),
    );
  }

  get #addresses(): Addresses {
    return this.#expressions.addresses;
  }

  writeAll(body: readonly Statement[], scope: Scope): void {
    for (const s of body) this.#write(s, scope);
  }

  #write(s: Statement, scope: Scope): void {
    switch (s.kind) {
      case "for":
        this.#for(s, scope);
        break;
      case "let":
        this.#let(s, scope);
        break;
      case "assign":
        this.#expressions.write(
          s.value,
          scope,
          this.#context.variable(s.var).type === "v128" ? lanesOf(scope).count : "scalar",
        );
        scope.code.set(this.#context.variable(s.var));
        break;
      case "store":
        this.#store(s, scope);
        break;
      case "if":
        this.#if(s, scope);
        break;
      case "reduce":
        this.#reductions.write(s, scope);
        break;
      case "prefix":
        new PrefixWriter(
          this.#context,
          this.#expressions,
          (store, inside) => this.#store(store, inside),
          s,
        ).write(scope);
        break;
      case "call":
        this.#call(s.func, s, scope);
        break;
      case "matmul":
        writeMatmul(this.#context, this.#addresses, scope, s);
        break;
      case "pack":
        writePack(this.#context, this.#addresses, scope, s);
        break;
      case "copy":
        this.#copy(s, scope);
        break;
      case "fail":
        this.#fail(s, scope);
        break;
      case "host":
        this.#host(s, scope);
        break;
      case "stop":
        throw new InternalError("stop outside of the end of a loop");
      default:
        s satisfies never;
    }
  }

  #for(s: For, scope: Scope): void {
    const end = this.#addresses.extent(s.extent);
    const stop = stopOf(s);
    const statements = stop === undefined ? s.body : s.body.slice(0, -1);
    if (end === 1) {
      this.#context.zeroVariables.add(s.var);
      this.writeAll(statements, scope);
      this.#context.zeroVariables.delete(s.var);
      return;
    }
    const lanes = scope.lanes === undefined && !hasInnerLanes(s.body) ? lanesOfLoop(s) : undefined;
    const shape = { variable: s.var, start: 0, end, step: 1, changed: changes([s]) };
    const body = (inside: Scope): void => this.writeAll(statements, inside);
    if (lanes === undefined) {
      const ends =
        stop === undefined
          ? undefined
          : (inside: Scope): void => this.#expressions.write(stop, inside, "scalar");
      writeLoop(this.#context, scope, { ...shape, stop: ends }, body);
      return;
    }
    const start = this.#jams.write(s, lanes, end, scope);
    const whole = roundedDown(this.#context, scope, end, lanes.count);
    writeLoop(
      this.#context,
      scope,
      { ...shape, start, end: whole, step: lanes.count, lanes },
      body,
    );
    const rest = restOf(this.#context, scope, whole, end);
    if (rest === 1 || !mayReadAhead(s, lanes))
      writeLoop(this.#context, scope, { ...shape, start: whole }, body);
    else {
      const last = {
        start: whole,
        step: lanes.count,
        once: true,
        lanes: { ...lanes, valid: rest },
      };
      writeLoop(this.#context, scope, { ...shape, ...last }, body);
    }
  }

  #let(s: Extract<Statement, { kind: "let" }>, scope: Scope): void {
    const form: Form = scope.lanes?.varying.has(s.var) === true ? scope.lanes.count : "scalar";
    const local = this.#context.locals.fresh(form === "scalar" ? valueTypeOf(s.var.type) : "v128");
    this.#expressions.write(s.value, scope, form);
    scope.code.set(local);
    this.#context.variables.set(s.var, local);
  }

  #store(s: Extract<Statement, { kind: "store" }>, scope: Scope): void {
    if (scope.lanes !== undefined) {
      const lanes = scope.lanes.count;
      const kernels = this.#context.module.kernels;
      const c = {
        code: scope.code,
        locals: this.#context.locals,
        divide: (kind: Parameters<typeof kernels.division>[0]) => kernels.division(kind),
        lanes,
      };
      writeVectorStore(c, this.#addresses, scope, s.buffer, s.index, () =>
        this.#expressions.write(s.value, scope, lanes),
      );
    } else {
      const offset = this.#addresses.element(scope, s.buffer, s.index);
      this.#expressions.write(s.value, scope, "scalar");
      scope.code.memory(
        s.buffer.type === "f32" ? op.f32Store : s.buffer.type === "f64" ? op.f64Store : op.i32Store,
        offset,
      );
    }
  }

  #if(s: Extract<Statement, { kind: "if" }>, scope: Scope): void {
    const condition = this.#expressions.inLocal(s.cond, scope, "scalar");
    const inside = new Scope("branch", scope);
    this.writeAll(s.then, inside);
    scope.code.get(condition).if(() => scope.code.append(inside.code));
  }

  #call(func: LoopFunction, s: Extract<Statement, { kind: "call" }>, scope: Scope): void {
    const target: DeclaredFunction | undefined = this.#context.module.functions.get(func);
    if (target === undefined)
      throw new InternalError(`function ${func.name} is not part of the program`);
    if (s.args.length !== func.params.length)
      throw new InternalError(
        `function ${func.name} takes ${func.params.length} arguments, got ${s.args.length}`,
      );
    scope.code.get(this.#context.frame);
    for (const arg of s.args) this.#addresses.position(scope, arg);
    scope.code.call(target.index);
  }

  #copy(s: Extract<Statement, { kind: "copy" }>, scope: Scope): void {
    this.#addresses.pointer(scope, s.to, s.toOffset);
    this.#addresses.pointer(scope, s.from, s.fromOffset);
    this.#addresses.size(scope, s.size, bytesOf(s.to.type));
    scope.code.memoryCopy();
  }

  #host({ event, buffer, index }: Extract<Statement, { kind: "host" }>, scope: Scope): void {
    const { host } = this.#context.module;
    if (host === undefined) throw new InternalError("a program with events imports no host");
    scope.code.i32(event);
    if (buffer === undefined) this.#addresses.position(scope, index);
    else this.#addresses.pointer(scope, buffer, index);
    scope.code.call(host);
  }

  #fail(s: Extract<Statement, { kind: "fail" }>, scope: Scope): void {
    const { code } = scope;
    const { frame } = this.#context;
    const status = this.#context.module.frame.status;
    this.#expressions.write(s.cond, scope, "scalar");
    code.if(() => {
      code
        .get(frame)
        .memory(op.i32Load, status)
        .op(op.i32Eqz)
        .if(() => code.get(frame).i32(s.code).memory(op.i32Store, status));
    });
  }
}

function lanesOf(scope: Scope): Lanes {
  if (scope.lanes === undefined)
    throw new InternalError("a vector variable outside of a vectorised loop");
  return scope.lanes;
}
