/** Chooses how the work of a piece is shared among invocations: by what it is, its known sizes and the adapter, not by time. */
import { constantSize, type IndexVar, type Statement } from "@scan-train/core/backend-kit";
import type { KernelTraits } from "../kernel-traits.ts";
import type { Block } from "./block.ts";
import { besideOf } from "./beside.ts";
import type { Grid } from "./grid.ts";
import { copyElements, matmulElements, packElements } from "./matrix.ts";
import { productFolds } from "./matmul-folds.ts";
import { fitsRegisters, registerTiles } from "./matmul-registers.ts";
import { fitsTiles, sumParts, tileGrid } from "./matmul-tiles.ts";
import type { MatrixStatement, PieceWork } from "./pieces.ts";
import type { KernelStyle } from "./kernel-scope.ts";
import { bare } from "./lines.ts";
import { quadGrid } from "./quads.ts";
import { writeStatements } from "./statements.ts";
import { teamGrid } from "./team.ts";

const invocations = 64;

export function gridOf(
  work: PieceWork,
  panelWidth: number,
  traits: KernelTraits,
  style: KernelStyle,
): Grid {
  switch (work.kind) {
    case "statements":
      return statementGrid(work.body, traits, style);
    case "matrix":
      return matrixGrid(work.statement, panelWidth, traits, style);
    case "product-parts":
      return tileGrid(work.statement, work.parts);
    case "product-sum":
      return sumParts(work.statement, work.parts);
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

function matrixGrid(
  work: MatrixStatement,
  panelWidth: number,
  traits: KernelTraits,
  style: KernelStyle,
): Grid {
  const common = { facts: [work], workgroup: invocations };
  switch (work.kind) {
    case "matmul":
      if (traits.workgroups === "barriers" && !("packed" in work.b))
        return fitsTiles(work)
          ? tileGrid(work)
          : statementGrid(productFolds(work, work.b), traits, style);
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
function statementGrid(work: readonly Statement[], traits: KernelTraits, style: KernelStyle): Grid {
  const vars: IndexVar[] = [];
  const axes: Grid["axes"][number][] = [];
  let body = work;
  for (let s = onlyParallel(body); s !== undefined; s = onlyParallel(body)) {
    vars.push(s.var);
    axes.push({ name: s.var.name, extent: s.extent });
    body = s.body;
  }
  const beside = axes.length === 0 ? besideOf(body) : undefined;
  for (const axis of beside?.axes ?? []) {
    vars.push(axis.var);
    axes.push({ name: axis.var.name, extent: axis.extent });
  }
  const inside = beside?.body ?? body;
  const nest = vars.map((v, i) => ({ var: v, extent: axes[i]?.extent ?? constantSize(1) }));
  if (beside === undefined && traits.workgroups === "barriers") {
    const grid = teamGrid(nest, inside, work) ?? quadGrid(nest, inside, work, style);
    if (grid !== undefined) return grid;
  }
  return {
    axes,
    facts: beside === undefined ? work : inside,
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
