/** The linear algebra of initialisers, in plain float64 and in a fixed order: the same bits on every engine. */
import { generate, type NDArray } from "../graph/ndarray.ts";

/** Rows of a matrix `[m, n]` as views of its data. */
function rowsOf({ data, shape: [m = 0, n = 0] }: NDArray<"float64">): Float64Array[] {
  return Array.from({ length: m }, (_, i) => data.subarray(i * n, (i + 1) * n));
}

/** `[n, m]`. */
export function transposed({
  data,
  shape: [m = 0, n = 0],
}: NDArray<"float64">): NDArray<"float64"> {
  return generate("float64", [n, m], (i) => data[(i % m) * n + Math.floor(i / m)] ?? 0);
}

function inner(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] ?? 0) * (y[i] ?? 0);
  return sum;
}

function addScaled(x: Float64Array, y: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] = (x[i] ?? 0) + factor * (y[i] ?? 0);
}

function scale(x: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) x[i] = (x[i] ?? 0) * factor;
}

/**
 * The largest singular value of a matrix `[m, n]`, to about 12 digits: power iteration on AᵀA (Golub & Van Loan, section 8.2).
 */
export function largestSingularValue(matrix: NDArray<"float64">): number {
  const rows = rowsOf(matrix);
  const [, n = 0] = matrix.shape;
  let v = new Float64Array(n).fill(1 / Math.sqrt(n));
  let value = 0;
  for (let round = 0; round < 5000; round++) {
    const next = new Float64Array(n);
    let square = 0;
    for (const row of rows) {
      const y = inner(row, v);
      square += y * y;
      addScaled(next, row, y);
    }
    const norm = Math.sqrt(inner(next, next));
    const before = value;
    value = Math.sqrt(square);
    if (norm === 0 || Math.abs(value - before) <= 1e-15 * value) break;
    scale(next, 1 / norm);
    v = next;
  }
  return value;
}

/** Makes the rows of a matrix `[m, n]`, m <= n, orthonormal in place (modified Gram-Schmidt; Golub & Van Loan, section 5.2). */
export function orthonormalizeRows(matrix: NDArray<"float64">): void {
  const done: Float64Array[] = [];
  for (const row of rowsOf(matrix)) {
    for (const other of done) addScaled(row, other, -inner(row, other));
    scale(row, 1 / Math.sqrt(inner(row, row)));
    done.push(row);
  }
}
