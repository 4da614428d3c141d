/** Instructions of one function body, or of a fragment that is appended to one. */
import { InternalError } from "../../../errors/errors.ts";
import { ByteWriter } from "./bytes.ts";
import { naturalAlignment, op, type ValueType, valueType } from "./opcodes.ts";

/** A local of the function being written, parameters included. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

const emptyBlock = 0x40;

export class Code {
  readonly #out = new ByteWriter();

  get length(): number {
    return this.#out.length;
  }

  writeTo(out: ByteWriter): void {
    out.append(this.#out);
  }

  /** Instructions without immediates. */
  op(...codes: readonly number[]): this {
    for (const code of codes) this.#opcode(code);
    return this;
  }

  append(fragment: Code): this {
    this.#out.append(fragment.#out);
    return this;
  }

  get(...locals: readonly Local[]): this {
    for (const local of locals) this.#opcode(op.localGet).#out.unsigned(local.index);
    return this;
  }

  set(local: Local): this {
    this.#opcode(op.localSet).#out.unsigned(local.index);
    return this;
  }

  tee(local: Local): this {
    this.#opcode(op.localTee).#out.unsigned(local.index);
    return this;
  }

  i32(value: number): this {
    this.#opcode(op.i32Const).#out.signed(value);
    return this;
  }

  i64(value: bigint): this {
    this.#opcode(op.i64Const).#out.signed64(value);
    return this;
  }

  f32(value: number): this {
    this.#opcode(op.f32Const).#out.f32(value);
    return this;
  }

  f64(value: number): this {
    this.#opcode(op.f64Const).#out.f64(value);
    return this;
  }

  /** A v128 constant of sixteen bytes. */
  v128(bytes: Uint8Array): this {
    this.#opcode(op.v128Const).#out.bytes(bytes);
    return this;
  }

  /** A load or store at the address on the stack plus `offset` bytes; `lane` for the lane-wise ones. */
  memory(code: number, offset = 0, lane?: number): this {
    const alignment = naturalAlignment.get(code);
    if (alignment === undefined) throw new InternalError(`opcode ${code} does not access memory`);
    this.#opcode(code).#out.unsigned(alignment).unsigned(offset);
    if (lane !== undefined) this.#out.u8(lane);
    return this;
  }

  /** Lane extraction or replacement. */
  lane(code: number, lane: number): this {
    this.#opcode(code).#out.u8(lane);
    return this;
  }

  /** Picks 4-byte words of two vectors: 0..3 of the first, 4..7 of the second. */
  shuffle32(...words: readonly [number, number, number, number]): this {
    this.#opcode(op.i8x16Shuffle);
    for (const word of words) for (let byte = 0; byte < 4; byte++) this.#out.u8(word * 4 + byte);
    return this;
  }

  /** Picks 8-byte words of two vectors: 0, 1 of the first, 2, 3 of the second. */
  shuffle64(low: number, high: number): this {
    return this.shuffle32(low * 2, low * 2 + 1, high * 2, high * 2 + 1);
  }

  call(functionIndex: number): this {
    this.#opcode(op.call).#out.unsigned(functionIndex);
    return this;
  }

  br(depth: number): this {
    this.#opcode(op.br).#out.unsigned(depth);
    return this;
  }

  brIf(depth: number): this {
    this.#opcode(op.brIf).#out.unsigned(depth);
    return this;
  }

  /** Branches to `depths[n]` for the i32 n on the stack, to the last one when n is too large. */
  brTable(depths: readonly number[]): this {
    const last = depths.at(-1);
    if (last === undefined) throw new InternalError("a branch table without targets");
    this.#opcode(op.brTable).#out.unsigned(depths.length - 1);
    for (const depth of depths) this.#out.unsigned(depth);
    return this;
  }

  block(body: () => void): this {
    return this.#nest(op.block, body);
  }

  loop(body: () => void): this {
    return this.#nest(op.loop, body);
  }

  /** Takes the condition from the stack. */
  if(then: () => void, otherwise?: () => void): this {
    this.#opcode(op.if).#out.u8(emptyBlock);
    then();
    if (otherwise !== undefined) {
      this.#opcode(op.else);
      otherwise();
    }
    return this.#opcode(op.end);
  }

  memoryCopy(): this {
    this.#opcode(op.memoryCopy).#out.u8(0).u8(0);
    return this;
  }

  memoryFill(): this {
    this.#opcode(op.memoryFill).#out.u8(0);
    return this;
  }

  #nest(code: number, body: () => void): this {
    this.#opcode(code).#out.u8(emptyBlock);
    body();
    return this.#opcode(op.end);
  }

  #opcode(code: number): this {
    if (code < 0x100) this.#out.u8(code);
    else this.#out.u8(code >> 12).unsigned(code & 0xfff);
    return this;
  }
}

/** Locals of one function, in the order of their declaration. */
export class Locals {
  readonly params: readonly Local[];
  readonly #declared: ValueType[] = [];

  constructor(params: readonly ValueType[]) {
    this.params = params.map((type, index) => ({ index, type }));
  }

  /** The parameter at `place`. */
  param(place: number): Local {
    const found = this.params[place];
    if (found === undefined) throw new InternalError(`a function without parameter ${place}`);
    return found;
  }

  fresh(type: ValueType): Local {
    this.#declared.push(type);
    return { index: this.params.length + this.#declared.length - 1, type };
  }

  /** `count` fresh locals of one type. */
  many(count: number, type: ValueType): Local[] {
    return Array.from({ length: count }, () => this.fresh(type));
  }

  writeTo(out: ByteWriter): void {
    const runs: { type: ValueType; count: number }[] = [];
    for (const type of this.#declared) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    out.unsigned(runs.length);
    for (const run of runs) out.unsigned(run.count).u8(valueType[run.type]);
  }
}
