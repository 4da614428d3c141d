/**
 * Cells as a user writes them: parameters and a step for `scan`, from the papers' equations, nothing of the library's own cells.
 * Peepholes: Gers & Schmidhuber 2000. Minimal gated unit: Zhou, Wu, Zhang & Zhou 2016. Layer normalisation: Ba, Kiros & Hinton 2016.
 */
import {
  dot,
  mean,
  scan,
  shared,
  sigmoid,
  sliceAxis,
  sqr,
  sqrt,
  sub,
  tanh,
  zeros,
  type Shared,
  type Tensor,
} from "@scan-train/core";
import { symmetric } from "./numbers.ts";

export interface CellSizes {
  readonly inputSize: number;
  readonly hiddenSize: number;
}

/** All of h `[T, B, H]` from x `[T, B, I]`, and what is to be learnt. */
export interface UserCell {
  readonly parameters: readonly Shared[];
  readonly run: (x: Tensor) => Tensor;
}

/** Parameters, each from numbers of its own. */
class Parameters {
  readonly all: Shared[] = [];
  readonly #limit: number;

  constructor({ hiddenSize }: CellSizes) {
    this.#limit = 1 / Math.sqrt(hiddenSize);
  }

  matrix(name: string, rows: number, columns: number): Shared {
    return this.#keep(name, symmetric(this.all.length + 1, [rows, columns], this.#limit));
  }

  vector(name: string, size: number, value = 0): Shared {
    return this.#keep(name, { data: new Float32Array(size).fill(value), shape: [size] });
  }

  #keep(name: string, value: ReturnType<typeof symmetric>): Shared {
    const made = shared(value, { name });
    this.all.push(made);
    return made;
  }
}

const part = (gates: Tensor, k: number, width: number): Tensor =>
  sliceAxis(gates, -1, k * width, width);

/** Gates i, f, o see what the cell keeps; all four products side by side. */
export function peepholeLstm({ inputSize, hiddenSize: H }: CellSizes): UserCell {
  const parameters = new Parameters({ inputSize, hiddenSize: H });
  const W = parameters.matrix("W", inputSize, 4 * H);
  const U = parameters.matrix("U", H, 4 * H);
  const b = parameters.vector("b", 4 * H);
  const [pi, pf, po] = ["pi", "pf", "po"].map((name) => parameters.vector(name, H, 0.1));
  if (pi === undefined || pf === undefined || po === undefined) throw new Error("no peepholes");
  return {
    parameters: parameters.all,
    run: (x) =>
      scan({
        sequences: { x },
        init: { h: zeros([x.size(1), H]), c: zeros([x.size(1), H]) },
        step: ({ x: row, h, c }) => {
          const gates = dot(row, W).add(dot(h, U)).add(b);
          const i = sigmoid(part(gates, 0, H).add(c.mul(pi)));
          const f = sigmoid(part(gates, 1, H).add(c.mul(pf)));
          const kept = f.mul(c).add(i.mul(tanh(part(gates, 2, H))));
          const o = sigmoid(part(gates, 3, H).add(kept.mul(po)));
          return { h: o.mul(tanh(kept)), c: kept };
        },
      }).outputs.h,
  };
}

/** The same with a matrix for each gate, as the equations have it. */
export function peepholeLstmByGate({ inputSize, hiddenSize: H }: CellSizes): UserCell {
  const parameters = new Parameters({ inputSize, hiddenSize: H });
  const gate = (name: string, hasPeephole: boolean) => {
    const W = parameters.matrix(`W${name}`, inputSize, H);
    const U = parameters.matrix(`U${name}`, H, H);
    const b = parameters.vector(`b${name}`, H);
    const p = hasPeephole ? parameters.vector(`p${name}`, H, 0.1) : undefined;
    return (x: Tensor, h: Tensor, c: Tensor): Tensor => {
      const sum = dot(x, W).add(dot(h, U)).add(b);
      return p === undefined ? tanh(sum) : sigmoid(sum.add(c.mul(p)));
    };
  };
  const [input, forget, output] = [gate("i", true), gate("f", true), gate("o", true)];
  const candidate = gate("g", false);
  return {
    parameters: parameters.all,
    run: (x) =>
      scan({
        sequences: { x },
        init: { h: zeros([x.size(1), H]), c: zeros([x.size(1), H]) },
        step: ({ x: row, h, c }) => {
          const kept = forget(row, h, c)
            .mul(c)
            .add(input(row, h, c).mul(candidate(row, h, c)));
          return { h: output(row, h, kept).mul(tanh(kept)), c: kept };
        },
      }).outputs.h,
  };
}

/** One gate for both of a GRU's uses. */
export function minimalGru({ inputSize, hiddenSize: H }: CellSizes): UserCell {
  const parameters = new Parameters({ inputSize, hiddenSize: H });
  const [Wf, Wn] = [parameters.matrix("Wf", inputSize, H), parameters.matrix("Wn", inputSize, H)];
  const [Uf, Un] = [parameters.matrix("Uf", H, H), parameters.matrix("Un", H, H)];
  const [bf, bn] = [parameters.vector("bf", H), parameters.vector("bn", H)];
  return {
    parameters: parameters.all,
    run: (x) =>
      scan({
        sequences: { x },
        init: { h: zeros([x.size(1), H]) },
        step: ({ x: row, h }) => {
          const f = sigmoid(dot(row, Wf).add(dot(h, Uf)).add(bf));
          const n = tanh(
            dot(row, Wn)
              .add(dot(f.mul(h), Un))
              .add(bn),
          );
          return { h: sub(1, f).mul(h).add(f.mul(n)) };
        },
      }).outputs.h,
  };
}

/** Sums and the kept state with mean 0 and variance 1 in each row. */
export function layerNormLstm({ inputSize, hiddenSize: H }: CellSizes): UserCell {
  const parameters = new Parameters({ inputSize, hiddenSize: H });
  const W = parameters.matrix("W", inputSize, 4 * H);
  const U = parameters.matrix("U", H, 4 * H);
  const b = parameters.vector("b", 4 * H);
  const normalised = (name: string, size: number) => {
    const [gain, bias] = [parameters.vector(`g${name}`, size, 1), parameters.vector(name, size)];
    return (sum: Tensor): Tensor => {
      const centred = sum.sub(mean(sum, -1, { keepdims: true }));
      const deviation = sqrt(mean(sqr(centred), -1, { keepdims: true }).add(1e-5));
      return centred.div(deviation).mul(gain).add(bias);
    };
  };
  const [ofInput, ofState] = [normalised("x", 4 * H), normalised("h", 4 * H)];
  const ofKept = normalised("c", H);
  return {
    parameters: parameters.all,
    run: (x) =>
      scan({
        sequences: { x },
        init: { h: zeros([x.size(1), H]), c: zeros([x.size(1), H]) },
        step: ({ x: row, h, c }) => {
          const gates = ofInput(dot(row, W))
            .add(ofState(dot(h, U)))
            .add(b);
          const [i, f, o] = [0, 1, 3].map((k) => sigmoid(part(gates, k, H)));
          if (i === undefined || f === undefined || o === undefined) throw new Error("no gates");
          const kept = f.mul(c).add(i.mul(tanh(part(gates, 2, H))));
          return { h: o.mul(tanh(ofKept(kept))), c: kept };
        },
      }).outputs.h,
  };
}
