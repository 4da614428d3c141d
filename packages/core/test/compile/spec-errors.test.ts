/** What compile says about a spec that it refuses. */
import { describe, expect, test } from "vitest";
import {
  compile,
  constant,
  matrix,
  NDArray,
  scan,
  shared,
  stepResult,
  Store,
  sum,
  vector,
  type Backend,
  type CompileSpec,
  type Shared,
  type Tensor,
} from "../../src/index.ts";
import { rejectionOf } from "./rejection-of.ts";

type Spec = CompileSpec<Record<string, Tensor>, Record<string, Tensor>, "sync">;
/** What a JavaScript user may write, types or not. */
const refusal = (spec: unknown): Promise<string> => rejectionOf(compile(spec as Spec));

const x = vector("x");
const n = shared(0, { name: "n" });
const W = shared([1, 2], { name: "W" });

describe("options", () => {
  test("that do not exist are named, with the nearest that does", async () => {
    expect(await refusal({ inputs: { x }, output: { y: x } })).toMatchInlineSnapshot(`
      "ArgumentError COMPILE_OPTION: compile has no option output
        hint: did you mean outputs? The options are inputs, outputs, updates, givens, backend, optimize, check, numerics, name, unusedInputs, onPrint, profile, store"
    `);
  });
  test("take only their own words", async () => {
    expect(await refusal({ inputs: { x }, outputs: { y: x }, optimize: "O3" }))
      .toMatchInlineSnapshot(`
      "ArgumentError COMPILE_OPTION_VALUE: compile: optimize cannot be "O3"
        hint: it is one of "full", "fast", "none""
    `);
    expect(await refusal({ inputs: { x }, outputs: { y: x }, unusedInputs: "warn" }))
      .toMatchInlineSnapshot(`
      "ArgumentError COMPILE_OPTION_VALUE: compile: unusedInputs cannot be "warn"
        hint: it is one of "raise", "ignore""
    `);
    expect(await refusal({ inputs: { x }, outputs: { y: x }, profile: "yes" }))
      .toMatchInlineSnapshot(`
        "ArgumentError COMPILE_OPTION_VALUE: compile: profile cannot be "yes"
          hint: it is true or false"
      `);
  });
  test("that this version does not support are refused, not ignored", async () => {
    const y = { inputs: { x }, outputs: { y: x } };
    const cuda: Backend = { name: "cuda", calls: "async" };
    expect(await refusal({ ...y, backend: cuda })).toMatchInlineSnapshot(`
      "UnsupportedError BACKEND: backend cuda is none that compile knows
        hint: leave backend out to compile to WebAssembly, or give await openGpu() of @scan-train/gpu"
    `);
  });
});

describe("inputs and outputs", () => {
  test("must be tensors", async () => {
    expect(await refusal({ inputs: { x: 3 }, outputs: { y: x } })).toMatchInlineSnapshot(`
      "ArgumentError COMPILE_INPUT: input "x" is not a tensor
        hint: inputs is a record of symbolic inputs: { x: matrix("x") }"
    `);
    expect(await refusal({ inputs: { x }, outputs: { y: 3 } })).toMatchInlineSnapshot(`
      "ArgumentError COMPILE_OUTPUT: output "y" is not a tensor
        hint: outputs is a record of tensors: { cost }"
    `);
  });
  test("are inputs, neither shared variables nor computed", async () => {
    expect(await refusal({ inputs: { n }, outputs: { y: x } })).toMatchInlineSnapshot(`
      "ArgumentError COMPILE_INPUT: input "n" is a shared variable: it keeps its own value
        hint: leave it out; set its value with .set()"
    `);
    expect(await refusal({ inputs: { twice: x.mul(2) }, outputs: { y: x } }))
      .toMatchInlineSnapshot(`
      "ArgumentError COMPILE_INPUT: input "twice" is result of mul (HERE), not an input
        hint: use givens to replace a computed tensor by an input"
    `);
  });
  test("that the results need must be there", async () => {
    const message = await refusal({ inputs: {}, outputs: { y: x.mul(2) } });
    expect(message.replace(/at \S*spec-errors\S*/, "at HERE")).toMatchInlineSnapshot(`
      "GraphError COMPILE_MISSING_INPUT: the results need "x" f32[x.shape[0]], which is not among the inputs
        made at HERE
        hint: add it: inputs: { ..., x }"
    `);
    expect(await refusal({ outputs: { y: x } })).toContain("COMPILE_MISSING_INPUT");
  });
  test("that no result needs are refused, unless told", async () => {
    const spec = { inputs: { x, extra: matrix("extra") }, outputs: { y: x.mul(2) } };
    expect(await refusal(spec)).toMatchInlineSnapshot(`
      "GraphError UNUSED_INPUT: no result uses input "extra"
        hint: leave it out, or pass unusedInputs: "ignore""
    `);
    const y = await compile({ ...spec, unusedInputs: "ignore" });
    expect(y({ x: [1], extra: [[0]] }).y.toArray()).toEqual([2]);
  });
});

