/** Types and scopes inside one function. */
import { binaryTypes, isFloat, unaryTypes } from "./build.ts";
import { scratchSize } from "./product-block.ts";
import type {
  Buffer,
  Expr,
  Index,
  IndexVar,
  LoopFunction,
  Program,
  ReduceOp,
  ScalarType,
  ScalarVar,
  Statement,
} from "./types.ts";
import {
  exprOperands,
  indexOperands,
  postOrder,
  statementBody,
  statementExprs,
  statementIndexes,
} from "./walk.ts";

type Fail = (message: string) => never;

/** Reports, through `fail`, the first thing that is ill-typed, out of scope, or declared twice. */
export function checkFunctionBody(
  func: LoopFunction,
  buffers: ReadonlySet<Buffer>,
  panelWidth: Program["panelWidth"],
  fail: Fail,
): void {
  new BodyCheck(buffers, panelWidth, fail).run(func);
}

/** What is visible in a block: variables, and expressions with the assigned variables that they read. */
interface Block {
  readonly vars: Set<IndexVar | ScalarVar>;
  readonly exprs: Map<Expr, ReadonlySet<ScalarVar>>;
}

const nothing: ReadonlySet<ScalarVar> = new Set();

class BodyCheck {
  readonly #buffers: ReadonlySet<Buffer>;
  readonly #panelWidth: Program["panelWidth"];
  readonly #fail: Fail;
  readonly #blocks: Block[] = [];
  readonly #stale = new Set<Expr>();
  #assigned: ReadonlySet<ScalarVar> = nothing;

  constructor(buffers: ReadonlySet<Buffer>, panelWidth: Program["panelWidth"], fail: Fail) {
    this.#buffers = buffers;
    this.#panelWidth = panelWidth;
    this.#fail = fail;
  }

  run(func: LoopFunction): void {
    this.#assigned = assignedIn(func.body);
    this.#block(func.body, func.params);
  }

