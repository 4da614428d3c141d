/**
 * Cuts a program into pieces, each of which one dispatch runs, and says in which order and how often the host starts them. The host runs
 * loops around products, panels, copies and calls; a loop that ends by a condition runs to its longest, with a flag on the device that
 * lets what comes after its end do nothing.
 */
import {
  postOrder,
  statementBody,
  statementExprs,
  UnsupportedError,
  type Buffer,
  type Expr,
  type Index,
  type IndexVar,
  type LoopFunction,
  type Program,
  type ScalarVar,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";
import type { KernelTraits } from "../kernel-traits.ts";
import { partsOfProduct, type ProductParts } from "./matmul-tiles.ts";

type Matmul = Extract<Statement, { kind: "matmul" }>;
export type MatrixStatement = Extract<Statement, { kind: "matmul" | "pack" | "copy" }>;

/** What one dispatch does. */
export type PieceWork =
  | { readonly kind: "statements"; readonly body: readonly Statement[] }
  | { readonly kind: "matrix"; readonly statement: MatrixStatement }
  /** A product cut along k: its parts, and their sum. */
  | {
      readonly kind: "product-parts" | "product-sum";
      readonly statement: Matmul;
      readonly parts: ProductParts;
    }
  /** Sets a flag as a loop begins: to 1, or to the flag of the loop around it. */
  | { readonly kind: "open"; readonly flag: number; readonly within: number | undefined }
  /** Clears a flag where the condition holds. */
  | { readonly kind: "close"; readonly flag: number; readonly cond: Expr };

export interface Piece {
  readonly name: string;
  /** Counters that the host gives. */
  readonly params: readonly IndexVar[];
  readonly work: PieceWork;
  /** Runs only while this flag is set. */
  readonly guard: number | undefined;
}

/** What the host does, in order. */
export type HostNode =
  | { readonly kind: "dispatch"; readonly piece: Piece }
  | {
      readonly kind: "loop";
      readonly var: IndexVar;
      readonly extent: Size;
      readonly body: readonly HostNode[];
    }
  /** The body with values for the counters of a function, which are affine in those around. */
  | {
      readonly kind: "call";
      readonly params: readonly IndexVar[];
      readonly args: readonly Index[];
      readonly body: readonly HostNode[];
    };

export interface HostProgram {
  readonly pieces: readonly Piece[];
  /** By the name of the entry. */
  readonly entries: ReadonlyMap<string, readonly HostNode[]>;
  readonly flags: number;
  /** Buffers that pieces need besides those of the program; no two are alive at once. */
  readonly extra: readonly Buffer[];
}

/** The program must not hold prefixes. @throws UnsupportedError GPU_BRANCH */
export function cutProgram(program: Program, traits: KernelTraits): HostProgram {
  const cutter = new Cutter(program.buffers.length, traits);
  const entries = new Map(
    program.entries.map((entry) => [entry.name, cutter.function(entry, undefined)]),
  );
  // Functions that no entry calls are cut too: tests render them.
  for (const func of program.functions) if (!cutter.has(func)) cutter.function(func, undefined);
  return { pieces: cutter.pieces, entries, flags: cutter.flags, extra: cutter.extra };
}

const isMatrix = (s: Statement): s is MatrixStatement =>
  s.kind === "matmul" || s.kind === "pack" || s.kind === "copy";
const isGrid = (s: Statement): boolean => s.kind === "for" && s.parallel;

/** True when a part of the statement is a dispatch of its own. */
function isForHost(s: Statement): boolean {
  if (isMatrix(s) || s.kind === "call") return true;
  return !isGrid(s) && statementBody(s).some(isForHost);
}

interface Place {
  readonly func: LoopFunction;
  readonly params: readonly IndexVar[];
  readonly guard: number | undefined;
}

class Cutter {
  readonly pieces: Piece[] = [];
  readonly extra: Buffer[] = [];
  flags = 0;
  readonly #firstId: number;
  readonly #traits: KernelTraits;
  readonly #known = new Map<LoopFunction, Map<number | undefined, readonly HostNode[]>>();
  readonly #names = new Map<string, number>();

  /** New buffers are numbered from `firstId`. */
  constructor(firstId: number, traits: KernelTraits) {
    this.#firstId = firstId;
    this.#traits = traits;
  }

  has(func: LoopFunction): boolean {
    return this.#known.has(func);
  }

  /** What the host does for a call of `func`; made once for each flag that guards it. */
  function(func: LoopFunction, guard: number | undefined): readonly HostNode[] {
    const known = this.#known.get(func) ?? new Map<number | undefined, readonly HostNode[]>();
    this.#known.set(func, known);
    const found = known.get(guard);
    if (found !== undefined) return found;
    const place: Place = { func, params: func.params, guard };
    const whole = groupsOf(func.body).length === 1 && !func.body.some(isForHost);
    const nodes = whole
      ? [this.#piece(place, func.name, { kind: "statements", body: func.body })]
      : this.#walk(func.body, place);
    known.set(guard, nodes);
    return nodes;
  }

  #walk(body: readonly Statement[], place: Place): readonly HostNode[] {
    return groupsOf(body).flatMap((group): readonly HostNode[] => {
      const [first] = group;
      if (first === undefined) return [];
      if (!isForHost(first)) {
        const kind = isGrid(first) ? "loop" : "part";
        return [this.#numbered(place, kind, { kind: "statements", body: group })];
      }
      if (isMatrix(first)) return this.#matrix(first, place);
      if (first.kind === "call") return [this.#call(first, place)];
      if (first.kind === "for") return this.#loop(first, place);
      throw hostBranch(
        place.func,
        `"${first.kind}" decides on the device what the host is to start`,
      );
    });
  }

  #matrix(statement: MatrixStatement, place: Place): readonly HostNode[] {
    const parts =
      statement.kind === "matmul" && this.#traits.workgroups === "barriers"
        ? partsOfProduct(statement, (name, size) => this.#buffer(name, size))
        : undefined;
    if (statement.kind !== "matmul" || parts === undefined)
      return [this.#numbered(place, statement.kind, { kind: "matrix", statement })];
    return (["product-parts", "product-sum"] as const).map((kind) =>
      this.#numbered(place, kind === "product-parts" ? "parts" : "sum", { kind, statement, parts }),
    );
  }

  #buffer(name: string, size: Size): Buffer {
    const id = this.#firstId + this.extra.length;
    const buffer: Buffer = { id, name, type: "f32", size, role: "temporary" };
    this.extra.push(buffer);
    return buffer;
  }

  #call(s: Extract<Statement, { kind: "call" }>, place: Place): HostNode {
    for (const { of } of s.args.flatMap((arg) => arg.terms))
      if (of.kind !== "indexVar")
        throw hostBranch(place.func, `a position of "${s.func.name}" is known on the device alone`);
    const body = this.function(s.func, place.guard);
    return { kind: "call", params: s.func.params, args: s.args, body };
  }

  #loop(s: Extract<Statement, { kind: "for" }>, place: Place): readonly HostNode[] {
    const params = [...place.params, s.var];
    const last = s.body.at(-1);
    if (last?.kind !== "stop") {
      const body = this.#walk(s.body, { ...place, params });
      return [{ kind: "loop", var: s.var, extent: s.extent, body }];
    }
    const flag = this.flags++;
    const inside = { ...place, params, guard: flag };
    const open = { kind: "open", flag, within: place.guard } as const;
    const close = this.#numbered(inside, "stop", { kind: "close", flag, cond: last.cond });
    const body = [...this.#walk(s.body.slice(0, -1), inside), close];
    return [
      this.#numbered({ ...place, guard: undefined }, "begin", open),
      { kind: "loop", var: s.var, extent: s.extent, body },
    ];
  }

  #numbered(place: Place, kind: string, work: PieceWork): HostNode {
    const stem = `${place.func.name}_${kind}`;
    const count = this.#names.get(stem) ?? 0;
    this.#names.set(stem, count + 1);
    return this.#piece(place, `${stem}_${count}`, work);
  }

  #piece({ params, guard }: Place, name: string, work: PieceWork): HostNode {
    const piece: Piece = { name, params, work, guard };
    this.pieces.push(piece);
    return { kind: "dispatch", piece };
  }
}