describe("updates", () => {
  const refused = (updates: unknown): Promise<string> => refusal({ inputs: {}, updates });
  test("are pairs of a shared variable and a tensor", async () => {
    expect(await refused([n, n.add(1)])).toMatchInlineSnapshot(`
      "ArgumentError COMPILE_UPDATE: updates must be a list of pairs, or a Map
        hint: updates: [[W, newW], [b, newB]]"
    `);
    expect(await refused({ n: n.add(1) })).toContain("COMPILE_UPDATE: updates must be a list");
    expect(await refused([[x, x.add(1)]])).toMatchInlineSnapshot(
      `"ArgumentError COMPILE_UPDATE: updates must be [shared variable, new value]; "x" is not a shared variable"`,
    );
    expect(await refused([["n", n]])).toContain("; n is not a shared variable");
    expect(await refused([[n, 1]])).toMatchInlineSnapshot(
      `"ArgumentError COMPILE_UPDATE: the new value of "n" is not a tensor"`,
    );
  });
  test("name each variable once", async () => {
    const twice = [n.add(1), n.add(2)].map((value) => [n, value]);
    expect(await refused(twice)).toMatchInlineSnapshot(`
      "ArgumentError COMPILE_UPDATE_TWICE: "n" is updated twice
        hint: give one new value per shared variable"
    `);
  });
  test("keep dtype, rank and sizes", async () => {
    expect(await refused([[n, W]])).toMatchInlineSnapshot(`
      "ShapeError COMPILE_UPDATE_TYPE: the new value of "n" is f32[2], the variable is f32[]
        hint: cast or reshape the new value"
    `);
    expect(await refused([[n, n.gt(0)]])).toContain("COMPILE_UPDATE_TYPE");
    expect(await refused([[W, constant([1, 2, 3])]])).toMatchInlineSnapshot(
      `"ShapeError COMPILE_UPDATE_TYPE: the new value of "W" is f32[3], the variable is f32[2]"`,
    );
  });
  test("that a scan made must arrive, or be dropped", async () => {
    const { updates } = scan(() => stepResult(undefined, { updates: [[n, n.add(1)]] }), {
      nSteps: 3,
      name: "count",
    });
    const total = updates.reduce<Tensor>((t, [, value]) => t.add(value), constant(0));
    expect(await refusal({ inputs: {}, outputs: { total } })).toMatchInlineSnapshot(`
      "GraphError UPDATES_FORGOTTEN: scan "count" produced updates of "n" that compile did not receive
        hint: pass updates: [...result.updates, ...], or dropUpdates(result) to leave the variables as they are"
    `);
    expect((await compile({ inputs: {}, outputs: { total }, updates }))({}).total.item()).toBe(3);
  });
});

test("givens are pairs of tensors of one dtype and rank", async () => {
  const given = (...pair: unknown[]): Promise<string> =>
    refusal({ inputs: { x }, outputs: { y: x.mul(2) }, givens: [pair] });
  expect(await given(x, 3)).toMatchInlineSnapshot(`
    "ArgumentError COMPILE_GIVEN: givens must be pairs of tensors [what, by what]
      hint: make a tensor of a number with constant()"
  `);
  expect(await given(x, matrix("m"))).toMatchInlineSnapshot(`
    "ArgumentError COMPILE_GIVEN: givens replace "x" f32[x.shape[0]] by "m" f32[m.shape[0], m.shape[1]]
      hint: cast or reshape the replacement"
  `);
});

test("a shared variable lives in one store", async () => {
  const v: Shared = shared(new NDArray("float32", [2], new Float32Array([1, 2])), { name: "v" });
  const outputs = { total: sum(v) };
  const first = await compile({ inputs: {}, outputs, store: new Store() });
  const message = await rejectionOf(compile({ inputs: {}, outputs, store: new Store() }));
  expect(message.replace(/at \S*spec-errors\S*/, "at HERE")).toMatchInlineSnapshot(`
    "ArgumentError SHARED_OWNED: "v" already belongs to another store
      made at HERE
      hint: functions that share a variable share a store: give each the same, or dispose() of those of the other; a trainer gives its variables back by close()"
  `);
  expect(first({}).total.item()).toBe(3);
});

test("outputs and inputs are records by name", async () => {
  expect(await refusal({ inputs: { x }, outputs: x })).toMatchInlineSnapshot(`
    "ArgumentError COMPILE_RECORD: compile: outputs is a tensor
      hint: outputs is a record by name: { cost }"
  `);
  expect(await refusal({ inputs: [x], outputs: { x } })).toMatchInlineSnapshot(`
    "ArgumentError COMPILE_RECORD: compile: inputs is a list
      hint: inputs is a record by name: { x: matrix("x") }"
  `);
});
test("what a step received has no value outside", async () => {
  let leaked: Tensor = x;
  scan((row: Tensor) => (leaked = row).mul(2), { sequences: x });
  expect(await refusal({ inputs: { x }, outputs: { leaked } })).toMatchInlineSnapshot(`
    "GraphError COMPILE_MISSING_INPUT: "x[t]" belongs to the inside of scan and has no value outside
      hint: return it from the step as an output"
  `);
});
test("an option like no other is answered by all names", async () => {
  expect(await refusal({ inputs: { x }, zzzzzzzz: 1 })).toMatchInlineSnapshot(`
    "ArgumentError COMPILE_OPTION: compile has no option zzzzzzzz
      hint: the options are inputs, outputs, updates, givens, backend, optimize, check, numerics, name, unusedInputs, onPrint, profile, store"
  `);
});
