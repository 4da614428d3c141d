/** From loop IR to a WebAssembly module. */
import { InternalError } from "../../errors/errors.ts";
import { expandPrefixes } from "../../loop-ir/expand-prefix.ts";
import { splitLong, type Weights } from "../../loop-ir/split-long.ts";
import type { LoopFunction, Program, Statement } from "../../loop-ir/types.ts";
import { statementBody } from "../../loop-ir/walk.ts";
import { countUses } from "./dependence.ts";
import { type DeclaredFunction, ModuleBuilder } from "./encoder/module.ts";
import { type FrameLayout, FrameWords } from "./frame.ts";
import { FunctionContext, type ModuleContext } from "./function-context.ts";
import { Kernels } from "./kernels/kernels.ts";
import { defaultTiles, type Tiles } from "./kernels/tile.ts";
import { runsInLanes } from "./prefix.ts";
import { Scope } from "./scope.ts";
import { Statements } from "./statements.ts";

/** Steps of the usual cells, forwards and backwards, are not long: parts of a loop's body find their addresses anew in every step. */
const usualWeights = { long: 3000, part: 400 };

export interface WasmOptions {
  /** Whether the imported `env.memory` is shared. */
  readonly sharedMemory: boolean;
  /** The tiles of matrix products; they change speed, never a bit. */
  readonly tiles?: Tiles;
  /** Whether products are added by relaxed instructions, which the engine must have. Default: false. */
  readonly isRelaxed?: boolean;
  /** Which functions are cut; changes no bit. */
  readonly functionWeights?: Weights;
}

export interface WasmModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly frame: FrameLayout;
}

/**
 * A module that imports `env.memory`, and `env.host` (event, address or number) where the program has events, and exports each entry under its name. An entry takes the byte address of a frame, laid out as
 * `frame` says, a multiple of 4. Memory goes on for `readAheadBytes` after every buffer. The program must be legalised for `portableTarget`.
 * @throws INTERNAL on an operation that should have been legalised, or a size that the program does not list
 */
export function emitWasm(given: Program, options: WasmOptions): WasmModule {
  const program = splitLong(
    expandPrefixes(given, runsInLanes),
    options.functionWeights ?? usualWeights,
  );
  const module = new ModuleBuilder(options.sharedMemory);
  const all = reachable(program);
  const host = [...all].some(({ body }) => hasEvents(body))
    ? module.import("host", { params: ["i32", "i32"], results: [] })
    : undefined;
  const frame = new FrameWords(program);
  const functions = new Map<LoopFunction, DeclaredFunction>();
  const kernels = new Kernels(
    module,
    program.panelWidth,
    options.tiles ?? defaultTiles,
    options.isRelaxed ?? false,
  );
  const context: ModuleContext = { frame, kernels, functions, host };
  for (const f of all)
    functions.set(
      f,
      module.declare(f.name, {
        params: ["i32", ...f.params.map(() => "i32" as const)],
        results: [],
      }),
    );
  for (const [f, declared] of functions) writeFunction(context, f, declared);
  for (const entry of program.entries) {
    const declared = functions.get(entry);
    if (declared === undefined || entry.params.length > 0)
      throw new InternalError(`entry ${entry.name} takes parameters`);
    module.export(entry.name, declared);
  }
  return { bytes: module.toBytes(), frame: frame.layout };
}

/** The functions of the program and those that they call. */
function reachable(program: Program): ReadonlySet<LoopFunction> {
  const found = new Set<LoopFunction>();
  const visit = (body: readonly Statement[]): void => {
    for (const s of body) {
      if (s.kind === "call") add(s.func);
      visit(statementBody(s));
    }
  };
  const add = (f: LoopFunction): void => {
    if (found.has(f)) return;
    found.add(f);
    visit(f.body);
  };
  for (const f of [...program.functions, ...program.entries]) add(f);
  return found;
}

function hasEvents(body: readonly Statement[]): boolean {
  return body.some((s) => s.kind === "host" || hasEvents(statementBody(s)));
}

function writeFunction(module: ModuleContext, f: LoopFunction, declared: DeclaredFunction): void {
  const context = new FunctionContext(module, declared.locals, countUses(f.body));
  f.params.forEach((param, place) =>
    context.parameters.set(param, declared.locals.param(place + 1)),
  );
  const body = new Scope("body", context.prologue);
  new Statements(context).writeAll(f.body, body);
  declared.code.append(context.prologue.code).append(body.code);
}
