/** Programs as text, for people and for golden tests. A value that is used more than once is named where it is first needed. */
import type { Size } from "../size/size.ts";
import type {
  BinaryOp,
  CompareOp,
  Expr,
  Index,
  IndexVar,
  LoopFunction,
  MatrixView,
  Program,
  ScalarVar,
  Statement,
} from "./types.ts";
import type { Prefix } from "./prefix.ts";
import { exprOperands, postOrder, statementBody, statementExprs } from "./walk.ts";

/** The whole program; constants are written 1.5 (f32), 1.5d (f64), 1i (i32). */
export function printProgram(program: Program): string {
  const buffers = program.buffers.map(
    (b) => `  ${b.role} ${b.name}: ${b.type}[${b.size.toString()}]`,
  );
  const entries = new Set(program.entries);
  const functions = [...new Set([...program.functions, ...program.entries])].map(
    (func) => `${entries.has(func) ? "entry" : "function"} ${printFunction(func)}`,
  );
  return [`program ${program.name}`, ...buffers, ...functions].join("\n");
}

/** One function with its body. */
export function printFunction(func: LoopFunction): string {
  const printer = new Printer(func);
  return [
    `${func.name}(${func.params.map((param) => printer.name(param)).join(", ")})`,
    ...printer.block(func.body, "  ", new Texts()),
  ].join("\n");
}

const infix: Readonly<Partial<Record<BinaryOp | CompareOp, string>>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  lt: "<",
  le: "<=",
  eq: "==",
  ne: "!=",
};
const suffix = { f32: "", f64: "d", i32: "i", bool: "" } as const;

/** What stands for the expressions that are in scope. */
class Texts {
  readonly #outer: Texts | undefined;
  readonly #own = new Map<Expr, string>();

  constructor(outer?: Texts) {
    this.#outer = outer;
  }

  get(e: Expr): string | undefined {
    return this.#own.get(e) ?? this.#outer?.get(e);
  }

  has(e: Expr): boolean {
    return this.get(e) !== undefined;
  }

  set(e: Expr, text: string): void {
    this.#own.set(e, text);
  }
}

class Printer {
  readonly #names = new Map<IndexVar | ScalarVar | Expr, string>();
  readonly #taken = new Map<string, number>();
  readonly #shared: ReadonlySet<Expr>;

  constructor(func: LoopFunction) {
    this.#shared = sharedExprs(func.body);
  }

  /** A name of its own for each object. */
  name(of: IndexVar | ScalarVar | Expr): string {
    const known = this.#names.get(of);
    if (known !== undefined) return known;
    const wanted = of.kind === "indexVar" || of.kind === "scalarVar" ? of.name : "%";
    const count = this.#taken.get(wanted) ?? 0;
    this.#taken.set(wanted, count + 1);
    const name = wanted === "%" ? `%${count}` : count === 0 ? wanted : `${wanted}.${count}`;
    this.#names.set(of, name);
    return name;
  }

  block(body: readonly Statement[], indent: string, outer: Texts): string[] {
    const texts = new Texts(outer);
    return body.flatMap((s) => this.#statement(s, indent, texts));
  }

  #statement(s: Statement, indent: string, texts: Texts): string[] {
    const holdsValues = s.kind === "reduce" || s.kind === "prefix";
    const inside = holdsValues ? new Texts(texts) : texts;
    const lines = this.#values(statementExprs(s), inside).map(
      (line) => `${indent}${holdsValues ? "  " : ""}${line}`,
    );
    const head = `${indent}${this.#head(s, inside)}`;
    if (s.kind === "prefix") return [head, ...lines, ...this.#parts(s, `${indent}  `, inside)];
    const body = this.block(statementBody(s), `${indent}  `, texts);
    return s.kind === "reduce" ? [head, ...lines] : [...lines, head, ...body];
  }

