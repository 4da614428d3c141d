/**
 * A block of WGSL: its lines, and the texts of the variables and values that it knows. A value that is used more than once gets a name
 * where it is first needed, and keeps it for the rest of the block and the blocks inside, as the interpreter does.
 */
import {
  exprOperands,
  InternalError,
  postOrder,
  statementBody,
  statementExprs,
  type Buffer,
  type Expr,
  type Index,
  type IndexVar,
  type ScalarVar,
  type Statement,
} from "@scan-train/core/backend-kit";
import { requireType, type GpuType } from "./device-traits.ts";
import type { KernelScope } from "./kernel-scope.ts";
import { bare, type Lines } from "./lines.ts";
import { writeLiteral } from "./literals.ts";
import { writeBinary, writeCompare, writeConvert, writeUnary } from "./scalar-ops.ts";

type Known = Expr | ScalarVar | IndexVar;

/** What a body as a whole says about its parts. */
export interface BodyFacts {
  readonly shared: ReadonlySet<Expr>;
  readonly assigned: ReadonlySet<ScalarVar>;
}

/** Texts deeper than this are cut in two by a name. */
const deepest = 12;

export class Block {
  readonly kernel: KernelScope;
  readonly lines: Lines;
  readonly facts: BodyFacts;
  readonly #parent: Block | undefined;
  readonly #texts = new Map<Known, string>();
  readonly #depths = new Map<Expr, number>();

  constructor(kernel: KernelScope, lines: Lines, facts: BodyFacts, parent?: Block) {
    this.kernel = kernel;
    this.lines = lines;
    this.facts = facts;
    this.#parent = parent;
  }

  /** `head { ... }` with a block of its own. */
  nest(head: string, body: (inner: Block) => void): void {
    const inner = new Block(this.kernel, this.lines, this.facts, this);
    this.lines.block(head, () => body(inner));
  }

  /** `for (counter from 0 below end)`. */
  loop(counter: IndexVar, end: string, body: (inner: Block) => void): void {
    const name = this.kernel.names.fresh(counter.name);
    this.nest(`for (var ${name} = 0; ${name} < ${end}; ${name}++)`, (inner) => {
      inner.know(counter, name);
      body(inner);
    });
  }

  know(what: Known, text: string): void {
    this.#texts.set(what, text);
  }

  /** Declares a scalar local with its first value. */
  declare(v: ScalarVar, value: string): void {
    const name = this.kernel.names.fresh(v.name);
    this.lines.add(`${this.facts.assigned.has(v) ? "var" : "let"} ${name} = ${bare(value)};`);
    this.know(v, name);
  }

  has(e: Expr): boolean {
    return this.#find(e) !== undefined;
  }

