/** A graph in the language of Graphviz: a box for every op, a cluster for the step of every scan. */
import { ownerOf, type Apply } from "../graph/op.ts";
import { printType, type Tensor } from "../graph/tensor.ts";
import { leavesOf, toposort } from "../graph/walk.ts";
import { scanOp } from "../ops/scan/scan.ts";
import { scanBlock, scanGroups, type ScanParams } from "../ops/scan/scan-params.ts";

/**
 * The graph of expressions as a DOT digraph, for `dot -Tsvg`. Inputs are ellipses, shared variables are filled, results of the
 * user have double frames. A scan is a box with its step in a cluster beside it: dashed edges enter the step, dotted ones lead from
 * what a state becomes to what it is in the next step.
 * @example writeFileSync("rnn.dot", printDot({ cost }));
 */
export function printDot(
  expressions: Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>,
): string {
  const isOne = "origin" in expressions && !Array.isArray(expressions);
  const outputs = isOne
    ? [["", expressions as Tensor] as const]
    : Object.entries(expressions as Readonly<Record<string, Tensor>>);
  const drawing = new Drawing();
  const ids: Ids = new Map();
  drawing.graph(
    outputs.map(([, tensor]) => tensor),
    [],
    "  ",
    ids,
  );
  for (const [name, tensor] of outputs)
    drawing.result(/^\d*$/.test(name) ? "result" : name, tensor, ids);
  return [
    "digraph {",
    "  rankdir=TB; node [shape=box, fontname=monospace];",
    ...drawing.lines,
    "}",
  ].join("\n");
}

/** The nodes of one graph: a step may share tensors with the graph around it, and has nodes of its own. */
type Ids = Map<object, string>;

class Drawing {
  readonly lines: string[] = [];
  #count = 0;

  /** Nodes and edges of everything behind `outputs`, down to `inputs`, which are drawn already. */
  graph(outputs: readonly Tensor[], inputs: readonly Tensor[], indent: string, ids: Ids): void {
    const known = new Set(inputs);
    for (const leaf of leavesOf(outputs, known))
      if (!known.has(leaf)) this.#leaf(leaf, indent, ids);
    for (const apply of toposort(outputs, known)) this.#apply(apply, indent, ids);
  }

  /** What the user asked for. */
  result(name: string, tensor: Tensor, ids: Ids): void {
    const id = this.#idOf({}, ids);
    this.#line("  ", `${id} [label=${quote(name)}, shape=box, peripheries=2]`);
    this.#edge("  ", tensor, id, ids);
  }

  #apply(apply: Apply, indent: string, ids: Ids): void {
    const id = this.#idOf(apply, ids);
    const types = apply.outputs.map((y) => named(y.name, printType(y.type)));
    this.#line(indent, `${id} [label=${quote([titleOf(apply), ...types].join("\n"))}]`);
    for (const input of apply.inputs) this.#edge(indent, input, id, ids);
    if (apply.op === scanOp) this.#step(apply as Apply<ScanParams>, id, indent);
  }

  #step(apply: Apply<ScanParams>, id: string, indent: string): void {
    const block = scanBlock(apply);
    const inside = `${indent}  `;
    const ids: Ids = new Map();
    this.#line(indent, `subgraph cluster_${id} {`, "");
    this.#line(inside, `label=${quote(`a step of ${titleOf(apply)}`)}; style=rounded`);
    for (const input of block.inputs) this.#leaf(input, inside, ids);
    this.graph(block.outputs, block.inputs, inside, ids);
    this.#line(indent, "}", "");
    const groups = scanGroups(apply.params, block.inputs);
    for (const input of block.inputs)
      this.#line(indent, `${id} -> ${this.#idOf(input, ids)} [style=dashed]`);
    for (const [i, input] of groups.carries.entries())
      this.#edge(
        indent,
        block.outputs[i],
        this.#idOf(input, ids),
        ids,
        "style=dotted, label=next, constraint=false",
      );
    for (const y of block.outputs.slice(groups.carries.length))
      this.#edge(indent, y, id, ids, "style=dashed, constraint=false");
  }

  #leaf(leaf: Tensor, indent: string, ids: Ids): void {
    const { origin } = leaf;
    const isNumber = origin.kind === "constant" && leaf.rank === 0;
    const text = isNumber
      ? String(origin.value.item())
      : named(leaf.name ?? origin.kind, printType(leaf.type));
    const look =
      origin.kind === "shared"
        ? "shape=cylinder"
        : origin.kind === "constant"
          ? "shape=plain"
          : "shape=ellipse";
    this.#line(indent, `${this.#idOf(leaf, ids)} [label=${quote(text)}, ${look}]`);
  }

  #edge(indent: string, from: Tensor | undefined, to: string, ids: Ids, look = ""): void {
    if (from === undefined) return;
    const apply = ownerOf(from);
    const source = this.#idOf(apply ?? from, ids);
    const which =
      apply !== undefined && apply.outputs.length > 1
        ? [`taillabel=${apply.outputs.indexOf(from)}`]
        : [];
    const looks = [...which, ...(look === "" ? [] : [look])].join(", ");
    this.#line(indent, `${source} -> ${to}${looks === "" ? "" : ` [${looks}]`}`);
  }

  #line(indent: string, text: string, end = ";"): void {
    this.lines.push(`${indent}${text}${end}`);
  }

  #idOf(node: object, ids: Ids): string {
    const id = ids.get(node) ?? `n${this.#count++}`;
    ids.set(node, id);
    return id;
  }
}

function titleOf({ op, params }: Apply): string {
  if (op !== scanOp) return op.name;
  const { name, length, reverse } = params as ScanParams;
  return `scan${name === undefined ? "" : ` ${name}`}: ${length.toString()} steps${reverse ? ", backwards" : ""}`;
}

const named = (name: string | undefined, type: string): string =>
  name === undefined ? type : `${name} ${type}`;

function quote(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
