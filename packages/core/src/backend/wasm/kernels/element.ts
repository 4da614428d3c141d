/** The instructions of the two element types that matrix products know. */
import type { Code, Local } from "../encoder/code.ts";
import { op } from "../encoder/opcodes.ts";

export interface Element {
  readonly type: "f32" | "f64";
  readonly bytes: 4 | 8;
  /** Elements in a vector. */
  readonly lanes: 4 | 2;
  readonly load: number;
  readonly store: number;
  readonly add: number;
  readonly mul: number;
  readonly loadSplat: number;
  readonly loadZero: number;
  readonly loadLane: number;
  readonly extractLane: number;
  readonly vectorAdd: number;
  /** Writes accumulator += x * what `y` puts on the stack. */
  readonly multiplyAdd: (code: Code, accumulator: Local, x: Local, y: () => void) => void;
}

/** Rounds twice: the bits of portable numerics. */
const inTwoSteps =
  (multiply: number, add: number): Element["multiplyAdd"] =>
  (code, accumulator, x, y) => {
    code.get(accumulator, x);
    y();
    code.op(multiply, add).set(accumulator);
  };

/** Rounds once where the machine can, else twice. */
const relaxed =
  (multiplyAdd: number): Element["multiplyAdd"] =>
  (code, accumulator, x, y) => {
    code.get(x);
    y();
    code.get(accumulator).op(multiplyAdd).set(accumulator);
  };

export type Elements = Readonly<Record<"f32" | "f64", Element>>;

export const elements: Elements = {
  f32: {
    type: "f32",
    bytes: 4,
    lanes: 4,
    load: op.f32Load,
    store: op.f32Store,
    add: op.f32Add,
    mul: op.f32Mul,
    loadSplat: op.v128Load32Splat,
    loadZero: op.v128Load32Zero,
    loadLane: op.v128Load32Lane,
    extractLane: op.f32x4ExtractLane,
    vectorAdd: op.f32x4Add,
    multiplyAdd: inTwoSteps(op.f32x4Mul, op.f32x4Add),
  },
  f64: {
    type: "f64",
    bytes: 8,
    lanes: 2,
    load: op.f64Load,
    store: op.f64Store,
    add: op.f64Add,
    mul: op.f64Mul,
    loadSplat: op.v128Load64Splat,
    loadZero: op.v128Load64Zero,
    loadLane: op.v128Load64Lane,
    extractLane: op.f64x2ExtractLane,
    vectorAdd: op.f64x2Add,
    multiplyAdd: inTwoSteps(op.f64x2Mul, op.f64x2Add),
  },
};

/** The same with products that are added without being rounded, where the machine can: `numerics: "fast"`. */
export const relaxedElements: Elements = {
  f32: { ...elements.f32, multiplyAdd: relaxed(op.f32x4RelaxedMadd) },
  f64: { ...elements.f64, multiplyAdd: relaxed(op.f64x2RelaxedMadd) },
};

/** local = 0 in every lane. */
export function clearVector(code: Code, local: Local): void {
  code.v128(new Uint8Array(16)).set(local);
}

/** Bytes of a vector. */
export const vectorBytes = 16;

/** Columns are vectors of lanes: turns rows of consecutive elements, one vector each, into columns; `rows` are as many as lanes. */
export function writeTranspose(
  code: Code,
  element: Element,
  rows: readonly Local[],
  columns: readonly Local[],
): void {
  if (element.lanes === 2) {
    const [r0, r1, c0, c1] = [...rows, ...columns] as [Local, Local, Local, Local];
    code.get(r0, r1).shuffle64(0, 2).set(c0);
    code.get(r0, r1).shuffle64(1, 3).set(c1);
    return;
  }
  const [r0, r1, r2, r3] = rows as [Local, Local, Local, Local];
  const [c0, c1, c2, c3] = columns as [Local, Local, Local, Local];
  code.get(r0, r1).shuffle32(0, 4, 1, 5).set(c0);
  code.get(r2, r3).shuffle32(0, 4, 1, 5).set(c1);
  code.get(r0, r1).shuffle32(2, 6, 3, 7).set(c2);
  code.get(r2, r3).shuffle32(2, 6, 3, 7).set(c3);
  code.get(c0, c1).shuffle64(0, 2).set(r0);
  code.get(c0, c1).shuffle64(1, 3).set(c1);
  code.get(r0).set(c0);
  code.get(c2, c3).shuffle64(0, 2).set(r2);
  code.get(c2, c3).shuffle64(1, 3).set(c3);
  code.get(r2).set(c2);
}
