/** How calls of compiled functions behave: order, variables that several functions share, errors. */
import {
  add,
  compile,
  incSubtensor,
  mul,
  scan,
  ScanTrainError,
  shared,
  sum,
  take,
  tanh,
  tensor,
  zeros,
  type Tensor,
} from "@scan-train/core";
import { ctcLoss } from "@scan-train/core/nn";
import type { Backend } from "@scan-train/core/backend-kit";
import { exact } from "./case.ts";
import { differences, type Check } from "./check.ts";

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "no error";
  } catch (error) {
    return error instanceof ScanTrainError ? error.code : String(error);
  }
}

const differ = (label: string, got: unknown, want: unknown): readonly string[] => {
  const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
  return a === b ? [] : [`${label} is ${a}, not ${b}`];
};

const overlapping: Check = {
  name: "calls: those that overlap run in the order in which they were made",
  async run(backend: Backend) {
    const x = tensor("x", { shape: ["N"] });
    const total = shared([0, 0], { name: "total" });
    const next = add(mul(total, 2), sum(x));
    const call = await compile({
      inputs: { x },
      outputs: { before: total, n: sum(x) },
      updates: [[total, next]],
      backend,
    });
    // The sizes differ, so that no call may use the memory of another.
    const calls = [[1], [1, 1], [3, 1, 1], [2], [0, 1, 1, 2]].map(async (values) =>
      call({ x: values }),
    );
    const results = await Promise.all(calls);
    const before = results.map((result) => result.before.toArray());
    const want = [0, 1, 4, 13, 28].map((v) => [v, v]);
    const faults = [
      ...differ("before", before, want),
      ...differ(
        "n",
        results.map((result) => result.n.item()),
        [1, 2, 5, 2, 4],
      ),
      ...differ("total", (await total.read()).toArray(), [60, 60]),
    ];
    call.dispose();
    return faults;
  },
};

const together: Check = {
  name: "calls: two functions share a variable, which the host also sets",
  async run(backend: Backend) {
    const w = shared([1, 2, 3], { name: "w" });
    const x = tensor("x", { shape: [3] });
    const write = await compile({ inputs: { x }, updates: [[w, add(w, x)]], backend });
    const read = await compile({ inputs: {}, outputs: { twice: mul(w, 2) }, backend });
    const faults: string[] = [];
    await write({ x: [1, 1, 1] });
    faults.push(...differ("twice", (await read({})).twice.toArray(), [4, 6, 8]));
    w.set([10, 20, 30]);
    faults.push(...differ("twice", (await read({})).twice.toArray(), [20, 40, 60]));
    await write({ x: [-1, 0, 1] });
    write.dispose();
    faults.push(...differ("w", (await w.read()).toArray(), [9, 20, 31]));
    faults.push(...differ("twice", (await read({})).twice.toArray(), [18, 40, 62]));
    read.dispose();
    return faults;
  },
};

const swapped: Check = {
  name: "calls: new values come from the old ones, then all are swapped",
  async run(backend: Backend) {
    const [a, b, c] = [1, 2, 3].map((v) => shared([v, 10 * v], { name: `v${v}` }));
    if (a === undefined || b === undefined || c === undefined) throw new RangeError("three");
    const call = await compile({
      inputs: {},
      outputs: { sum: add(a, add(b, c)) },
      updates: [
        [a, b],
        [b, c],
        [c, add(a, b)],
      ],
      backend,
    });
    const sums = [await call({}), await call({}), await call({})].map((r) => r.sum.toArray());
    const last = await Promise.all([a, b, c].map(async (v) => (await v.read()).toArray()));
    call.dispose();
    return [
      ...differ("sum", sums, [
        [6, 60],
        [8, 80],
        [11, 110],
      ]),
      ...differ("variables", last, [
        [3, 30],
        [5, 50],
        [6, 60],
      ]),
    ];
  },
};