  #parts(s: Prefix, indent: string, texts: Texts): string[] {
    const text = (e: Expr): string => bare(texts.get(e) ?? "?");
    return s.parts.map(({ value, left, right, combined, into }) => {
      const [l, r] = [this.name(left), this.name(right)];
      const places = into.map(
        ({ buffer, index }) => `${buffer.name}[${this.#index(index, texts)}]`,
      );
      return `${indent}${[...places, `(${l}, ${r})`].join(", ")} = ${text(value)}; ${text(combined)}`;
    });
  }

  /** The lines that name what is shared; reads and constants have no line. */
  #values(roots: readonly Expr[], texts: Texts): string[] {
    const lines: string[] = [];
    for (const e of postOrder(roots, texts)) {
      const text = this.#expr(e, texts);
      if (this.#shared.has(e)) lines.push(`${this.name(e)} = ${text}`);
      texts.set(e, this.#shared.has(e) ? this.name(e) : text);
    }
    return lines;
  }

  #head(s: Statement, texts: Texts): string {
    const value = (e: Expr): string => bare(texts.get(e) ?? "?");
    const at = (index: Index): string => this.#index(index, texts);
    const view = (v: MatrixView): string =>
      `${v.buffer.name}[${at(v.offset)}; ${v.rowStride.toString()}, ${v.colStride.toString()}]`;
    switch (s.kind) {
      case "for":
        return `for ${this.name(s.var)} < ${s.extent.toString()}${s.parallel ? " parallel" : ""}`;
      case "let":
        return `let ${this.name(s.var)}: ${s.var.type} = ${value(s.value)}`;
      case "assign":
        return `${this.name(s.var)} := ${value(s.value)}`;
      case "store":
        return `${s.buffer.name}[${at(s.index)}] = ${value(s.value)}`;
      case "if":
        return `if ${value(s.cond)}`;
      case "reduce":
        return `let ${this.name(s.var)}: ${s.var.type} = ${s.op} ${s.order} ${this.name(s.index)} < ${s.extent.toString()}: ${value(s.value)}`;
      case "prefix":
        return `prefix ${this.name(s.index)} < ${s.extent.toString()}`;
      case "call":
        return `call ${s.func.name}(${s.args.map(at).join(", ")})`;
      case "matmul":
        return `${view(s.c)} ${s.accumulate ? "+=" : "="} ${view(s.a)} @ ${"packed" in s.b ? `packed ${s.b.packed.name}` : view(s.b)} (${[s.m, s.n, s.k].map(String).join(", ")})${s.scratch === undefined ? "" : ` by ${s.scratch.name}`}`;
      case "pack":
        return `pack ${view(s.b)} into ${s.into.name} (${String(s.n)}, ${String(s.k)})`;
      case "copy":
        return `copy ${s.from.name}[${at(s.fromOffset)}] to ${s.to.name}[${at(s.toOffset)}] (${String(s.size)})`;
      case "fail":
        return `fail ${s.code} if ${value(s.cond)}`;
      case "host":
        return `tell the host ${s.event}: ${s.buffer === undefined ? at(s.index) : `where ${s.buffer.name}[${at(s.index)}] lies`}`;
      case "stop":
        return `stop if ${value(s.cond)}`;
      default:
        return s satisfies never;
    }
  }

  #expr(e: Expr, texts: Texts): string {
    const of = (x: Expr): string => texts.get(x) ?? "?";
    switch (e.kind) {
      case "const":
        return e.type === "bool"
          ? `${e.value === 1}`
          : `${Object.is(e.value, -0) ? "-0" : e.value}${suffix[e.type]}`;
      case "read":
        return this.name(e.var);
      case "load":
        return `${e.buffer.name}[${this.#index(e.index, texts)}]`;
      case "position":
        return `@(${this.#index(e.index, texts)})`;
      case "unary":
        return `${e.op}(${bare(of(e.x))})`;
      case "binary":
      case "compare": {
        const sign = infix[e.op];
        return sign === undefined
          ? `${e.op}(${bare(of(e.x))}, ${bare(of(e.y))})`
          : `(${of(e.x)} ${sign} ${of(e.y)})`;
      }
      case "select":
        return `select(${[e.cond, e.x, e.y].map((x) => bare(of(x))).join(", ")})`;
      case "convert":
        return `${e.type}(${bare(of(e.x))})`;
      default:
        return e satisfies never;
    }
  }

  #index(index: Index, texts: Texts): string {
    const terms = index.terms.map(({ coef, of }) => {
      const text = of.kind === "indexVar" ? this.name(of) : (texts.get(of) ?? "?");
      return coef.constant === 1 ? text : `${factor(coef)}*${text}`;
    });
    return index.offset.constant === 0 && terms.length > 0
      ? terms.join(" + ")
      : [...terms, index.offset.toString()].join(" + ");
  }
}

function factor(size: Size): string {
  return size.terms.length === 1 ? size.toString() : `(${size.toString()})`;
}

/** The text without the parentheses that enclose all of it. */
function bare(text: string): string {
  if (!text.startsWith("(")) return text;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    depth += text[i] === "(" ? 1 : text[i] === ")" ? -1 : 0;
    if (depth === 0) return i === text.length - 1 ? text.slice(1, -1) : text;
  }
  return text;
}

/** What is used more than once and is worth a name. */
function sharedExprs(body: readonly Statement[]): Set<Expr> {
  const uses = new Map<Expr, number>();
  const use = (e: Expr): void => void uses.set(e, (uses.get(e) ?? 0) + 1);
  const roots: Expr[] = [];
  const queue = [...body];
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    roots.push(...statementExprs(s));
    queue.push(...statementBody(s));
  }
  roots.forEach(use);
  for (const e of postOrder(roots)) exprOperands(e).forEach(use);
  return new Set(
    [...uses]
      .filter(([e, count]) => count > 1 && e.kind !== "const" && e.kind !== "read")
      .map(([e]) => e),
  );
}
