/** Errors that take another dataset or a full memory to meet. */
import { shared, sqr, sub, type Tensor } from "@scan-train/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { Arena, createSharedMemory, MemoryViews } from "../../src/compute/memory.ts";
import { createDataset, createTrainer, ragged, scalarField } from "../../src/node.ts";
import { halt } from "../../src/protocol/messages.ts";
import { failureError } from "../../src/trainer/failures.ts";
import { descent } from "./averaging-model.ts";

async function messageOf(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    return String(error);
  }
  return "nothing was thrown";
}

const w = shared([1], { name: "w" });
const options = {
  data: { y: scalarField("float32") },
  model: ({ y }: { readonly y: Tensor }) => ({ loss: sqr(sub(y, w)) }),
  optimizer: descent(0.1),
  batchSize: 2,
  workers: 1,
};

test("a dataset with other fields than the trainer's", async () => {
  const trainer = await createTrainer(options);
  onTestFinished(() => trainer.close());
  const other = createDataset({ x: ragged("float32") }, [{ x: [1, 2] }]);
  expect(await messageOf(() => trainer.evaluate(other as never))).toMatchInlineSnapshot(`
    "ArgumentError: DATASET_FIELDS: the data has the fields x: ragged float32[], the trainer y: float32[]
      hint: make the dataset with the fields that createTrainer got as data"
  `);
});

test("a dataset with more time steps than fit", async () => {
  const x = new Float32Array(2 ** 27);
  const rows = Array.from({ length: 16 }, () => ({ x }));
  expect(await messageOf(() => createDataset({ x: ragged("float32") }, rows)))
    .toMatchInlineSnapshot(`
    "ArgumentError: DATASET_SIZE: the rows have 2147483648 time steps together
      hint: at most 2,147,483,647 fit into one dataset: train on parts of it"
  `);
});

test("a system that reserves no memory", async () => {
  onTestFinished(() => void vi.unstubAllGlobals());
  class Refused {
    constructor() {
      throw new RangeError("out of address space");
    }
  }
  vi.stubGlobal("WebAssembly", { ...WebAssembly, Memory: Refused });
  expect(await messageOf(createSharedMemory)).toMatchInlineSnapshot(`
    "UnsupportedError: SHARED_MEMORY: no memory for the workers could be reserved
      hint: 4 GiB of address space are needed: raise the limit of virtual memory (ulimit -v)"
  `);
});

test("a memory that is full", async () => {
  const views = new MemoryViews(createSharedMemory());
  expect(await messageOf(() => new Arena(views).allocate(2 ** 32))).toMatchInlineSnapshot(`
    "UnsupportedError: OUT_OF_MEMORY: no 4294967296 bytes are left of the 4 GiB that WebAssembly can address
      hint: take smaller batches, more shards or fewer workers"
  `);
});

test("an update that fails, with where and why", () => {
  const step = { kind: "train", index: 6, rows: new Int32Array([0]) };
  const failure = { code: halt.updateFailed, step, task: 0, detail: 1 };
  const message = '"i" points outside axis 0 of "w", whose size is 3';
  const update = { plan: { failures: [{ code: "INDEX_RANGE", message }] } };
  const error = failureError(
    failure as unknown as Parameters<typeof failureError>[0],
    (index) => `epoch 1, step ${index}`,
    { update } as unknown as Parameters<typeof failureError>[2],
  );
  expect(String(error)).toMatchInlineSnapshot(`
    "TrainingError: UPDATE_FAILED: epoch 1, step 6: "i" points outside axis 0 of "w", whose size is 3
      the parameters are those before this step"
  `);
});