/** A function that fails by values, its good and bad arguments, and the code. */
interface Failing {
  readonly what: string;
  readonly code: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly result: Tensor;
  readonly good: Readonly<Record<string, Nested>>;
  readonly bad: Readonly<Record<string, Nested>>;
}
type Nested = number | readonly Nested[];

function failing(): readonly Failing[] {
  const ids = tensor("ids", { dtype: "int32", shape: ["T"] });
  const table = tensor("table", { shape: [3, 2] });
  const rows: Nested = [
    [1, 2],
    [3, 4],
    [5, 6],
  ];
  const looked = scan({
    sequences: { id: ids },
    init: { h: zeros([2], "float32") },
    step: ({ id, h }) => ({ h: tanh(add(h, take(table, id))) }),
  });
  const x = tensor("x", { shape: ["T", "B"] });
  const lengths = tensor("lengths", { dtype: "int32", shape: ["B"] });
  const padded = scan({
    sequences: { x_t: x },
    init: { h: zeros([x.size(1)], "float32") },
    step: ({ x_t, h }) => ({ h: add(h, x_t) }),
    lengths,
  });
  const logits = tensor("logits", { shape: ["T", "B", 3] });
  const labels = tensor("labels", { dtype: "int32", shape: ["B", "L"] });
  const counts = tensor("counts", { dtype: "int32", shape: ["B"] });
  const steps: Nested = [[[1, 2, 3]], [[1, 2, 3]]];
  return [
    {
      what: "an id outside its axis, in a step",
      code: "INDEX_RANGE",
      inputs: { ids, table },
      result: looked.final.h,
      good: { ids: [0, 2], table: rows },
      bad: { ids: [0, 3, 1], table: rows },
    },
    {
      what: "an id below its axis, where rows are added",
      code: "INDEX_RANGE",
      inputs: { ids, table },
      result: incSubtensor(table, [ids], 1),
      good: { ids: [-3, 1], table: rows },
      bad: { ids: [0, -4], table: rows },
    },
    {
      what: "a length above the number of rows",
      code: "SCAN_LENGTHS",
      inputs: { x, lengths },
      result: padded.final.h,
      good: { x: [[1, 2]], lengths: [1, 0] },
      bad: { x: [[1, 2]], lengths: [1, 2] },
    },
    {
      what: "a label that is no class",
      code: "CTC_LABEL",
      inputs: { logits, labels, lengths, counts },
      result: ctcLoss(logits, labels, lengths, counts),
      good: { logits: steps, labels: [[1, 2]], lengths: [2], counts: [2] },
      bad: { logits: steps, labels: [[1, 7]], lengths: [2], counts: [2] },
    },
  ];
}

const failures: readonly Check[] = failing().map(({ what, code, inputs, result, good, bad }) => ({
  name: `calls: ${what} ends a call as ${code}, and nothing else`,
  async run(backend: Backend) {
    const count = shared(0, { name: "count", dtype: "int32" });
    const call = await compile({
      inputs,
      outputs: { result },
      updates: [[count, add(count, 1)]],
      backend,
    });
    const first = (await call(good)).result;
    const faults = [...differ("the error", await codeOf(async () => call(bad)), code)];
    faults.push(...differ("count", (await count.read()).item(), 1));
    // One call may fail between others that do not.
    const [before, between, after] = await Promise.allSettled([
      Promise.resolve(call(good)),
      (async () => call(bad))(),
      Promise.resolve(call(good)),
    ]);
    faults.push(...differ("the call between", between.status, "rejected"));
    for (const settled of [before, after])
      if (settled.status === "rejected") faults.push(`a good call: ${String(settled.reason)}`);
      else faults.push(...differences("a good call", first, settled.value.result, exact));
    faults.push(...differ("count", (await count.read()).item(), 3));
    call.dispose();
    return faults;
  },
}));

export const callChecks: readonly Check[] = [overlapping, together, swapped, ...failures];
