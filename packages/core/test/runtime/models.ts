/** Small models for whole-program tests; numbers from a fixed generator. */
import { compileGraph } from "../../src/api/compile-graph.ts";
import { NDArray } from "../../src/graph/ndarray.ts";
import {
  crossEntropy,
  grad,
  mean,
  scan,
  shared,
  sigmoid,
  sliceAxis,
  softmax,
  sqr,
  sub,
  take,
  tanh,
  tensor,
  zeros,
  type Shared,
  type Tensor,
  type Update,
} from "../../src/index.ts";
import { build, type Build } from "../../src/runtime/build.ts";

function generator(seed: number): () => number {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** Uniform numbers in [-a, a], the same for the same seed. */
export function numbers(seed: number, shape: readonly number[], a = 1): NDArray<"float32"> {
  const next = generator(seed);
  const size = shape.reduce((n, d) => n * d, 1);
  return new NDArray(
    "float32",
    shape,
    new Float32Array(size).map(() => (2 * next() - 1) * a),
  );
}

/** Integers 0 .. count-1. */
export function integers(seed: number, shape: readonly number[], count: number): NDArray<"int32"> {
  const next = generator(seed);
  const size = shape.reduce((n, d) => n * d, 1);
  return new NDArray(
    "int32",
    shape,
    new Int32Array(size).map(() => Math.floor(next() * count)),
  );
}

function parameter(name: string, seed: number, shape: readonly number[]): Shared<"float32"> {
  return shared(numbers(seed, shape, 0.5), { name });
}

/** A training step: its graph, and inputs for any number of steps and rows. */
export interface Model {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly cost: Tensor;
  readonly updates: readonly Update[];
  readonly values: (steps: number, rows: number) => Readonly<Record<string, NDArray>>;
}

function descend(parameters: readonly Shared<"float32">[], cost: Tensor): Update[] {
  const gradients = grad(cost, parameters);
  return parameters.flatMap((p, i) => {
    const g = gradients[i];
    return g === undefined ? [] : [[p, p.sub(g.mul(0.1))] as const];
  });
}

/** A two-layer LSTM over tokens with an output layer per step. */
export function lstmLanguageModel(): Model {
  const [V, H] = [11, 9];
  const tokens = tensor("tokens", { shape: ["T", "B"], dtype: "int32" });
  const targets = tensor("targets", { shape: ["T", "B"], dtype: "int32" });
  const table = parameter("table", 1, [V, H]);
  const parameters = [table];
  let x: Tensor<"float32"> = take(table, tokens, 0);
  for (const layer of [0, 1]) {
    const W = parameter(`W${layer}`, 2 + layer, [H, 4 * H]);
    const U = parameter(`U${layer}`, 4 + layer, [H, 4 * H]);
    const b = parameter(`b${layer}`, 6 + layer, [4 * H]);
    parameters.push(W, U, b);
    const rows = tokens.size(1);
    const { outputs } = scan({
      name: `layer${layer}`,
      sequences: { x },
      init: { h: zeros([rows, H]), c: zeros([rows, H]) },
      step: ({ x, h, c }) => {
        const gates = x.dot(W).add(h.dot(U)).add(b);
        const gate = (k: number): Tensor<"float32"> => sliceAxis(gates, 1, k * H, H);
        const next = sigmoid(gate(1))
          .mul(c)
          .add(sigmoid(gate(0)).mul(tanh(gate(2))));
        return { h: sigmoid(gate(3)).mul(tanh(next)), c: next };
      },
    });
    x = outputs.h;
  }
  const Wo = parameter("Wo", 8, [H, V]);
  const bo = parameter("bo", 9, [V]);
  parameters.push(Wo, bo);
  const cost = mean(crossEntropy(x.dot(Wo).add(bo), targets));
  return {
    inputs: { tokens, targets },
    cost,
    updates: descend(parameters, cost),
    values: (T, B) => ({ tokens: integers(10, [T, B], V), targets: integers(11, [T, B], V) }),
  };
}

/** A GRU over vectors with lengths, read at each row's own last state. */
export function maskedGru(H = 6): Model {
  const I = 3;
  const x = tensor("x", { shape: ["T", "B", I] });
  const y = tensor("y", { shape: ["B", 2] });
  const lengths = tensor("lengths", { shape: ["B"], dtype: "int32" });
  const W = parameter("W", 1, [I, 3 * H]);
  const U = parameter("U", 2, [H, 3 * H]);
  const b = parameter("b", 3, [3 * H]);
  const Wo = parameter("Wo", 4, [H, 2]);
  const { final } = scan({
    sequences: { x },
    init: { h: zeros([x.size(1), H]) },
    lengths,
    step: ({ x, h }) => {
      const [gx, gh] = [x.dot(W).add(b), h.dot(U)];
      const part = (g: Tensor<"float32">, k: number): Tensor<"float32"> =>
        sliceAxis(g, 1, k * H, H);
      const z = sigmoid(part(gx, 0).add(part(gh, 0)));
      const r = sigmoid(part(gx, 1).add(part(gh, 1)));
      const n = tanh(part(gx, 2).add(r.mul(part(gh, 2))));
      return { h: sub(1, z).mul(n).add(z.mul(h)) };
    },
  });
  const cost = mean(sqr(final.h.dot(Wo).sub(y)));
  return {
    inputs: { x, y, lengths },
    cost,
    updates: descend([W, U, b, Wo], cost),
    values: (T, B) => ({
      x: numbers(5, [T, B, I]),
      y: numbers(6, [B, 2]),
      lengths: new NDArray("int32", [B], integers(7, [B], T + 1).data),
    }),
  };
}

/** The seed's recurrent net on one sequence of vectors, with an output per step. */
export function seedRnn(): Model {
  const [I, H, O] = [4, 7, 3];
  const x = tensor("x", { shape: ["T", I] });
  const y = tensor("y", { shape: ["T", O] });
  const Wi = parameter("Wi", 1, [I, H]);
  const Wh = parameter("Wh", 2, [H, H]);
  const Wo = parameter("Wo", 3, [H, O]);
  const bh = parameter("bh", 4, [H]);
  const { outputs } = scan(
    (x_t, a_tm1) => {
      const a = sigmoid(x_t.dot(Wi).add(a_tm1.dot(Wh)).add(bh));
      return [a, softmax(a.dot(Wo))];
    },
    { sequences: [x], outputsInfo: [zeros([H]), null] },
  );
  const cost = mean(sqr(outputs[1].sub(y)));
  return {
    inputs: { x, y },
    cost,
    updates: descend([Wi, Wh, Wo, bh], cost),
    values: (T) => ({ x: numbers(5, [T, I]), y: numbers(6, [T, O]) }),
  };
}

/** The build of a model, as compile makes it. */
export function buildOf(model: Model, optimize: "full" | "none" = "full"): Build {
  const graph = compileGraph({
    inputs: model.inputs,
    outputs: { cost: model.cost },
    updates: model.updates,
  });
  return build({ name: "function", ...graph, sharedMemory: true, optimize });
}
