/** From loop IR to WGSL: text only, so that it can be read and tested without a device. */
import {
  ceilDivSizes,
  expandPrefixes,
  mulSizes,
  type IndexVar,
  type Program,
  type Size,
  type Statement,
} from "@scan-train/core/backend-kit";
import { Block, factsOf } from "./codegen/block.ts";
import { requireBuffers, traitOf } from "./codegen/device-traits.ts";
import { dispatchesOf, type Dispatch, type MatrixStatement } from "./codegen/dispatches.ts";
import { helperCode } from "./codegen/helpers.ts";
import { KernelScope } from "./codegen/kernel-scope.ts";
import { Lines } from "./codegen/lines.ts";
import { copyElements, matmulElements, packElements, type Elements } from "./codegen/matrix.ts";
import { writeStatements } from "./codegen/statements.ts";
import type { WgslBinding, WgslKernel } from "./wgsl-kernel.ts";

const gridWorkgroup = 64;

/**
 * One kernel for each function of the program, and one for each product, packing and copy of a function whose loops the host runs. The
 * outermost parallel loops become invocations, everything inside runs in order. The program must be legalised for `portableTarget`.
 * @throws UnsupportedError GPU_TYPE when a buffer is float64; GPU_BRANCH; INTERNAL on an operation that should have been legalised
 */
export function renderWgsl(program: Program): readonly WgslKernel[] {
  requireBuffers(program);
  return dispatchesOf(expandPrefixes(program)).map((dispatch) =>
    renderKernel(dispatch, program.panelWidth.f32),
  );
}

/** What the invocations of a kernel share among them; no axes: one invocation does all. */
interface Grid {
  readonly axes: readonly { readonly name: string; readonly extent: Size }[];
  readonly facts: readonly Statement[];
  readonly write: (block: Block, at: readonly string[]) => void;
}

function renderKernel({ name, source, params, work }: Dispatch, panelWidth: number): WgslKernel {
  const kernel = new KernelScope(params, panelWidth);
  const grid = "kind" in work ? elementGrid(work, panelWidth) : statementGrid(work);
  const total = mulSizes(...grid.axes.map((axis) => axis.extent));
  const width = grid.axes.length === 0 ? 1 : gridWorkgroup;
  const main = writeMain(kernel, grid, total, width);
  return {
    name,
    source,
    code: moduleText(name, kernel, main),
    bindings: kernel.bindings(),
    uniforms: kernel.uniforms(),
    workgroupSize: [width, 1, 1],
    dispatch: { invocations: total, workgroups: ceilDivSizes(total, width) },
  };
}

function elementGrid(work: MatrixStatement, panelWidth: number): Grid {
  const elements = ((): Elements => {
    switch (work.kind) {
      case "matmul":
        return matmulElements(work);
      case "pack":
        return packElements(work, panelWidth);
      case "copy":
        return copyElements(work);
      default:
        return work satisfies never;
    }
  })();
  return { ...elements, facts: [work] };
}

/** A nest of parallel loops around all that a function does is a grid. */
function statementGrid(work: readonly Statement[]): Grid {
  const vars: IndexVar[] = [];
  const axes: Grid["axes"][number][] = [];
  let body = work;
  for (let s = onlyParallel(body); s !== undefined; s = onlyParallel(body)) {
    vars.push(s.var);
    axes.push({ name: s.var.name, extent: s.extent });
    body = s.body;
  }
  return {
    axes,
    facts: work,
    write(block, at) {
      vars.forEach((v, axis) => block.know(v, at[axis] ?? "0"));
      writeStatements(body, block);
    },
  };
}

function onlyParallel(body: readonly Statement[]): Extract<Statement, { kind: "for" }> | undefined {
  const [s] = body;
  return body.length === 1 && s?.kind === "for" && s.parallel ? s : undefined;
}

function writeMain(kernel: KernelScope, grid: Grid, total: Size, width: number): string {
  const lines = new Lines();
  const block = new Block(kernel, lines, factsOf(grid.facts));
  lines.add(`@compute @workgroup_size(${width})`);
  if (grid.axes.length === 0) {
    lines.block("fn main()", () => grid.write(block, []));
    return lines.toString();
  }
  const [group, groups, local, invocation] = [
    kernel.names.fresh("group"),
    kernel.names.fresh("groups"),
    kernel.names.fresh("local"),
    kernel.names.fresh("invocation"),
  ];
  lines.add(
    "fn main(",
    `  @builtin(workgroup_id) ${group}: vec3<u32>,`,
    `  @builtin(num_workgroups) ${groups}: vec3<u32>,`,
    `  @builtin(local_invocation_index) ${local}: u32,`,
  );
  lines.block(")", () => {
    const workgroup = `(${group}.y * ${groups}.x + ${group}.x)`;
    lines.add(`let ${invocation} = i32(${workgroup} * ${width}u + ${local});`);
    lines.add(`if (${invocation} >= ${kernel.size(total)}) { return; }`);
    grid.write(block, places(kernel, lines, grid.axes, invocation));
  });
  return lines.toString();
}

/** The place of an invocation along each axis; the last axis is the fastest. */
function places(
  kernel: KernelScope,
  lines: Lines,
  axes: Grid["axes"],
  invocation: string,
): readonly string[] {
  return axes.map(({ name, extent }, axis) => {
    const inner = mulSizes(...axes.slice(axis + 1).map((other) => other.extent));
    const row = inner.constant === 1 ? invocation : `${invocation} / ${kernel.divisor(inner)}`;
    const text = kernel.names.fresh(name);
    lines.add(`let ${text} = ${axis === 0 ? row : `${row} % ${kernel.divisor(extent)}`};`);
    return text;
  });
}

function moduleText(name: string, kernel: KernelScope, main: string): string {
  const { sizes, params } = kernel.uniforms();
  const parts = [
    `// ${name}`,
    ...uniformText("Sizes", 0, sizes),
    ...uniformText("Params", 1, params),
    kernel.bindings().map(bindingText).join("\n"),
    ...helperCode(kernel.helpers),
    ...[...kernel.functions.values()].map((func) => func.code),
    main,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function uniformText(
  type: string,
  binding: number,
  fields: readonly { readonly name: string }[],
): readonly string[] {
  if (fields.length === 0) return [];
  const struct = new Lines();
  struct.block(`struct ${type}`, () => struct.add(...fields.map(({ name }) => `${name}: i32,`)));
  const variable = `@group(1) @binding(${binding}) var<uniform> ${type.toLowerCase()}: ${type};`;
  return [`${struct.toString()}\n${variable}`];
}

function bindingText({ name, type, access }: WgslBinding, place: number): string {
  const text = type === "atomic<u32>" ? type : `array<${traitOf(type).element}>`;
  return `@group(0) @binding(${place}) var<storage, ${access}> ${name}: ${text};`;
}
