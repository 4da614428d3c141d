/** From loop IR to WGSL: text only, so that it can be read and tested without a device. */
import {
  ceilDivSizes,
  constantSize,
  expandPrefixes,
  mulSizes,
  type Buffer,
  type Program,
  type Size,
} from "@scan-train/core/backend-kit";
import { Block, factsOf } from "./codegen/block.ts";
import { requireBuffers, traitOf } from "./codegen/device-traits.ts";
import { gridOf } from "./codegen/choose-grid.ts";
import type { Grid } from "./codegen/grid.ts";
import { helperCode } from "./codegen/helpers.ts";
import { keepInPlace } from "./codegen/in-place.ts";
import { KernelScope, type KernelStyle } from "./codegen/kernel-scope.ts";
import { Lines } from "./codegen/lines.ts";
import { cutProgram, type HostNode, type Piece } from "./codegen/pieces.ts";
import { defaultTraits, type KernelTraits } from "./kernel-traits.ts";
import type { WgslBinding, WgslKernel } from "./wgsl-kernel.ts";

/** A program as kernels, and what the host starts. */
export interface RenderedProgram {
  readonly kernels: readonly WgslKernel[];
  /** The kernel of each piece. */
  readonly kernelOf: ReadonlyMap<Piece, WgslKernel>;
  readonly entries: ReadonlyMap<string, readonly HostNode[]>;
  /** Loops that end by a condition. */
  readonly flags: number;
  /** Buffers that kernels need besides those of the program; no two are alive at once. */
  readonly extra: readonly Buffer[];
}

/**
 * A kernel for each piece that one dispatch runs. The program must be legalised for `portableTarget`. Nothing is kept by `keeping.commit`
 * once a failure is recorded.
 * @throws UnsupportedError GPU_TYPE when a buffer is float64; GPU_HOST, GPU_BRANCH; INTERNAL on an operation that should have been legalised
 */
export function renderProgram(
  program: Program,
  traits: KernelTraits = defaultTraits,
  keeping?: Keeping,
): RenderedProgram {
  requireBuffers(program);
  const cut = cutProgram(expandPrefixes(program), traits);
  const { aliases, writers, entries } =
    keeping?.atOnce === true
      ? keepInPlace(program, cut, keeping, pieceCanFail)
      : { aliases: new Map<Buffer, Buffer>(), writers: new Set<Piece>(), entries: cut.entries };
  const commits = keeping === undefined ? [] : piecesOf(entries.get(keeping.commit) ?? []);
  const kept = new Set(cut.pieces.some(pieceCanFail) ? [...commits, ...writers] : []);
  const used = keeping === undefined ? cut.pieces : [...entries.values()].flatMap(piecesOf);
  const kernelOf = new Map<Piece, WgslKernel>();
  for (const piece of used) {
    const style = { aliases, immediates: traits.immediates };
    if (!kernelOf.has(piece))
      kernelOf.set(
        piece,
        renderPiece(piece, program.panelWidth.f32, traits, {
          style,
          unlessFailed: kept.has(piece),
        }),
      );
  }
  return { kernels: [...kernelOf.values()], kernelOf, entries, flags: cut.flags, extra: cut.extra };
}

/** How new values of shared variables are kept. */
export interface Keeping {
  /** The entries that compute and that keep. */
  readonly run: string;
  readonly commit: string;
  /** Whether they may be kept as soon as they are computed. */
  readonly atOnce: boolean;
}

/** The kernels of a program, those first that come first. */
export const renderWgsl = (program: Program, traits?: KernelTraits): readonly WgslKernel[] =>
  renderProgram(program, traits).kernels;

function piecesOf(nodes: readonly HostNode[]): Piece[] {
  return nodes.flatMap((node) => (node.kind === "dispatch" ? [node.piece] : piecesOf(node.body)));
}

function pieceCanFail({ work }: Piece): boolean {
  const queue = work.kind === "statements" ? [...work.body] : [];
  for (let s = queue.pop(); s !== undefined; s = queue.pop()) {
    if (s.kind === "fail") return true;
    if (s.kind === "for") queue.push(...s.body);
    if (s.kind === "if") queue.push(...s.then);
    if (s.kind === "call") queue.push(...s.func.body);
  }
  return false;
}

