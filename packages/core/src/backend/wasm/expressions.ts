/**
 * Writes expressions. An expression object is computed once where its value is in scope, before the outermost loop that does not change it.
 */
import { InternalError } from "../../errors/errors.ts";
import type { Expr } from "../../loop-ir/types.ts";
import { indexOperands } from "../../loop-ir/walk.ts";
import { Addresses } from "./addresses.ts";
import { dependencies } from "./dependence.ts";
import type { Local } from "./encoder/code.ts";
import { op } from "./encoder/opcodes.ts";
import type { FunctionContext } from "./function-context.ts";
import {
  writeScalarBinary,
  writeScalarCompare,
  writeScalarConst,
  writeScalarConvert,
  writeScalarUnary,
  type OpContext,
  valueTypeOf,
} from "./scalar-ops.ts";
import type { Form, Lanes, Scope } from "./scope.ts";
import { writeVectorLoad, writeVectorPosition } from "./vector-memory.ts";
import {
  constantBytes,
  narrowMask,
  type VectorContext,
  writeShiftBy,
  writeSplat,
  writeVectorBinary,
  writeVectorChoice,
  writeVectorCompare,
  writeVectorConvert,
  writeVectorUnary,
} from "./vector-ops.ts";

type Load = Extract<Expr, { kind: "load" }>;

export class Expressions {
  readonly addresses: Addresses;
  readonly #context: FunctionContext;

  constructor(context: FunctionContext) {
    this.#context = context;
    this.addresses = new Addresses(context, (expr, scope) => this.write(expr, scope, "scalar"));
  }

  /** Leaves the value on the stack of the scope's code. */
  write(given: Expr, scope: Scope, form: Form): void {
    const expr = given.kind === "const" ? this.#context.constant(given) : given;
    const known = this.#context.recall(scope, expr, form);
    if (known !== undefined) scope.code.get(known);
    else if (isTrivial(expr, scope, form)) this.#compute(expr, scope, form);
    else this.#writeAndKeep(expr, scope, form);
  }

  #writeAndKeep(expr: Expr, scope: Scope, form: Form): void {
    const home = scope.outermostReachedFor(dependencies(expr));
    if (home === scope && (this.#context.uses.get(expr) ?? 0) < 2) {
      this.#compute(expr, scope, form);
      return;
    }
    const local = this.#context.locals.fresh(form === "scalar" ? valueTypeOf(expr.type) : "v128");
    this.#compute(expr, home, form);
    if (home === scope) home.code.tee(local);
    else {
      home.code.set(local);
      scope.code.get(local);
    }
    this.#context.remember(home, expr, form, local);
  }

