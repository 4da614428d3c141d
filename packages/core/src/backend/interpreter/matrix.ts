/** Matrix products and panels. The order of every sum is the one that the loop IR fixes. */
import { depthOfBlock } from "../../loop-ir/product-block.ts";
import type { MatrixView, ScalarType, Statement } from "../../loop-ir/types.ts";
import { constantSize } from "../../size/size.ts";
import { type Machine, type Make, type Memory, outOfBounds } from "./machine.ts";
import type { Scope } from "./compiler.ts";

/** A view with its numbers filled in. */
interface Matrix {
  readonly data: Memory;
  readonly start: number;
  readonly row: number;
  readonly col: number;
}

type MakeMatrix = (m: Machine) => (rows: number, cols: number) => Matrix;

function matrix(view: MatrixView, scope: Scope, steps: Make[]): MakeMatrix {
  const address = scope.index(view.offset, steps);
  const { compiler } = scope;
  const [place, limit, rowStride, colStride] = [
    compiler.buffer(view.buffer),
    compiler.size(view.buffer.size),
    compiler.size(view.rowStride),
    compiler.size(view.colStride),
  ];
  return (m) => {
    const at = address(m);
    return (rows, cols) => {
      const [start, row, col, size] = [
        at(),
        m.sizes[rowStride] as number,
        m.sizes[colStride] as number,
        m.sizes[limit] as number,
      ];
      if (rows > 0 && cols > 0) {
        const corners = [0, (rows - 1) * row].flatMap((i) => [
          start + i,
          start + i + (cols - 1) * col,
        ]);
        for (const corner of corners)
          if (!(corner >= 0 && corner < size))
            throw outOfBounds("matrix element", view.buffer, corner, size);
      }
      return { data: m.contents(place), start, row, col };
    };
  };
}

/** Columns of a panel. */
export function panelWidth(scope: Scope, type: ScalarType): number {
  return type === "f64"
    ? scope.compiler.program.panelWidth.f64
    : scope.compiler.program.panelWidth.f32;
}

/** Element (p, j) of a packed matrix with k rows lies at (floor(j / width) k + p) width + j mod width. */
export function compileMatmul(
  s: Extract<Statement, { kind: "matmul" }>,
  scope: Scope,
  steps: Make[],
): Make {
  const { compiler } = scope;
  const [a, c] = [matrix(s.a, scope, steps), matrix(s.c, scope, steps)];
  const packed = "packed" in s.b ? s.b.packed : undefined;
  const packedPlace = packed === undefined ? -1 : compiler.buffer(packed);
  const b = "packed" in s.b ? undefined : matrix(s.b, scope, steps);
  const [ms, ns, ks] = [compiler.size(s.m), compiler.size(s.n), compiler.size(s.k)];
  const single = s.c.buffer.type === "f32";
  const width = panelWidth(scope, s.c.buffer.type);
  return (machine) => {
    const [getA, getB, getC] = [a(machine), b?.(machine), c(machine)];
    return () => {
      const [m, n, k] = [
        machine.sizes[ms] as number,
        machine.sizes[ns] as number,
        machine.sizes[ks] as number,
      ];
      const [x, z] = [getA(m, k), getC(m, n)];
      const y = getB?.(k, n);
      const panels = packed === undefined ? new Int32Array(0) : machine.contents(packedPlace);
      const columns = Array.from({ length: n }, (_, j) =>
        y === undefined ? Math.floor(j / width) * k * width + (j % width) : y.start + j * y.col,
      );
      product(
        x,
        { data: y?.data ?? panels, columns, row: y?.row ?? width },
        z,
        [m, n, k],
        s.accumulate,
        single,
      );
    };
  };
}

interface RightMatrix {
  readonly data: Memory;
  /** Where each column begins. */
  readonly columns: readonly number[];
  readonly row: number;
}

function product(
  a: Matrix,
  b: RightMatrix,
  c: Matrix,
  [m, n, k]: readonly [number, number, number],
  accumulate: boolean,
  single: boolean,
): void {
  const sums = single ? new Float32Array(n) : new Float64Array(n);
  const columns = Float64Array.from(b.columns);
  for (let i = 0; i < m; i++) {
    if (!accumulate) for (let j = 0; j < n; j++) c.data[c.start + i * c.row + j * c.col] = 0;
    for (let from = 0; from < k; from += depthOfBlock) {
      sums.fill(0);
      for (let p = from; p < Math.min(from + depthOfBlock, k); p++) {
        const left = a.data[a.start + i * a.row + p * a.col] as number;
        const shift = p * b.row;
        if (single)
          for (let j = 0; j < n; j++)
            sums[j] =
              (sums[j] as number) +
              Math.fround(left * (b.data[(columns[j] as number) + shift] as number));
        else
          for (let j = 0; j < n; j++)
            sums[j] =
              (sums[j] as number) + left * (b.data[(columns[j] as number) + shift] as number);
      }
      for (let j = 0; j < n; j++) {
        const at = c.start + i * c.row + j * c.col;
        c.data[at] = (c.data[at] as number) + (sums[j] as number);
      }
    }
  }
}

export function compilePack(
  s: Extract<Statement, { kind: "pack" }>,
  scope: Scope,
  steps: Make[],
): Make {
  const { compiler } = scope;
  const source = matrix(s.b, scope, steps);
  const [into, limit, ns, ks] = [
    compiler.buffer(s.into),
    compiler.size(s.into.size),
    compiler.size(s.n),
    compiler.size(s.k),
  ];
  const width = panelWidth(scope, s.into.type);
  return (machine) => {
    const get = source(machine);
    return () => {
      const [n, k, size] = [
        machine.sizes[ns] as number,
        machine.sizes[ks] as number,
        machine.sizes[limit] as number,
      ];
      const [b, out] = [get(k, n), machine.contents(into)];
      const padded = Math.ceil(n / width) * width;
      if (padded * k > size) throw outOfBounds("pack into", s.into, padded * k - 1, size);
      for (let j = 0; j < padded; j++)
        for (let p = 0; p < k; p++)
          out[(Math.floor(j / width) * k + p) * width + (j % width)] =
            j < n ? (b.data[b.start + p * b.row + j * b.col] as number) : 0;
    };
  };
}

/** Copies within bounds. */
export function compileCopy(
  s: Extract<Statement, { kind: "copy" }>,
  scope: Scope,
  steps: Make[],
): Make {
  const { compiler } = scope;
  const one = constantSize(1);
  const view = (buffer: typeof s.from, offset: typeof s.fromOffset): MatrixView => ({
    buffer,
    offset,
    rowStride: one,
    colStride: one,
  });
  const [from, to] = [
    matrix(view(s.from, s.fromOffset), scope, steps),
    matrix(view(s.to, s.toOffset), scope, steps),
  ];
  const size = compiler.size(s.size);
  return (machine) => {
    const [getFrom, getTo] = [from(machine), to(machine)];
    return () => {
      const n = machine.sizes[size] as number;
      const [a, b] = [getFrom(1, n), getTo(1, n)];
      b.data.set(a.data.subarray(a.start, a.start + n), b.start);
    };
  };
}
