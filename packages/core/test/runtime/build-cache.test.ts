/** A graph of the same content is built once, whichever objects it is made of. */
import { expect, test } from "vitest";
import { compileGraph } from "../../src/api/compile-graph.ts";
import {
  compile,
  constant,
  index,
  mean,
  scan,
  shared,
  Store,
  tanh,
  tensor,
  vector,
  type Tensor,
} from "../../src/index.ts";
import { crossEntropy } from "../../src/nn.ts";
import { build, type Build } from "../../src/runtime/build.ts";
import { setWideSimd } from "../../src/runtime/engine.ts";

interface Variant {
  readonly inputName?: string;
  readonly stateName?: string;
  readonly size?: string;
  readonly array?: readonly number[];
  readonly factor?: number;
  readonly optimize?: "full" | "none";
  readonly step?: (h: Tensor) => Tensor;
}

/** A graph with an input, a variable, constants and a loop, made anew. */
function make(v: Variant = {}) {
  const x = tensor(v.inputName ?? "x", { shape: [v.size ?? "T", 2] });
  const W = shared([1, 2], { name: v.stateName ?? "W" });
  const step = v.step ?? tanh;
  const { final } = scan((u: Tensor, h: Tensor) => step(h.add(u)), {
    sequences: x,
    outputsInfo: W,
  });
  const y = final.mul(v.factor ?? 3).add(constant(v.array ?? [5, 6]));
  const updates = [[W, y]] as const;
  return { inputs: { x }, outputs: { y }, updates, W, optimize: v.optimize ?? "full" };
}
const builtOf = ({ inputs, outputs, updates, optimize }: ReturnType<typeof make>): Build =>
  build({
    name: "f",
    ...compileGraph({ inputs, outputs, updates }),
    optimize,
    sharedMemory: false,
  });

test("the same content is the same module, with the variables of each graph", async () => {
  const [first, second] = [make(), make()];
  const [a, b] = [builtOf(first), builtOf(second)];
  expect(b.bytes).toBe(a.bytes);
  expect(a.shared[0]).toBe(first.W);
  expect(b.shared[0]).toBe(second.W);
  const compiled = ({ inputs, outputs, updates }: typeof first) =>
    compile({ inputs, outputs, updates, store: new Store() });
  const [f, g] = [await compiled(first), await compiled(second)];
  second.W.set([0, 0]);
  const x = [
    [1, 1],
    [0, 2],
  ];
  const y = g({ x }).y.toArray();
  expect(f({ x }).y.toArray()).not.toEqual(y);
  expect(first.W.get().toArray()).not.toEqual(second.W.get().toArray());
  first.W.set([0, 0]);
  expect(f({ x }).y.toArray()).toEqual(y);
});

test.each<[string, Variant]>([
  ["another input", { inputName: "z" }],
  ["another name of a variable", { stateName: "U" }],
  ["another size", { size: "N" }],
  ["another array", { array: [5, 7] }],
  ["an array with another zero", { array: [5, -0] }],
  ["another number", { factor: 4 }],
  ["another list of passes", { optimize: "none" }],
  ["another step", { step: (h) => h.neg() }],
])("%s is another module", (_, variant) => {
  expect(builtOf(make(variant)).bytes).not.toBe(builtOf(make()).bytes);
  expect(builtOf(make(variant)).bytes).toBe(builtOf(make(variant)).bytes);
});

test("what holds constants beyond the limit is not kept", () => {
  const table = constant(Array.from({ length: 2_200_000 }, () => 1));
  const x = tensor("x", { shape: [1] });
  const request = compileGraph({ inputs: { x }, outputs: { y: table.add(x) } });
  const made = (): Build => build({ name: "f", ...request, optimize: "none", sharedMemory: false });
  expect(made().bytes).not.toBe(made().bytes);
});

test("another mode of the engine is another module", () => {
  const normal = builtOf(make()).bytes;
  setWideSimd(true);
  const wide = builtOf(make()).bytes;
  setWideSimd(false);
  expect(wide).not.toBe(normal);
  expect(builtOf(make()).bytes).toBe(normal);
});

test("what checks labels is kept for graphs that the same lines make", () => {
  const make = (): Build["bytes"] => {
    const logits = tensor("logits", { shape: ["B", 4] });
    const labels = tensor("labels", { shape: ["B"], dtype: "int32" });
    const loss = mean(crossEntropy(logits.mul(2), labels));
    const graph = compileGraph({ inputs: { logits, labels }, outputs: { loss } });
    return build({ name: "f", ...graph, optimize: "full", sharedMemory: false }).bytes;
  };
  expect(make()).toBe(make());
});

test("messages keep the place of their own graph", async () => {
  const x = tensor("x", { shape: [3] });
  const ids = vector("ids", { dtype: "int32" });
  const at = (twice: Tensor<"int32">) =>
    compile({ inputs: { x, ids }, outputs: { y: index(x, twice) }, store: new Store() });
  const [here, there] = [await at(ids.mul(2)), await at(ids.mul(2))];
  const messages = [here, there].map((f) => {
    try {
      return `no message: ${JSON.stringify(f({ x: [1, 2, 3], ids: [2, 0] }))}`;
    } catch (error) {
      return String(error);
    }
  });
  const place = /build-cache\.test\.ts:\d+:\d+\) points outside axis 0 of "x"/;
  for (const message of messages) expect(message).toMatch(place);
  expect(messages[0]).not.toBe(messages[1]);
});
