/**
 * S1 to S5 in TensorFlow.js on its wasm backend, written with ops: `variableGrads`, then the update. X Wx is one product before
 * the loop, which is faster here; tokens are one-hot rows, since its wasm backend cannot differentiate `gather`.
 */
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";

/** x [T, B, I] times W [I, O] for all steps at once: T tensors [B, O]. */
function project(x, W, b, { T, B }) {
  const product = tf.matMul(x.reshape([T * B, -1]), W);
  return tf.unstack((b === undefined ? product : product.add(b)).reshape([T, B, -1]));
}

function output(states, p, { T, B, H }) {
  return tf
    .matMul(tf.stack(states).reshape([T * B, H]), p.Wo)
    .add(p.bo)
    .reshape([T, B, -1]);
}

function notebook(p, { x, y }, sizes) {
  let h = tf.zeros([sizes.B, sizes.H]);
  const all = project(x, p.Wx, undefined, sizes).map((row) => {
    h = row.add(tf.matMul(h, p.Wh)).tanh();
    return h;
  });
  const q = output(all, p, sizes).softmax();
  const ones = y.mul(q.log());
  const zeros = tf.sub(1, y).mul(tf.sub(1, q).log());
  return ones.add(zeros).mean().neg();
}

function adding(p, { x, y, mask }, sizes) {
  const h = project(x, p.Wx, p.bh, sizes).reduce(
    (before, row, t) => tf.where(mask[t], row.add(tf.matMul(before, p.Wh)).tanh(), before),
    tf.zeros([sizes.B, sizes.H]),
  );
  return tf.matMul(h, p.Wo).add(p.bo).sub(y).square().mean();
}

function languageModel(p, { x, y }, sizes) {
  let h = tf.zeros([sizes.B, sizes.H]);
  let c = tf.zeros([sizes.B, sizes.H]);
  const all = project(x, p.Wx, p.b, sizes).map((row) => {
    const [i, f, g, o] = tf.split(row.add(tf.matMul(h, p.Wh)), 4, 1);
    c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
    h = o.sigmoid().mul(c.tanh());
    return h;
  });
  return tf.losses.softmaxCrossEntropy(y, output(all, p, sizes));
}

function gruModel(p, { x, y }, sizes) {
  let h = tf.zeros([sizes.B, sizes.H]);
  const all = project(x, p.Wx, p.bx, sizes).map((row) => {
    const [xr, xz, xn] = tf.split(row, 3, 1);
    const [hr, hz, hn] = tf.split(tf.matMul(h, p.Wh).add(p.bh), 3, 1);
    const z = xz.add(hz).sigmoid();
    const n = xn.add(xr.add(hr).sigmoid().mul(hn)).tanh();
    h = tf.sub(1, z).mul(n).add(z.mul(h));
    return h;
  });
  return tf.losses.softmaxCrossEntropy(y, output(all, p, sizes));
}

const losses = {
  S1: notebook,
  S2: adding,
  S3: languageModel,
  S4: languageModel,
  S5: gruModel,
};

const toTensor = ({ data, shape }) => tf.tensor(data, [...shape]);

/** A function that does one step and returns its loss. */
export async function createStep({ name, sizes, parameters, values, rate }) {
  tf.enableProdMode();
  setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js has no wasm backend here");
  const map = (record, convert) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value)]));
  const p = map(parameters, (value) => tf.variable(toTensor(value)));
  const variables = Object.values(p);
  const data = map(values, toTensor);
  if (data.mask) {
    const whole = data.mask.cast("bool").broadcastTo([sizes.T, sizes.B, sizes.H]);
    data.mask = tf.unstack(whole);
  }
  const optimizer = tf.train.sgd(rate);
  return () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => losses[name](p, data, sizes), variables);
      optimizer.applyGradients(grads);
      return value.dataSync()[0];
    });
}

/** A function that multiplies two matrices and returns the first entry of the product. */
export async function createProduct(a, b) {
  tf.enableProdMode();
  setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js has no wasm backend here");
  const [A, B] = [toTensor(a), toTensor(b)];
  return () => tf.tidy(() => tf.matMul(A, B).dataSync()[0]);
}
