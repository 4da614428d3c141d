/**
 * Scopes of the code being written: each has its own fragment, appended to its parent's when it is complete, so that code can still be
 * put before a loop while the loop's body is written.
 */
import { Code, type Local } from "./encoder/code.ts";
import type { Expr, IndexVar } from "../../loop-ir/types.ts";
import type { Dependency } from "./dependence.ts";

/** How a value is held: a scalar, or a vector of 2 or 4 lanes. */
export type Form = "scalar" | 2 | 4;

/** A loop in which each SIMD lane runs one iteration of `variable`. */
export interface Lanes {
  readonly count: 2 | 4;
  readonly variable: IndexVar;
  /** Scalar variables whose value differs from lane to lane. */
  readonly varying: ReadonlySet<Dependency>;
  /** Set where only the first of the lanes count: the others may read what follows, up to `readAheadBytes`, and store nothing. */
  readonly valid?: Bound;
}

/** A byte or element offset that a loop keeps in step with its variable. */
export interface Running {
  readonly local: Local;
  /** Elements times bytes per iteration of one; a local when known at run time only. */
  readonly stride: number | Local;
  /** True when the stride is that of consecutive elements, so that the offset may also bound the loop. */
  readonly consecutive: boolean;
}

/** A loop being written. */
export interface LoopState {
  readonly variable: IndexVar;
  readonly start: Bound;
  readonly end: Bound;
  readonly step: number;
  /** True when one step reaches the end. */
  readonly once?: boolean | undefined;
  readonly changed: ReadonlySet<Dependency>;
  readonly running: Map<string, Running>;
}
export type Bound = number | Local;

/**
 * - `prologue`: the start of a function; `body`: the rest of it
 * - `before`: what a loop computes once; `loop`: its body
 * - `branch`: the body of an `if`
 */
export type ScopeKind = "prologue" | "body" | "before" | "loop" | "branch";

export class Scope {
  readonly code = new Code();
  readonly kind: ScopeKind;
  readonly parent: Scope | undefined;
  readonly loop: LoopState | undefined;
  readonly lanes: Lanes | undefined;
  /** Values of expressions: they hold from where they are first needed to the end of the scope. */
  readonly values = new Map<Expr, Map<Form, Local>>();
  /** Sums of index terms by key. */
  readonly sums = new Map<string, Local>();

  constructor(
    kind: ScopeKind,
    parent?: Scope,
    loop?: LoopState,
    lanes: Lanes | undefined = parent?.lanes,
  ) {
    this.kind = kind;
    this.parent = parent;
    this.loop = loop;
    this.lanes = lanes;
  }

  /** The outermost scope around this one in which something may be computed that depends on `deps` and cannot fault. */
  outermostFor(deps: ReadonlySet<Dependency>): Scope {
    return this.#climb(deps, true);
  }

  /** The same for what may only run where it is reached: never out of a branch. */
  outermostReachedFor(deps: ReadonlySet<Dependency>): Scope {
    return this.#climb(deps, false);
  }

  #climb(deps: ReadonlySet<Dependency>, outOfBranches: boolean): Scope {
    let best: Scope = this;
    for (let at: Scope = this; at.parent !== undefined; at = at.parent) {
      if (at.loop !== undefined && dependsOnLoop(at.loop, deps)) break;
      if (at.kind === "branch" && !outOfBranches) break;
      if (at.kind === "loop" || outOfBranches) best = at.parent;
    }
    return best;
  }
}

function dependsOnLoop(loop: LoopState, deps: ReadonlySet<Dependency>): boolean {
  if (deps.has(loop.variable)) return true;
  for (const dep of deps) if (loop.changed.has(dep)) return true;
  return false;
}