export function hostBranch({ name }: LoopFunction, what: string): UnsupportedError {
  return new UnsupportedError("GPU_BRANCH", `function ${name}: ${what}`, {
    hint: "compile this graph for the wasm backend",
  });
}

/**
 * Statements that run together: a grid, or what is for the host, alone; others with their neighbours. A scalar that one group declares and
 * another reads keeps all of them together.
 */
function groupsOf(body: readonly Statement[]): readonly (readonly Statement[])[] {
  const groups: Statement[][] = [];
  let open: Statement[] | undefined;
  for (const s of body) {
    if (isGrid(s) || isForHost(s)) {
      groups.push([s]);
      open = undefined;
    } else if (open === undefined) groups.push((open = [s]));
    else open.push(s);
  }
  const owner = new Map<ScalarVar, readonly Statement[]>();
  for (const group of groups)
    for (const s of group) if (s.kind === "let" || s.kind === "reduce") owner.set(s.var, group);
  const crosses = groups.some((group) =>
    readsOf(group).some((v) => owner.has(v) && owner.get(v) !== group),
  );
  return crosses && !body.some(isForHost) ? [body] : groups;
}

/** The scalar locals that statements read or change. */
function readsOf(body: readonly Statement[]): ScalarVar[] {
  const found: ScalarVar[] = [];
  const queue = [...body];
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    if (s.kind === "assign") found.push(s.var);
    queue.push(...statementBody(s));
    for (const e of postOrder(statementExprs(s))) if (e.kind === "read") found.push(e.var);
  }
  return found;
}
