/** How the work of a piece is shared among invocations. */
import type { IndexVar, Size, Statement } from "@scan-train/core/backend-kit";
import type { KernelTraits } from "../kernel-traits.ts";
import type { Block } from "./block.ts";
import { copyElements, matmulElements, packElements } from "./matrix.ts";
import { fitsRegisters, registerTiles } from "./matmul-registers.ts";
import type { MatrixStatement, PieceWork } from "./pieces.ts";
import { bare } from "./lines.ts";
import { writeStatements } from "./statements.ts";

/** What invocations, or workgroups, share among them. */
export interface Grid {
  /** No axes: one invocation does all. */
  readonly axes: readonly { readonly name: string; readonly extent: Size }[];
  /** What is written, for finding out what it uses more than once. */
  readonly facts: readonly Statement[];
  /** Invocations of a workgroup. */
  readonly workgroup: number;
  /** One workgroup, and not one invocation, for each point of the axes. */
  readonly workgroups?: Size;
  /** `at`: the texts of the place along the axes; `local`: that of the invocation in its workgroup. */
  readonly write: (block: Block, at: readonly string[], local: string) => void;
}

const invocations = 64;

export function gridOf(
  work: PieceWork,
  panelWidth: number,
  _traits: KernelTraits,
  _inMemory: boolean,
): Grid {
  switch (work.kind) {
    case "statements":
      return statementGrid(work.body);
    case "matrix":
      return matrixGrid(work.statement, panelWidth);
    case "open": {
      const { flag, within } = work;
      return single([], ({ kernel, lines }) => {
        const value = within === undefined ? "1u" : kernel.flag(within);
        lines.add(`${kernel.flag(flag)} = ${value};`);
      });
    }
    case "close": {
      const { flag, cond } = work;
      return single([{ kind: "stop", cond }], (block) => {
        const ends = bare(block.value(cond));
        block.lines.add(`if (${ends}) { ${block.kernel.flag(flag)} = 0u; }`);
      });
    }
    default:
      return work satisfies never;
  }
}

function single(facts: readonly Statement[], write: (block: Block) => void): Grid {
  return { axes: [], facts, workgroup: 1, write };
}

function matrixGrid(work: MatrixStatement, panelWidth: number): Grid {
  const common = { facts: [work], workgroup: invocations };
  switch (work.kind) {
    case "matmul":
      return { ...common, ...(fitsRegisters(work) ? registerTiles(work) : matmulElements(work)) };
    case "pack":
      return { ...common, ...packElements(work, panelWidth) };
    case "copy":
      return { ...common, ...copyElements(work) };
    default:
      return work satisfies never;
  }
}

/** A nest of parallel loops around all that a piece does is a grid. */
function statementGrid(work: readonly Statement[]): Grid {
  const vars: IndexVar[] = [];
  const axes: Grid["axes"][number][] = [];
  let body = work;
  for (let s = onlyParallel(body); s !== undefined; s = onlyParallel(body)) {
    vars.push(s.var);
    axes.push({ name: s.var.name, extent: s.extent });
    body = s.body;
  }
  const inside = body;
  return {
    axes,
    facts: work,
    workgroup: axes.length === 0 ? 1 : invocations,
    write(block, at) {
      vars.forEach((v, axis) => block.know(v, at[axis] ?? "0"));
      writeStatements(inside, block);
    },
  };
}

function onlyParallel(body: readonly Statement[]): Extract<Statement, { kind: "for" }> | undefined {
  const [s] = body;
  return body.length === 1 && s?.kind === "for" && s.parallel ? s : undefined;
}
