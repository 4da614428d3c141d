/** A graph as text: one line per result, blocks of scans indented. */
import type { Apply, Block } from "../graph/op.ts";
import { printType, type Tensor } from "../graph/tensor.ts";
import { leavesOf, toposort } from "../graph/walk.ts";
import { loopUntilOp } from "../ops/scan/loop-until.ts";
import { scanOp } from "../ops/scan/scan.ts";
import { Size } from "../size/size.ts";

/**
 * The graph of expressions, readable.
 * @example print(tanh(x)); // %0 f32[T] = tanh(x)
 */
export function print(
  expressions: Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>,
): string {
  const outputs = isTensor(expressions) ? [expressions] : Object.values<Tensor>(expressions);
  const names = new Map<Tensor, string>();
  const lines = leavesOf(outputs)
    .filter((leaf) => leaf.origin.kind !== "constant" || leaf.rank > 0)
    .map((leaf) => `${nameOf(leaf, names)}: ${leaf.origin.kind} ${printType(leaf.type)}`);
  lines.push(...printBlock({ inputs: [], outputs }, names, ""));
  lines.push(`return ${outputs.map((x) => nameOf(x, names)).join(", ")}`);
  return lines.join("\n");
}

const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && "origin" in x;

/** A name that no other tensor has: the user's where there is one. */
function nameOf(tensor: Tensor, names: Map<Tensor, string>): string {
  const known = names.get(tensor);
  if (known !== undefined) return known;
  const { origin } = tensor;
  if (origin.kind === "constant" && origin.value.rank === 0) return String(origin.value.item());
  const wished = tensor.name ?? `%${names.size}`;
  const taken = new Set(names.values());
  let name = wished;
  for (let i = 2; taken.has(name); i++) name = `${wished}'${i}`;
  names.set(tensor, name);
  return name;
}

function printBlock(block: Block, names: Map<Tensor, string>, indent: string): string[] {
  return toposort(block.outputs, new Set(block.inputs)).flatMap((apply) =>
    printApply(apply, names, indent),
  );
}

function printApply(apply: Apply, names: Map<Tensor, string>, indent: string): string[] {
  const inputs = apply.inputs.map((x) => nameOf(x, names)).join(", ");
  const results = apply.outputs.map((y) => `${nameOf(y, names)} ${printType(y.type)}`).join(", ");
  const lines = [`${indent}${results} = ${apply.op.name}${printParams(apply.params)}(${inputs})`];
  for (const block of apply.blocks) {
    lines.push(
      `${indent}  ${wordFor(apply)}(${block.inputs.map((x) => `${nameOf(x, names)} ${printType(x.type)}`).join(", ")}) {`,
    );
    lines.push(...printBlock(block, names, `${indent}    `));
    lines.push(
      `${indent}    return ${block.outputs.map((x) => nameOf(x, names)).join(", ")}`,
      `${indent}  }`,
    );
  }
  return lines;
}

/** What a block is to its op. */
function wordFor({ op }: Apply): string {
  return op === scanOp || op === loopUntilOp ? "step" : "body";
}

function printParams(params: unknown): string {
  if (params === null || params === undefined) return "";
  const text = printParam(params);
  return text === "" ? "" : `[${text.replace(/^\{ | \}$/g, "")}]`;
}

function printParam(x: unknown): string {
  if (x instanceof Size) return x.toString();
  if (Array.isArray(x)) return `[${x.map(printParam).join(", ")}]`;
  if (typeof x !== "object" || x === null) return String(x);
  const fields = Object.entries(x).flatMap(([key, value]) =>
    value === undefined || (Array.isArray(value) && value.length === 0)
      ? []
      : [`${key}: ${printParam(value)}`],
  );
  return `{ ${fields.join(", ")} }`;
}
