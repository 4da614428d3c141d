/** Softmax of one row, for the reference implementations. */
export function softmaxRow(row: readonly number[]): number[] {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = row.map((x) => Math.exp(x - top));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / total);
}

/** The logarithm of softmax of one row. */
export function logSoftmaxRow(row: readonly number[]): number[] {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0));
  return row.map((x) => x - top - total);
}
