/**
 * S1 to S5 in @jax-js/jax on its wasm backend: `jit` of `valueAndGrad` and the update together, the loop over time unrolled,
 * since it has no scan. x_t Wx stays inside the loop: its gradient of a slice pads back to full size, so hoisting is slower.
 * Every use of an array but the last takes a `.ref`.
 */
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";

/** The first to `count`th slice along axis 0. */
function steps(x, count) {
  const rows = Array.from({ length: count }, (_, t) => x.ref.slice(t));
  x.dispose();
  return rows;
}

/** Columns k H to (k + 1) H of each. */
function gates(x, count, H) {
  const parts = Array.from({ length: count }, (_, k) => x.ref.slice([], [k * H, (k + 1) * H]));
  x.dispose();
  return parts;
}

function crossEntropy(logits, target) {
  return np.mean(np.sum(nn.logSoftmax(logits, -1).mul(target), -1)).neg();
}

function dispose(record) {
  for (const array of Object.values(record)) array.dispose();
}

function notebook(p, { x, y }, { T, B, H }) {
  let h = np.zeros([B, H]);
  const all = [];
  for (const row of steps(x, T)) {
    h = np.tanh(np.dot(row, p.Wx.ref).add(np.dot(h, p.Wh.ref)));
    all.push(h.ref);
  }
  h.dispose();
  const q = nn.softmax(np.dot(np.stack(all), p.Wo.ref).add(p.bo.ref), -1);
  dispose(p);
  const ones = y.ref.mul(np.log(q.ref));
  const zeros = np.subtract(1, y).mul(np.log(np.subtract(1, q)));
  return np.mean(ones.add(zeros)).neg();
}

function adding(p, { x, y, mask }, { T, B, H }) {
  let h = np.zeros([B, H]);
  const keep = steps(mask, T);
  for (const [t, row] of steps(x, T).entries()) {
    const next = np.tanh(np.dot(row, p.Wx.ref).add(np.dot(h.ref, p.Wh.ref)).add(p.bh.ref));
    h = np.where(keep[t], next, h);
  }
  const error = np.dot(h, p.Wo.ref).add(p.bo.ref).sub(y);
  dispose(p);
  return np.mean(np.square(error));
}

function languageModel(p, { x, y }, { T, B, H }) {
  let h = np.zeros([B, H]);
  let c = np.zeros([B, H]);
  const all = [];
  for (const row of steps(x, T)) {
    const sum = np.dot(row, p.Wx.ref).add(np.dot(h, p.Wh.ref)).add(p.b.ref);
    const [i, f, g, o] = gates(sum, 4, H);
    c = nn
      .sigmoid(f)
      .mul(c)
      .add(nn.sigmoid(i).mul(np.tanh(g)));
    h = nn.sigmoid(o).mul(np.tanh(c.ref));
    all.push(h.ref);
  }
  h.dispose();
  c.dispose();
  const logits = np.dot(np.stack(all), p.Wo.ref).add(p.bo.ref);
  dispose(p);
  return crossEntropy(logits, y);
}

function gruModel(p, { x, y }, { T, B, H }) {
  let h = np.zeros([B, H]);
  const all = [];
  for (const row of steps(x, T)) {
    const [xr, xz, xn] = gates(np.dot(row, p.Wx.ref).add(p.bx.ref), 3, H);
    const [hr, hz, hn] = gates(np.dot(h.ref, p.Wh.ref).add(p.bh.ref), 3, H);
    const z = nn.sigmoid(xz.add(hz));
    const r = nn.sigmoid(xr.add(hr));
    const n = np.tanh(xn.add(r.mul(hn)));
    h = np.subtract(1, z.ref).mul(n).add(z.mul(h));
    all.push(h.ref);
  }
  h.dispose();
  const logits = np.dot(np.stack(all), p.Wo.ref).add(p.bo.ref);
  dispose(p);
  return crossEntropy(logits, y);
}

const losses = {
  S1: notebook,
  S2: adding,
  S3: languageModel,
  S4: languageModel,
  S5: gruModel,
};

const toArray = ({ data, shape }) => np.array(data, { shape: [...shape] });

/** A function that does one step and returns its loss. */
export async function createStep({ name, sizes, parameters, values, rate }) {
  await init("wasm");
  defaultDevice("wasm");
  const map = (record) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, toArray(value)]));
  const data = map(values);
  if (data.mask) data.mask = data.mask.greater(0.5);
  const keys = Object.keys(parameters);
  const gradient = valueAndGrad((p, d) => losses[name](p, d, sizes));
  const step = jit((p, d) => {
    const before = Object.fromEntries(keys.map((key) => [key, p[key].ref]));
    const [loss, g] = gradient(p, d);
    const next = keys.map((key) => [key, before[key].sub(g[key].mul(rate))]);
    return [loss, Object.fromEntries(next)];
  });
  let state = map(parameters);
  return () => {
    const kept = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, value.ref]));
    const [loss, next] = step(state, kept);
    state = next;
    return loss.dataSync()[0];
  };
}

/** A function that multiplies two matrices and returns the first entry of the product. */
export async function createProduct(a, b) {
  await init("wasm");
  defaultDevice("wasm");
  const [A, B] = [toArray(a), toArray(b)];
  const product = jit((left, right) => np.dot(left, right));
  return () => product(A.ref, B.ref).dataSync()[0];
}
