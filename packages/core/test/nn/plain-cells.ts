/** The cells as plain loops over one batch in float64: what the graphs must compute. */

type Matrix = readonly (readonly number[])[];
type Weights = Readonly<Record<string, Matrix>>;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const times = (x: readonly number[], W: Matrix): number[] =>
  (W[0] ?? []).map((_, j) => x.reduce((sum, a, i) => sum + a * (W[i]?.[j] ?? NaN), 0));

/** States of one sequence after one step. */
export type PlainStep = (
  x: readonly number[],
  state: Readonly<Record<string, readonly number[]>>,
  weights: Weights,
) => Record<string, number[]>;

const sum = (...rows: readonly (readonly number[])[]): number[] =>
  (rows[0] ?? []).map((_, j) => rows.reduce((total, row) => total + (row[j] ?? NaN), 0));

export const plainRnn: PlainStep = (x, { h = [] }, { Wx = [], Wh = [], b = [] }) => ({
  h: sum(times(x, Wx), times(h, Wh), b[0] ?? []).map(Math.tanh),
});

export const plainGru: PlainStep = (x, { h = [] }, { Wx = [], Wh = [], bx = [], bh = [] }) => {
  const H = h.length;
  const u = sum(times(x, Wx), bx[0] ?? []);
  const v = sum(times(h, Wh), bh[0] ?? []);
  const at = (row: readonly number[], gate: number, j: number): number => row[gate * H + j] ?? NaN;
  return {
    h: h.map((old, j) => {
      const r = sigmoid(at(u, 0, j) + at(v, 0, j));
      const z = sigmoid(at(u, 1, j) + at(v, 1, j));
      const n = Math.tanh(at(u, 2, j) + r * at(v, 2, j));
      return (1 - z) * n + z * old;
    }),
  };
};

export const plainLstm: PlainStep = (x, { h = [], c = [] }, { Wx = [], Wh = [], b = [] }) => {
  const H = h.length;
  const gates = sum(times(x, Wx), times(h, Wh), b[0] ?? []);
  const at = (gate: number, j: number): number => gates[gate * H + j] ?? NaN;
  const kept = c.map((old, j) => sigmoid(at(1, j)) * old + sigmoid(at(0, j)) * Math.tanh(at(2, j)));
  return { h: kept.map((k, j) => sigmoid(at(3, j)) * Math.tanh(k)), c: kept };
};

const at = (row: readonly number[], H: number, gate: number, j: number): number =>
  row[gate * H + j] ?? NaN;

export const plainPeepholeLstm: PlainStep = (x, { h = [], c = [] }, weights) => {
  const { Wx = [], Wh = [], b = [], p = [] } = weights;
  const H = h.length;
  const gates = sum(times(x, Wx), times(h, Wh), b[0] ?? []);
  const [u, seen] = [(k: number, j: number) => at(gates, H, k, j), p[0] ?? []];
  const kept = c.map((old, j) => {
    const i = sigmoid(u(0, j) + at(seen, H, 0, j) * old);
    const f = sigmoid(u(1, j) + at(seen, H, 1, j) * old);
    return f * old + i * Math.tanh(u(2, j));
  });
  return {
    h: kept.map((k, j) => sigmoid(u(3, j) + at(seen, H, 2, j) * k) * Math.tanh(k)),
    c: kept,
  };
};

export const plainMgu: PlainStep = (x, { h = [] }, { Wx = [], Wh = [], b = [] }) => {
  const H = h.length;
  const fromInput = sum(times(x, Wx), b[0] ?? []);
  const f = h.map((_, j) => sigmoid(at(fromInput, H, 0, j) + at(times(h, Wh), H, 0, j)));
  const forgotten = h.map((old, j) => (f[j] ?? NaN) * old);
  const n = h.map((_, j) => Math.tanh(at(fromInput, H, 1, j) + at(times(forgotten, Wh), H, 1, j)));
  return { h: h.map((old, j) => (1 - (f[j] ?? NaN)) * old + (f[j] ?? NaN) * (n[j] ?? NaN)) };
};

/** Gains times a row of mean 0 and variance 1. */
const normalized = (row: readonly number[], gains: readonly number[]): number[] => {
  const average = row.reduce((total, v) => total + v, 0) / row.length;
  const variance = row.reduce((total, v) => total + (v - average) ** 2, 0) / row.length;
  return row.map((v, j) => ((gains[j] ?? NaN) * (v - average)) / Math.sqrt(variance + 1e-5));
};

export const plainLayerNormLstm: PlainStep = (x, { h = [], c = [] }, weights) => {
  const { Wx = [], Wh = [], gx = [], gh = [], b = [], gc = [], bc = [] } = weights;
  const H = h.length;
  const gates = sum(
    normalized(times(x, Wx), gx[0] ?? []),
    normalized(times(h, Wh), gh[0] ?? []),
    b[0] ?? [],
  );
  const u = (k: number, j: number): number => at(gates, H, k, j);
  const kept = c.map((old, j) => sigmoid(u(1, j)) * old + sigmoid(u(0, j)) * Math.tanh(u(2, j)));
  const shown = sum(normalized(kept, gc[0] ?? []), bc[0] ?? []);
  return { h: shown.map((v, j) => sigmoid(u(3, j)) * Math.tanh(v)), c: kept };
};

export const plainLinearRecurrence: PlainStep = (x, { h = [] }, { Wx = [], r = [], b = [] }) => {
  const fresh = sum(times(x, Wx), b[0] ?? []);
  return { h: h.map((old, j) => sigmoid(r[0]?.[j] ?? NaN) * old + (fresh[j] ?? NaN)) };
};

/** `h` after every valid step of each sequence [T, B, H] (zero after its end), and the last ones [B, H]. */
export function runPlain(
  step: PlainStep,
  x: readonly (readonly (readonly number[])[])[],
  states: readonly string[],
  H: number,
  weights: Weights,
  lengths: readonly number[],
): { readonly outputs: number[][][]; readonly final: number[][] } {
  const now = lengths.map((): Record<string, number[]> =>
    Object.fromEntries(states.map((name) => [name, Array.from({ length: H }, () => 0)])),
  );
  const outputs = x.map((rows, t) =>
    rows.map((row, b) => {
      if (t >= (lengths[b] ?? 0)) return Array.from({ length: H }, () => 0);
      const next = step(row, now[b] ?? {}, weights);
      now[b] = next;
      return next["h"] ?? [];
    }),
  );
  return { outputs, final: now.map((state) => state["h"] ?? []) };
}
