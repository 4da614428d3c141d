/** Loads, stores and positions of several lanes at once. */
import { InternalError } from "../../errors/errors.ts";
import type { Buffer, Expr, Index, ScalarType } from "../../loop-ir/types.ts";
import { constantSize, type Size } from "../../size/size.ts";
import { type Addresses, bytesOf } from "./addresses.ts";
import { op } from "./encoder/opcodes.ts";
import type { Bound, Lanes, Scope } from "./scope.ts";
import { constantBytes, narrowMask, type VectorContext } from "./vector-ops.ts";

/** How far the index moves from one lane to the next, in elements. */
export function laneStride(index: Index, lanes: Lanes): Size {
  // Terms of one variable are one term.
  return index.terms.find((t) => t.of === lanes.variable)?.coef ?? constantSize(0);
}

function lanesOf(scope: Scope): Lanes {
  if (scope.lanes === undefined) throw new InternalError("a vector outside of a vectorised loop");
  return scope.lanes;
}

/** A load whose index varies by lane. */
export function writeVectorLoad(
  c: VectorContext,
  addresses: Addresses,
  scope: Scope,
  buffer: Buffer,
  index: Index,
): void {
  const stride = laneStride(index, lanesOf(scope));
  if (stride.constant === 1) {
    const offset = addresses.element(scope, buffer, index);
    if (c.lanes === 4 || buffer.type === "f64") c.code.memory(op.v128Load, offset);
    else c.code.memory(buffer.type === "bool" ? op.v128Load32x2S : op.v128Load64Zero, offset);
  } else if (stride.constant === -1) {
    writeBackwards(c, addresses, scope, buffer, index);
    if (c.lanes === 4 || buffer.type === "f64") c.code.memory(op.v128Load);
    else c.code.memory(buffer.type === "bool" ? op.v128Load32x2S : op.v128Load64Zero);
    writeReversal(c, buffer.type);
  } else writeStridedLoad(c, addresses, scope, buffer, index, stride);
  if (buffer.type === "bool")
    c.code.v128(new Uint8Array(16)).op(c.lanes === 4 ? op.i32x4Ne : op.i64x2Ne);
}

function writeStridedLoad(
  c: VectorContext,
  addresses: Addresses,
  scope: Scope,
  buffer: Buffer,
  index: Index,
  stride: Size,
): void {
  const { code, locals } = c;
  const [address, result] = [locals.fresh("i32"), locals.fresh("v128")];
  addresses.pointer(scope, buffer, index);
  code
    .tee(address)
    .memory(buffer.type === "f64" ? op.v128Load64Zero : op.v128Load32Zero)
    .set(result);
  for (let lane = 1; lane < c.lanes; lane++) {
    code.get(address);
    addresses.size(scope, stride, bytesOf(buffer.type));
    code.op(op.i32Add).tee(address).get(result);
    if (buffer.type === "f64") code.memory(op.v128Load64Lane, 0, lane);
    else code.memory(op.v128Load32Lane, 0, lane);
    code.set(result);
  }
  code.get(result);
  if (buffer.type === "bool" && c.lanes === 2) code.op(op.i64x2ExtendLowI32x4S);
}

/** Writes the address of the last lane's element, which lies before those of the others. */
function writeBackwards(
  c: VectorContext,
  addresses: Addresses,
  scope: Scope,
  buffer: Buffer,
  index: Index,
): void {
  addresses.pointer(scope, buffer, index);
  c.code.i32((c.lanes - 1) * bytesOf(buffer.type)).op(op.i32Sub);
}

/** Turns the lanes of the vector on the stack around. Of 4-byte elements in 2 lanes, which lie in its low half, only these matter. */
function writeReversal({ code, lanes, locals }: VectorContext, type: ScalarType): void {
  const vector = locals.fresh("v128");
  code.tee(vector).get(vector);
  if (lanes === 4) code.shuffle32(3, 2, 1, 0);
  else if (type === "f64" || type === "bool") code.shuffle64(1, 0);
  else code.shuffle32(1, 0, 2, 3);
}