  #find(what: Known): string | undefined {
    for (let block: Block | undefined = this; block !== undefined; block = block.#parent) {
      const text = block.#texts.get(what);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  /** The text of what has one. @throws INTERNAL when it has no value here */
  text(what: Known): string {
    const known = this.#find(what);
    if (known !== undefined) return known;
    if (what.kind === "indexVar") return this.kernel.param(what);
    throw new InternalError(`${"name" in what ? what.name : what.kind} has no value here`);
  }

  /** The text of a value, after the lines that it needs. */
  value(root: Expr): string {
    for (const e of postOrder([root], this)) this.#evaluate(e);
    return this.text(root);
  }

  /** Gives a value a name, so that blocks inside do not make it again. */
  hold(e: Expr): void {
    this.value(e);
    if (!isPlain(e)) this.#name(e, "e");
  }

  #evaluate(e: Expr): void {
    const operands = exprOperands(e);
    // What a compiler can compute itself it checks itself: an overflow among literals would be an error.
    const [first] = operands;
    if (first !== undefined && operands.every(isFixed)) this.#name(first, "c");
    const text = this.#write(e);
    const depth = 1 + Math.max(-1, ...operands.map((x) => this.#depths.get(x) ?? 0));
    this.know(e, text);
    this.#depths.set(e, depth);
    if (isPlain(e)) return;
    if (depth > deepest || this.facts.shared.has(e)) this.#name(e, "e");
  }

  #name(e: Expr, wanted: string): void {
    const text = this.text(e);
    if (/^[A-Za-z]\w*$/.test(text) && text !== "true" && text !== "false") return;
    const name = this.kernel.names.fresh(wanted);
    this.lines.add(`let ${name} = ${bare(text)};`);
    this.know(e, name);
    this.#depths.set(e, 0);
  }

  #write(e: Expr): string {
    const { use } = this.kernel;
    switch (e.kind) {
      case "const":
        return writeLiteral(gpuType(e), e.value, use);
      case "read":
        return this.text(e.var);
      case "load":
        return this.element(e.buffer, this.index(e.index));
      case "position":
        return `(${this.index(e.index)})`;
      case "unary":
        return writeUnary(e.op, gpuType(e), this.text(e.x), use);
      case "binary":
        return writeBinary(e.op, gpuType(e), [this.text(e.x), this.text(e.y)], use);
      case "compare":
        return writeCompare(e.op, gpuType(e.x), [this.text(e.x), this.text(e.y)], use);
      case "select":
        return `select(${[e.y, e.x, e.cond].map((x) => bare(this.text(x))).join(", ")})`;
      case "convert":
        return writeConvert(gpuType(e.x), gpuType(e), this.text(e.x), use);
      default:
        return e satisfies never;
    }
  }

  /** An element as a value; `at` is the text of its index. */
  element(buffer: Buffer, at: string): string {
    return this.asValue(buffer, this.kernel.load(buffer, at));
  }

  /** What lies in a buffer, as a value. */
  asValue({ type }: Buffer, text: string): string {
    return type === "bool" ? `(${text} != 0)` : text;
  }

  /** A value as it lies in a buffer. */
  asStored({ type }: Buffer, value: string): string {
    return type === "bool" ? `i32(${bare(value)})` : bare(value);
  }

  /** Stores a value in an element. */
  store(buffer: Buffer, at: string, value: string): void {
    this.lines.add(this.kernel.store(buffer, at, this.asStored(buffer, value)));
  }

  /** The text of an index whose expressions have texts already, or get them now. */
  index(index: Index): string {
    const terms = index.terms.map(({ coef, of }) => {
      const text = of.kind === "indexVar" ? this.text(of) : this.value(of);
      return coef.constant === 1 ? text : `${this.kernel.size(coef)} * ${text}`;
    });
    if (index.offset.constant !== 0 || terms.length === 0)
      terms.push(this.kernel.size(index.offset));
    return terms.join(" + ").replaceAll("+ -", "- ");
  }
}

function gpuType(e: Expr): GpuType {
  return requireType(e.type, `a value (${e.kind})`);
}

const isPlain = (e: Expr): boolean => e.kind === "const" || e.kind === "read";

/** Known to a compiler. */
function isFixed(e: Expr): boolean {
  if (e.kind === "const") return true;
  return (
    e.kind === "position" && e.index.terms.length === 0 && e.index.offset.constant !== undefined
  );
}

/** Which values are used more than once, and which locals change. */
export function factsOf(body: readonly Statement[]): BodyFacts {
  const uses = new Map<Expr, number>();
  const use = (e: Expr): void => void uses.set(e, (uses.get(e) ?? 0) + 1);
  const assigned = new Set<ScalarVar>();
  const roots: Expr[] = [];
  const queue = [...body];
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    if (s.kind === "assign") assigned.add(s.var);
    roots.push(...statementExprs(s));
    queue.push(...statementBody(s));
  }
  roots.forEach(use);
  for (const e of postOrder(roots)) exprOperands(e).forEach(use);
  return { shared: new Set([...uses].filter(([, n]) => n > 1).map(([e]) => e)), assigned };
}
