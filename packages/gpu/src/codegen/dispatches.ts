/**
 * Cuts a program into what one dispatch runs. A function is one dispatch, unless it holds products, panels, copies or calls outside of
 * parallel loops: then the host runs its loops, and each of those statements is a dispatch of its own, as are the statements between.
 */
import {
  statementBody,
  UnsupportedError,
  type IndexVar,
  type LoopFunction,
  type Program,
  type Statement,
} from "@scan-train/core/backend-kit";

export type MatrixStatement = Extract<Statement, { kind: "matmul" | "pack" | "copy" }>;

export interface Dispatch {
  readonly name: string;
  readonly source: LoopFunction | Statement;
  /** Counters that the host gives. */
  readonly params: readonly IndexVar[];
  readonly work: MatrixStatement | readonly Statement[];
}

/** The dispatches of every function, in order; each name occurs once. */
export function dispatchesOf(program: Program): readonly Dispatch[] {
  const functions = new Set([...program.functions, ...program.entries]);
  return [...functions].flatMap((func) =>
    func.body.some(isForHost)
      ? new HostFunction(func).dispatches()
      : [{ name: func.name, source: func, params: func.params, work: func.body }],
  );
}

const isMatrix = (s: Statement): s is MatrixStatement =>
  s.kind === "matmul" || s.kind === "pack" || s.kind === "copy";

/** True when a part of the statement is a dispatch of its own. */
function isForHost(s: Statement): boolean {
  if (isMatrix(s) || s.kind === "call") return true;
  return !(s.kind === "for" && s.parallel) && statementBody(s).some(isForHost);
}

class HostFunction {
  readonly #func: LoopFunction;
  readonly #found: Dispatch[] = [];
  readonly #counts = new Map<string, number>();

  constructor(func: LoopFunction) {
    this.#func = func;
  }

  dispatches(): readonly Dispatch[] {
    this.#walk(this.#func.body, this.#func.params);
    return this.#found;
  }

  #walk(body: readonly Statement[], params: readonly IndexVar[]): void {
    let between: Statement[] = [];
    const flush = (): void => {
      const [first] = between;
      if (first !== undefined) this.#add("part", first, params, between);
      between = [];
    };
    for (const s of body) {
      if (!isForHost(s)) {
        // A grid of its own: the statements before must have ended.
        if (s.kind === "for" && s.parallel) flush();
        between.push(s);
        if (s.kind === "for" && s.parallel) flush();
        continue;
      }
      flush();
      if (isMatrix(s)) this.#add(s.kind, s, params, s);
      else if (s.kind === "for") this.#walk(s.body, [...params, s.var]);
      else if (s.kind !== "call") throw this.#hostBranch(s);
    }
    flush();
  }

  #add(kind: string, source: Statement, params: readonly IndexVar[], work: Dispatch["work"]): void {
    const stem = `${this.#func.name}_${kind}`;
    const count = this.#counts.get(stem) ?? 0;
    this.#counts.set(stem, count + 1);
    this.#found.push({ name: `${stem}_${count}`, source, params, work });
  }

  #hostBranch(s: Statement): UnsupportedError {
    const message = `function ${this.#func.name}: "${s.kind}" decides on the device what the host is to start`;
    return new UnsupportedError("GPU_BRANCH", message, {
      hint: "compile this graph for the wasm backend",
    });
  }
}
