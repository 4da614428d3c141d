/** What the tests call in a page that trains. */
import { createTrainer, type Prediction, type TrainerEvent } from "@scan-train/workers/browser";
import { gruJob, gruRows, sha256, type GruOptions, type GruTrainer } from "../gru-job.ts";

interface MinimalWorker {
  postMessage(message: unknown, transfer?: unknown): void;
  terminate(): void;
}
type WorkerClass = new (url: URL, options: object) => MinimalWorker;
interface PageGlobals {
  Worker: WorkerClass;
}
declare const navigator: {
  readonly hardwareConcurrency: number;
  readonly locks: { query(): Promise<{ readonly held: readonly { readonly name: string }[] }> };
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a page has, and Node's types do not say
const page = globalThis as unknown as PageGlobals;

/** The workers that this page has started. */
const started: MinimalWorker[] = [];
const BrowserWorker = page.Worker;
page.Worker = class extends BrowserWorker {
  constructor(url: URL, options: object) {
    super(url, options);
    started.push(this);
  }
};

const data = gruRows(300);
const validation = gruRows(50);

export interface Trained {
  readonly model: string;
  readonly events: readonly TrainerEvent[];
}

async function fit(trainer: GruTrainer, epochs: number): Promise<TrainerEvent[]> {
  const events: TrainerEvent[] = [];
  for await (const event of trainer.fit(data, { epochs, validation })) events.push(event);
  return events;
}

const modelOf = async (trainer: GruTrainer): Promise<string> => sha256(await trainer.exportModel());

/** Trains the small GRU for two epochs. */
export async function train(options: GruOptions): Promise<Trained> {
  const trainer = await createTrainer(gruJob(options));
  const events = await fit(trainer, 2);
  const model = await modelOf(trainer);
  await trainer.close();
  return { model, events };
}

export interface Survived {
  readonly epochs: number;
  readonly model: string;
  readonly deaths: readonly TrainerEvent[];
}

/**
 * Trains, and ends the first worker without a word after some steps; stops with the epoch in which another has come. Chromium lets a
 * worker that is in the midst of something work on for two seconds.
 */
export async function trainAndTerminate(options: GruOptions): Promise<Survived> {
  started.length = 0;
  const trainer = await createTrainer(gruJob(options));
  const deaths: TrainerEvent[] = [];
  for await (const event of trainer.fit(data, { epochs: 1_000_000 })) {
    if (event.kind === "step" && event.epoch === 1 && event.step === 3) started[0]?.terminate();
    if (event.kind === "worker-died" || event.kind === "worker-replaced") deaths.push(event);
    if (event.kind === "epoch-end" && deaths.length > 1) break;
  }
  const model = await modelOf(trainer);
  const { epoch } = trainer.position;
  await trainer.close();
  return { epochs: epoch, model, deaths };
}

/** Stops in the second epoch, saves, and goes on in another trainer: the position it stopped at, and the model. */
export async function stopAndGoOn(
  options: GruOptions,
  epochs: number,
): Promise<{ readonly epoch: number; readonly reason: string; readonly model: string }> {
  const stopped = await createTrainer(gruJob(options));
  const controller = new AbortController();
  let reason = "";
  for await (const event of stopped.fit(data, { epochs, signal: controller.signal })) {
    if (event.kind === "step" && event.epoch === 2) controller.abort();
    if (event.kind === "end") reason = event.reason;
  }
  await stopped.save("runs/gru");
  await stopped.close();
  const resumed = await createTrainer(gruJob(options));
  await resumed.load("runs/gru");
  const { epoch } = resumed.position;
  if (epoch < epochs) await fit(resumed, epochs - epoch);
  const model = await modelOf(resumed);
  await resumed.close();
  return { epoch, reason, model };
}

const numbers = (prediction: Prediction): number[] => [...(prediction["logits"]?.data ?? [])];

/** Evaluates and predicts with the model of one epoch; its bytes taken up by another trainer predict the same. */
export async function use(options: GruOptions): Promise<{
  readonly loss: number;
  readonly accuracy: number;
  readonly logits: readonly number[][];
  readonly loaded: readonly number[][];
}> {
  const trainer = await createTrainer(gruJob(options));
  await fit(trainer, 1);
  const { loss, metrics } = await trainer.evaluate(validation);
  const rows = validation.map(({ x }) => ({ x }));
  const logits = (await trainer.predict(rows)).map(numbers);
  const model = await trainer.exportModel();
  await trainer.close();
  const other = await createTrainer(gruJob(options));
  await other.load(model, { parametersOnly: true });
  const loaded = (await other.predict(rows)).map(numbers);
  await other.close();
  return { loss, accuracy: metrics["accuracy"] ?? NaN, logits, loaded };
}

/** Trains without end; returns after the third step. */
export async function trainForever(options: GruOptions): Promise<void> {
  const trainer = await createTrainer(gruJob(options));
  const events = trainer.fit(data, { epochs: 1_000_000 });
  for (let steps = 0; steps < 3;) {
    const { value } = await events.next();
    if (value?.kind === "step") steps++;
  }
  void (async () => {
    for await (const event of events) void event;
  })();
}

/** The workers of all pages of this site that are alive: each holds a lock. */
export async function workersAlive(): Promise<number> {
  const { held } = await navigator.locks.query();
  return held.filter(({ name }) => name.startsWith("scan-train worker ")).length;
}

/** Trains with a worker that hears everything late: the model, and how many workers were started. */
export async function trainWithLateWorker(
  options: GruOptions,
): Promise<{ readonly model: string; readonly started: number }> {
  started.length = 0;
  const Recorded = page.Worker;
  page.Worker = class extends Recorded {
    readonly #isLate = started.length === 2;
    override postMessage(message: unknown, transfer?: unknown): void {
      const post = (): void => {
        super.postMessage(message, transfer);
      };
      if (this.#isLate) setTimeout(post, 300);
      else post();
    }
  };
  const { model } = await train(options);
  page.Worker = Recorded;
  return { model, started: started.length };
}

/** Trains where a page is isolated, and yet gets no memory to share. */
export async function trainWithoutSharedMemory(options: GruOptions): Promise<string> {
  const { Memory } = WebAssembly;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      if (descriptor.shared === true) throw new RangeError("out of memory");
      super(descriptor);
    }
  };
  const { model } = await train(options);
  WebAssembly.Memory = Memory;
  return model;
}

/** Trains where the page's thread cannot wait for memory without blocking, and has to look again and again. */
export async function trainByLooking(options: GruOptions): Promise<string> {
  const { waitAsync } = Atomics;
  Reflect.deleteProperty(Atomics, "waitAsync");
  const { model } = await train(options);
  Atomics.waitAsync = waitAsync;
  return model;
}

/** The workers of a trainer that was not told how many, and what the browser says of the machine. */
export async function defaultWorkers(): Promise<readonly [number, number]> {
  const { workers: _workers, ...job } = gruJob({ workers: 1 });
  const trainer = await createTrainer(job);
  const { workers } = trainer;
  await trainer.close();
  return [workers, navigator.hardwareConcurrency];
}

/** What is said when the script of the workers is not where it should be. */
export async function trainWithoutScript(options: GruOptions): Promise<string> {
  const Recorded = page.Worker;
  page.Worker = class extends Recorded {
    constructor(_url: URL, choices: object) {
      super(new URL("/missing.js", import.meta.url), choices);
    }
  };
  const trainer = await createTrainer(gruJob(options));
  try {
    await fit(trainer, 1);
    return "no error";
  } catch (error) {
    return String(error);
  } finally {
    await trainer.close();
    page.Worker = Recorded;
  }
}