  #compute(expr: Expr, scope: Scope, form: Form): void {
    if (form === "scalar") this.#scalar(expr, scope);
    else if (varies(expr, scope.lanes)) this.#vector(expr, scope, form);
    else this.#uniform(expr, scope, form);
  }

  #scalar(expr: Expr, scope: Scope): void {
    const c = this.#opContext(scope);
    const operand = (e: Expr): void => this.write(e, scope, "scalar");
    switch (expr.kind) {
      case "const":
        writeScalarConst(scope.code, expr.type, expr.value);
        break;
      case "read":
        scope.code.get(this.#context.variable(expr.var));
        break;
      case "load": {
        const offset = this.addresses.element(scope, expr.buffer, expr.index);
        scope.code.memory(
          expr.type === "f32" ? op.f32Load : expr.type === "f64" ? op.f64Load : op.i32Load,
          offset,
        );
        break;
      }
      case "position":
        this.addresses.position(scope, expr.index);
        break;
      case "unary":
        operand(expr.x);
        writeScalarUnary(c, expr.op, expr.type);
        break;
      case "binary":
        operand(expr.x);
        operand(expr.y);
        writeScalarBinary(c, expr.op, expr.type);
        break;
      case "compare":
        operand(expr.x);
        operand(expr.y);
        writeScalarCompare(c, expr.op, expr.x.type);
        break;
      case "select":
        operand(expr.x);
        operand(expr.y);
        operand(expr.cond);
        scope.code.op(op.select);
        break;
      case "convert":
        operand(expr.x);
        writeScalarConvert(c, expr.x.type, expr.type);
        break;
      default:
        expr satisfies never;
    }
  }

  /** The same value in every lane. */
  #uniform(expr: Expr, scope: Scope, lanes: 2 | 4): void {
    if (expr.kind === "const") {
      scope.code.v128(constantBytes(expr.type, expr.value));
      return;
    }
    if (this.#splatsFromMemory(expr, scope, lanes)) return;
    this.write(expr, scope, "scalar");
    writeSplat({ code: scope.code, lanes }, expr.type);
  }

  /** Not where the scalar is there, or its position is work to find and others want the scalar. */
  #splatsFromMemory(expr: Expr, scope: Scope, lanes: 2 | 4): expr is Load {
    if (expr.kind !== "load" || (expr.type !== "f32" && expr.type !== "f64")) return false;
    if (this.#context.recall(scope, expr, "scalar") !== undefined) return false;
    const isShared = (this.#context.uses.get(expr) ?? 0) > 1;
    if (isShared && indexOperands(expr.index).length > 0) return false;
    const offset = this.addresses.element(scope, expr.buffer, expr.index);
    scope.code.memory(
      lanes === 4 || expr.type === "f32" ? op.v128Load32Splat : op.v128Load64Splat,
      offset,
    );
    return true;
  }

  #vector(expr: Expr, scope: Scope, lanes: 2 | 4): void {
    const c: VectorContext = { ...this.#opContext(scope), lanes };
    const operand = (e: Expr): void => this.write(e, scope, lanes);
    switch (expr.kind) {
      case "const":
        throw new InternalError("a constant differs by lane");
      case "read":
        scope.code.get(this.#context.variable(expr.var));
        break;
      case "load":
        writeVectorLoad(c, this.addresses, scope, expr.buffer, expr.index);
        break;
      case "position":
        writeVectorPosition(c, this.addresses, scope, expr.index, operand);
        break;
      case "unary":
        operand(expr.x);
        writeVectorUnary(c, expr.op, expr.type);
        break;
      case "binary":
        operand(expr.x);
        if ((expr.op === "shiftLeft" || expr.op === "shiftRight") && !varies(expr.y, scope.lanes)) {
          this.write(expr.y, scope, "scalar");
          writeShiftBy(scope.code, expr.op);
          break;
        }
        operand(expr.y);
        writeVectorBinary(c, expr.op, expr.type);
        break;
      case "compare":
        operand(expr.x);
        operand(expr.y);
        writeVectorCompare(c, expr.op, expr.x.type);
        break;
      case "select":
        if (writeVectorChoice(c, expr, operand)) break;
        operand(expr.x);
        operand(expr.y);
        operand(expr.cond);
        if (expr.type === "f32" || expr.type === "i32") narrowMask(c);
        scope.code.op(op.v128Bitselect);
        break;
      case "convert":
        operand(expr.x);
        writeVectorConvert(c, expr.x.type, expr.type);
        break;
      default:
        expr satisfies never;
    }
  }

  #opContext(scope: Scope): OpContext {
    const { kernels } = this.#context.module;
    return {
      code: scope.code,
      locals: this.#context.locals,
      divide: (kind) => kernels.division(kind),
    };
  }

  /** A local that holds the value. */
  inLocal(expr: Expr, scope: Scope, form: Form): Local {
    const local = this.#context.locals.fresh(form === "scalar" ? valueTypeOf(expr.type) : "v128");
    this.write(expr, scope, form);
    scope.code.set(local);
    return local;
  }
}

/** Not worth a local. Vectors of constants are: some engines build them anew each time. */
function isTrivial(expr: Expr, scope: Scope, form: Form): boolean {
  if (form === "scalar") return expr.kind === "const" || expr.kind === "read";
  return expr.kind === "read" && varies(expr, scope.lanes);
}

/** True when the value differs from lane to lane. */
export function varies(expr: Expr, lanes: Lanes | undefined): boolean {
  if (lanes === undefined) return false;
  const deps = dependencies(expr);
  if (deps.has(lanes.variable)) return true;
  for (const dep of lanes.varying) if (deps.has(dep)) return true;
  return false;
}