/** Stores the vector that `value` writes to neighbouring elements, in either direction. */
export function writeVectorStore(
  c: VectorContext,
  addresses: Addresses,
  scope: Scope,
  buffer: Buffer,
  index: Index,
  value: () => void,
): void {
  const { valid } = lanesOf(scope);
  if (valid !== undefined) return writeFirstLanes(c, addresses, scope, buffer, index, value, valid);
  const backwards = laneStride(index, lanesOf(scope)).constant === -1;
  if (backwards) writeBackwards(c, addresses, scope, buffer, index);
  const offset = backwards ? 0 : addresses.element(scope, buffer, index);
  value();
  if (buffer.type === "bool") writeTruths(c);
  if (backwards) writeReversal(c, buffer.type === "bool" ? "i32" : buffer.type);
  if (c.lanes === 4 || buffer.type === "f64") c.code.memory(op.v128Store, offset);
  else c.code.memory(op.v128Store64Lane, offset, 0);
}

/** Turns masks into ones and zeros. */
function writeTruths(c: VectorContext): void {
  narrowMask(c);
  c.code.v128(constantBytes("i32", 1)).op(op.v128And);
}

/** Stores the first 1, 2 or 3 of four lanes. */
function writeFirstLanes(
  c: VectorContext,
  addresses: Addresses,
  scope: Scope,
  buffer: Buffer,
  index: Index,
  value: () => void,
  valid: Bound,
): void {
  const { code, locals } = c;
  const [address, vector] = [locals.fresh("i32"), locals.fresh("v128")];
  const offset = addresses.element(scope, buffer, index);
  code.set(address);
  value();
  if (buffer.type === "bool") writeTruths(c);
  code.set(vector);
  const lane = (at: number): void =>
    void code.get(address, vector).memory(op.v128Store32Lane, offset + 4 * at, at);
  const pair = (): void => void code.get(address, vector).memory(op.v128Store64Lane, offset, 0);
  if (typeof valid === "number") {
    if (valid >= 2) pair();
    if (valid !== 2) lane(valid - 1);
    return;
  }
  code
    .get(valid)
    .i32(1)
    .op(op.i32Eq)
    .if(
      () => lane(0),
      () => {
        pair();
        code
          .get(valid)
          .i32(3)
          .op(op.i32Eq)
          .if(() => lane(2));
      },
    );
}

/** The values of an index by lane. `operand` writes vectors of its data-dependent parts. */
export function writeVectorPosition(
  c: VectorContext,
  addresses: Addresses,
  scope: Scope,
  index: Index,
  operand: (e: Expr) => void,
): void {
  const lanes = lanesOf(scope);
  addresses.position(scope, {
    ...index,
    terms: index.terms.filter((t) => t.of.kind === "indexVar"),
  });
  c.code.op(op.i32x4Splat);
  const stride = laneStride(index, lanes);
  if (stride.constant !== 0) {
    c.code.v128(new Uint8Array(new Int32Array([0, 1, 2, 3]).buffer));
    if (stride.constant !== 1) {
      addresses.size(scope, stride);
      c.code.op(op.i32x4Splat, op.i32x4Mul);
    }
    c.code.op(op.i32x4Add);
  }
  for (const { of, coef } of index.terms) {
    if (of.kind === "indexVar") continue;
    operand(of);
    addresses.size(scope, coef);
    c.code.op(op.i32x4Splat, op.i32x4Mul, op.i32x4Add);
  }
}

/** Reads one lane of a vector as a scalar. */
export function extractLane(type: ScalarType): number {
  return type === "f32"
    ? op.f32x4ExtractLane
    : type === "f64"
      ? op.f64x2ExtractLane
      : op.i32x4ExtractLane;
}
