/** Graphs in the language of Graphviz. */
import { expect, test } from "vitest";
import {
  grad,
  matrix,
  printDot,
  scan,
  shared,
  sum,
  tanh,
  vector,
  type Tensor,
} from "../../src/index.ts";

const x = matrix("x");
const v = vector("v");

test("a scan is a box with its step in a cluster", () => {
  const w = shared(2, { name: 'the "w"' });
  const { outputs } = scan((u = v, h = v) => tanh(h.add(u.mul(w))), {
    sequences: v,
    outputsInfo: 0,
    name: "rnn",
  });
  expect(printDot({ outputs })).toMatchInlineSnapshot(`
    "digraph {
      rankdir=TB; node [shape=box, fontname=monospace];
      n0 [label="the \\"w\\" f32[]", shape=cylinder];
      n1 [label="0", shape=plain];
      n2 [label="v f32[v.shape[0]]", shape=ellipse];
      n3 [label="scan rnn: v.shape[0] steps\\nf32[]\\nf32[v.shape[0]]\\nf32[v.shape[0]]"];
      n0 -> n3;
      n1 -> n3;
      n2 -> n3;
      subgraph cluster_n3 {
        label="a step of scan rnn: v.shape[0] steps"; style=rounded;
        n4 [label="the \\"w\\" f32[]", shape=ellipse];
        n5 [label="input f32[]", shape=ellipse];
        n6 [label="v[t] f32[]", shape=ellipse];
        n7 [label="mul\\nf32[]"];
        n6 -> n7;
        n4 -> n7;
        n8 [label="add\\nf32[]"];
        n5 -> n8;
        n7 -> n8;
        n9 [label="tanh\\nf32[]"];
        n8 -> n9;
      }
      n3 -> n4 [style=dashed];
      n3 -> n5 [style=dashed];
      n3 -> n6 [style=dashed];
      n9 -> n5 [style=dotted, label=next, constraint=false];
      n9 -> n3 [style=dashed, constraint=false];
      n10 [label="outputs", shape=box, peripheries=2];
      n3 -> n10 [taillabel=2];
    }"
  `);
});

/** Every edge joins nodes that are declared once, and braces close. */
function expectWellFormed(text: string): void {
  const lines = text.split("\n").map((line) => line.trim());
  const declared = lines.flatMap(
    (line) => /^(n\d+) \[label="(?:[^"\\]|\\.)*"/.exec(line)?.[1] ?? [],
  );
  expect(new Set(declared).size).toBe(declared.length);
  const edges = lines.flatMap((line) => {
    const edge = /^(n\d+) -> (n\d+)(?: \[.*\])?;$/.exec(line);
    return edge === null ? [] : [[edge[1] ?? "", edge[2] ?? ""]];
  });
  for (const end of edges.flat()) expect(declared).toContain(end);
  const other = lines.filter((line) => !/^n\d+ (->|\[)/.test(line));
  const depth = other.reduce((n, line) => n + Number(line.endsWith("{")) - Number(line === "}"), 0);
  expect(depth).toBe(0);
  expect(edges.length).toBeGreaterThan(5);
}

test("loops inside loops and their gradients, lists and single tensors", () => {
  const w = shared([[0.1]], { name: "w" });
  const { outputs } = scan(
    (row: Tensor = v) =>
      scan((u = v, s = v) => tanh(s.add(u.mul(sum(w)))), {
        sequences: row,
        outputsInfo: 0,
        name: "inner",
      }).final,
    { sequences: x, name: "outer" },
  );
  const cost = sum(outputs);
  const text = printDot({ cost, dw: grad(cost, w) });
  expectWellFormed(text);
  for (const name of ["outer", "inner", "grad_of_outer", "grad_of_inner"])
    expect(text).toContain(`label="a step of scan ${name}: `);
  expectWellFormed(printDot([cost, outputs]));
  expectWellFormed(printDot(cost));
});