function renderPiece(
  piece: Piece,
  panelWidth: number,
  traits: KernelTraits,
  {
    style,
    unlessFailed,
  }: { readonly style: Omit<KernelStyle, "inMemory">; readonly unlessFailed: boolean },
): WgslKernel {
  const render = (inMemory: boolean): WgslKernel => {
    const kernel = new KernelScope(piece.params, panelWidth, { ...style, inMemory });
    const grid = gridOf(piece.work, panelWidth, traits, kernel.style);
    const main = writeMain(kernel, grid, piece, unlessFailed);
    const workgroups = grid.workgroups ?? ceilDivSizes(invocationsOf(grid), grid.workgroup);
    return {
      name: piece.name,
      code: moduleText(piece.name, kernel, main),
      bindings: kernel.bindings(),
      uniforms: kernel.uniforms(),
      workgroupSize: grid.workgroup,
      workgroups,
      immediates: traits.immediates && kernel.uniforms().params.length > 0,
    };
  };
  const named = render(false);
  return named.bindings.length <= traits.mostBindings ? named : render(true);
}

const invocationsOf = ({ axes }: Grid): Size =>
  axes.length === 0 ? constantSize(1) : mulSizes(...axes.map((axis) => axis.extent));

function writeMain(
  kernel: KernelScope,
  grid: Grid,
  { guard }: Piece,
  unlessFailed: boolean,
): string {
  const lines = new Lines();
  const block = new Block(kernel, lines, factsOf(grid.facts));
  const returnUnless = (value: string, sign: "==" | "!=", local: string): void => {
    if (grid.workgroups === undefined) lines.add(`if (${value} ${sign} 0u) { return; }`);
    else {
      // A team must agree on it, or its members would wait for each other in vain.
      const agreed = kernel.names.fresh("agreed");
      kernel.workgroupVars.push(`var<workgroup> ${agreed}: u32;`);
      lines.add(`if (${local} == 0u) { ${agreed} = ${value}; }`);
      lines.add(`if (workgroupUniformLoad(&${agreed}) ${sign} 0u) { return; }`);
    }
  };
  const begin = (local: string): void => {
    if (guard !== undefined) returnUnless(kernel.flag(guard), "==", local);
    if (unlessFailed) returnUnless(kernel.status(), "!=", local);
  };
  lines.add(`@compute @workgroup_size(${grid.workgroup})`);
  if (grid.axes.length === 0) {
    lines.block("fn main()", () => {
      begin("");
      grid.write(block, [], "");
    });
    return lines.toString();
  }
  const [group, groups, local] = [
    kernel.names.fresh("group"),
    kernel.names.fresh("groups"),
    kernel.names.fresh("local"),
  ];
  const index = kernel.names.fresh(grid.workgroups === undefined ? "invocation" : "item");
  const total = kernel.size(invocationsOf(grid));
  lines.add(
    "fn main(",
    `  @builtin(workgroup_id) ${group}: vec3<u32>,`,
    `  @builtin(num_workgroups) ${groups}: vec3<u32>,`,
    `  @builtin(local_invocation_index) ${local}: u32,`,
  );
  lines.block(")", () => {
    begin(local);
    const workgroup = `(${group}.y * ${groups}.x + ${group}.x)`;
    const at =
      grid.workgroups === undefined
        ? `i32(${workgroup} * ${grid.workgroup}u + ${local})`
        : `i32${workgroup}`;
    lines.add(`let ${index} = ${at};`, `if (${index} >= ${total}) { return; }`);
    grid.write(block, places(kernel, lines, grid.axes, index), `${local}`);
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
  const { immediates } = kernel.style;
  const parts = [
    immediates && params.length > 0 ? "requires immediate_address_space;" : "",
    `// ${name}`,
    ...structText("Sizes", sizes, "@group(1) @binding(0) var<uniform>"),
    ...structText(
      "Params",
      params,
      immediates ? "var<immediate>" : "@group(1) @binding(1) var<uniform>",
    ),
    kernel.bindings().map(bindingText).join("\n"),
    ...helperCode(kernel.helpers),
    kernel.workgroupVars.join("\n"),
    ...[...kernel.functions.values()].map((func) => func.code),
    main,
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function structText(
  type: string,
  fields: readonly { readonly name: string }[],
  variable: string,
): readonly string[] {
  if (fields.length === 0) return [];
  const struct = new Lines();
  struct.block(`struct ${type}`, () => struct.add(...fields.map(({ name }) => `${name}: i32,`)));
  return [`${struct.toString()}\n${variable} ${type.toLowerCase()}: ${type};`];
}

function bindingText({ name, type }: WgslBinding, place: number): string {
  return `@group(0) @binding(${place}) var<storage, read_write> ${name}: ${arrayType(type)};`;
}

function arrayType(type: WgslBinding["type"]): string {
  if (type === "atomic<u32>") return type;
  if (type === "u32" || type === "vec4<f32>" || type === "vec4<i32>") return `array<${type}>`;
  return `array<${traitOf(type).element}>`;
}
