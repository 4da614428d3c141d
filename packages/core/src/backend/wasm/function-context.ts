/** What all parts of the writer of one function share. */
import { InternalError } from "../../errors/errors.ts";
import type { Expr, Index, IndexVar, LoopFunction } from "../../loop-ir/types.ts";
import type { Dependency } from "./dependence.ts";
import type { Local, Locals } from "./encoder/code.ts";
import type { DeclaredFunction } from "./encoder/module.ts";
import type { FrameWords } from "./frame.ts";
import type { Kernels } from "./kernels/kernels.ts";
import { type Form, Scope } from "./scope.ts";

type Constant = Extract<Expr, { kind: "const" }>;

/** What the functions of one module share. */
export interface ModuleContext {
  readonly frame: FrameWords;
  readonly kernels: Kernels;
  readonly functions: ReadonlyMap<LoopFunction, DeclaredFunction>;
  /** The imported function that hears events, where the program has any. */
  readonly host: number | undefined;
}

export class FunctionContext {
  readonly module: ModuleContext;
  readonly locals: Locals;
  readonly uses: Map<Expr, number>;
  readonly prologue = new Scope("prologue");
  /** Where the values of scalar variables are. */
  readonly variables = new Map<Dependency, Local>();
  /** Index variables that can only be 0. */
  readonly zeroVariables = new Set<IndexVar>();
  /** Indices of elements that lie `by` >= 0 places after those of another index, wherever that one points. */
  readonly neighbours = new Map<Index, { readonly of: Index; readonly by: number }>();
  /** Function parameters. */
  readonly parameters = new Map<IndexVar, Local>();
  readonly #constants = new Map<string, Constant>();
  readonly #identities = new Map<object, number>();

  constructor(module: ModuleContext, locals: Locals, uses: ReadonlyMap<Expr, number>) {
    this.module = module;
    this.locals = locals;
    this.uses = new Map(uses);
  }

  /** Counts uses of expressions that the function's statements do not show. */
  addUses(uses: ReadonlyMap<Expr, number>): void {
    for (const [e, count] of uses) this.uses.set(e, (this.uses.get(e) ?? 0) + count);
  }

  /** The frame's address. */
  get frame(): Local {
    return this.locals.param(0);
  }

  /** A number for keys, the same for the same object. */
  identity(item: object): number {
    const old = this.#identities.get(item);
    if (old !== undefined) return old;
    this.#identities.set(item, this.#identities.size);
    return this.#identities.size - 1;
  }

  /** One object for equal constants. */
  constant(expr: Constant): Constant {
    const key = `${expr.type} ${Object.is(expr.value, -0) ? "-0" : expr.value}`;
    const old = this.#constants.get(key) ?? expr;
    this.#constants.set(key, old);
    return old;
  }

  remember(scope: Scope, expr: Expr, form: Form, local: Local): void {
    const forms = scope.values.get(expr) ?? new Map<Form, Local>();
    forms.set(form, local);
    scope.values.set(expr, forms);
  }

  /** The local that holds the value of `expr` in `scope`, if it was computed there or around it. */
  recall(scope: Scope, expr: Expr, form: Form): Local | undefined {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const found = at.values.get(expr)?.get(form);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The local of a scalar variable. @throws INTERNAL before its declaration */
  variable(v: Dependency): Local {
    const local = this.variables.get(v);
    if (local === undefined) throw new InternalError(`${v.name} is used before it is declared`);
    return local;
  }
}