  #block(body: readonly Statement[], vars: readonly IndexVar[], mayStop = false): void {
    this.#blocks.push({ vars: new Set(), exprs: new Map() });
    for (const v of vars) this.#declare(v);
    for (const [i, s] of body.entries()) {
      if (s.kind === "stop" && !(mayStop && i === body.length - 1))
        this.#fail("stop is not the last statement of a loop");
      this.#statement(s);
    }
    this.#blocks.pop();
  }

  #statement(s: Statement): void {
    if (s.kind === "reduce") return this.#reduce(s);
    if (s.kind === "prefix") return this.#prefix(s);
    for (const index of statementIndexes(s)) this.#index(index);
    this.#values(statementExprs(s));
    switch (s.kind) {
      case "for":
        this.#outdate(assignedIn(s.body));
        if (s.parallel && s.body.some(({ kind }) => kind === "stop"))
          this.#fail(`parallel loop ${s.var.name} stops early`);
        return this.#block(s.body, [s.var], true);
      case "if":
        this.#expect(s.cond, "bool", "if");
        return this.#block(s.then, []);
      case "let":
        this.#expect(s.value, s.var.type, s.var.name);
        return this.#declare(s.var);
      case "assign":
        this.#visible(s.var);
        this.#expect(s.value, s.var.type, s.var.name);
        return this.#outdate(new Set([s.var]));
      case "store":
        this.#written(s.buffer);
        return this.#expect(s.value, s.buffer.type, `buffer ${s.buffer.name}`);
      case "fail":
        if (!(Number.isInteger(s.code) && s.code > 0)) this.#fail(`a failure with code ${s.code}`);
        return this.#expect(s.cond, "bool", "fail");
      case "stop":
        return this.#expect(s.cond, "bool", "stop");
      case "matmul":
        return this.#matmul(s);
      case "pack":
        this.#written(s.into);
        this.#sameFloat("pack", [s.b.buffer, s.into]);
        return this.#holdsPanels(s.into, s.n.constant, s.k.constant);
      case "copy":
        this.#written(s.to);
        this.#known(s.from);
        if (s.from.type !== s.to.type)
          this.#fail(`copy of ${s.from.type} ${s.from.name} to ${s.to.type} ${s.to.name}`);
        return;
      case "host":
        if (!(Number.isInteger(s.event) && s.event >= 0)) this.#fail(`event ${s.event}`);
        if (s.buffer !== undefined) this.#known(s.buffer);
        return;
      case "call":
        return;
      default:
        return s satisfies never;
    }
  }

  #prefix(s: Extract<Statement, { kind: "prefix" }>): void {
    if (s.parts.length === 0) this.#fail("a prefix without parts");
    this.#blocks.push({ vars: new Set(), exprs: new Map() });
    for (const { left, right } of s.parts) {
      this.#declare(left);
      this.#declare(right);
    }
    this.#values(s.parts.map(({ combined }) => combined));
    this.#blocks.pop();
    this.#blocks.push({ vars: new Set(), exprs: new Map() });
    this.#declare(s.index);
    this.#values(s.parts.map(({ value }) => value));
    for (const { value, left, right, combined, into } of s.parts) {
      for (const e of [value, combined]) this.#expect(e, left.type, left.name);
      if (right.type !== left.type) this.#fail(`${left.name} and ${right.name} differ in type`);
      for (const { buffer, index } of into) {
        this.#values(indexOperands(index));
        this.#index(index);
        this.#written(buffer);
        this.#expect(value, buffer.type, `buffer ${buffer.name}`);
      }
    }
    this.#blocks.pop();
  }

  #reduce(s: Extract<Statement, { kind: "reduce" }>): void {
    this.#blocks.push({ vars: new Set(), exprs: new Map() });
    this.#declare(s.index);
    this.#values([s.value]);
    this.#blocks.pop();
    this.#expect(s.value, s.var.type, s.var.name);
    if (!reduceAccepts(s.op, s.var.type)) this.#fail(`reduce by ${s.op} of ${s.var.type}`);
    this.#declare(s.var);
  }

  #matmul(s: Extract<Statement, { kind: "matmul" }>): void {
    const right = "packed" in s.b ? s.b.packed : s.b.buffer;
    this.#written(s.c.buffer);
    this.#sameFloat("matmul", [s.a.buffer, right, s.c.buffer]);
    if ("packed" in s.b) this.#holdsPanels(s.b.packed, s.n.constant, s.k.constant);
    if (s.scratch === undefined) return;
    this.#written(s.scratch);
    this.#sameFloat("matmul", [s.c.buffer, s.scratch]);
    if ([s.a.buffer, right, s.c.buffer].includes(s.scratch))
      this.#fail(`scratch ${s.scratch.name} holds an operand or the result`);
    const [size, needed] = [s.scratch.size.constant, scratchSize(s.m.constant, s.k.constant)];
    if (size === undefined || size < needed)
      this.#fail(`scratch ${s.scratch.name} of ${String(size)} for ${needed}`);
  }

  #sameFloat(what: string, buffers: readonly Buffer[]): void {
    for (const buffer of buffers) this.#known(buffer);
    const types = buffers.map((buffer) => buffer.type);
    if (!types.every((type) => type === types[0] && isFloat(type)))
      this.#fail(`${what} of ${buffers.map((b) => `${b.type} ${b.name}`).join(", ")}`);
  }

  /** Where all is known when compiled: a panel buffer is large enough. */
  #holdsPanels(buffer: Buffer, n: number | undefined, k: number | undefined): void {
    const [size, width] = [
      buffer.size.constant,
      buffer.type === "f64" ? this.#panelWidth.f64 : this.#panelWidth.f32,
    ];
    if (size === undefined || n === undefined || k === undefined) return;
    if (size < Math.ceil(n / width) * width * k)
      this.#fail(`panels of ${k} by ${n} do not fit ${buffer.name} of ${size}`);
  }

  #expect(e: Expr, type: ScalarType, what: string): void {
    if (e.type !== type) this.#fail(`${what} of type ${type} gets a value of type ${e.type}`);
  }

  #known(buffer: Buffer): void {
    if (!this.#buffers.has(buffer)) this.#fail(`buffer ${buffer.name} is not in the program`);
  }

  #written(buffer: Buffer): void {
    this.#known(buffer);
    if (buffer.role === "constant") this.#fail(`constant ${buffer.name} is written`);
  }

  #declare(v: IndexVar | ScalarVar): void {
    if (this.#blocks.some((block) => block.vars.has(v)))
      this.#fail(`variable ${v.name} is declared twice`);
    this.#blocks.at(-1)?.vars.add(v);
  }

  #visible(v: IndexVar | ScalarVar): void {
    if (!this.#blocks.some((block) => block.vars.has(v)))
      this.#fail(`variable ${v.name} is out of scope`);
  }

  #index(index: Index): void {
    for (const { of } of index.terms) {
      if (of.kind === "indexVar") this.#visible(of);
      else if (of.type !== "i32") this.#fail(`an index of type ${of.type}`);
    }
  }

  #reads(e: Expr): ReadonlySet<ScalarVar> | undefined {
    for (const block of this.#blocks) {
      const reads = block.exprs.get(e);
      if (reads !== undefined) return reads;
    }
    return undefined;
  }

  #values(roots: readonly Expr[]): void {
    this.#current(roots);
    for (const e of postOrder(roots, { has: (x) => this.#reads(x) !== undefined })) {
      const operands = exprOperands(e);
      this.#current(operands);
      this.#expr(e);
      const reads = new Set(operands.flatMap((x) => [...(this.#reads(x) ?? nothing)]));
      if (e.kind === "read" && this.#assigned.has(e.var)) reads.add(e.var);
      this.#blocks.at(-1)?.exprs.set(e, reads.size === 0 ? nothing : reads);
    }
  }

  /** An expression is computed once, so it must not be meant to have two values. */
  #current(exprs: readonly Expr[]): void {
    for (const e of exprs)
      if (this.#stale.has(e))
        this.#fail(
          `an expression of kind ${e.kind} is used on both sides of an assignment to what it reads`,
        );
  }

  #outdate(vars: ReadonlySet<ScalarVar>): void {
    for (const { exprs } of this.#blocks)
      for (const [e, reads] of exprs)
        if (e.kind !== "read" && [...reads].some((v) => vars.has(v))) this.#stale.add(e);
  }

  #expr(e: Expr): void {
    switch (e.kind) {
      case "const":
        return;
      case "read":
        this.#visible(e.var);
        return this.#expect(e, e.var.type, e.var.name);
      case "load":
        this.#known(e.buffer);
        this.#index(e.index);
        return this.#expect(e, e.buffer.type, e.buffer.name);
      case "position":
        return this.#index(e.index);
      case "unary":
        if (!unaryTypes[e.op].includes(e.x.type)) this.#fail(`${e.op} of ${e.x.type}`);
        return this.#expect(e.x, e.type, e.op);
      case "binary":
        if (!binaryTypes[e.op].includes(e.x.type)) this.#fail(`${e.op} of ${e.x.type}`);
        this.#expect(e.y, e.x.type, e.op);
        return this.#expect(e.x, e.type, e.op);
      case "compare":
        return this.#expect(e.y, e.x.type, e.op);
      case "select":
        this.#expect(e.cond, "bool", "select");
        this.#expect(e.x, e.type, "select");
        return this.#expect(e.y, e.type, "select");
      case "convert":
        return;
      default:
        return e satisfies never;
    }
  }
}

function reduceAccepts(op: ReduceOp, type: ScalarType): boolean {
  return (op === "and" || op === "or") === (type === "bool");
}

function assignedIn(body: readonly Statement[]): Set<ScalarVar> {
  const found = new Set<ScalarVar>();
  const queue = [...body];
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    if (s.kind === "assign") found.add(s.var);
    queue.push(...statementBody(s));
  }
  return found;
}
