/**
 * Opcodes of WebAssembly with SIMD. A plain number is one byte; a prefixed opcode is `prefix * 0x1000 + code`.
 */
const saturating = 0xfc000;
const simd = 0xfd000;

/** Instructions without immediate operands, and those whose immediates `Code` writes. */
export const op = {
  block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, br: 0x0c, brIf: 0x0d, brTable: 0x0e, return: 0x0f, call: 0x10,
  drop: 0x1a, select: 0x1b, localGet: 0x20, localSet: 0x21, localTee: 0x22,

  i32Load: 0x28, f32Load: 0x2a, f64Load: 0x2b, i32Store: 0x36, f32Store: 0x38, f64Store: 0x39,
  i32Const: 0x41, i64Const: 0x42, f32Const: 0x43, f64Const: 0x44,

  i32Eqz: 0x45, i32Eq: 0x46, i32Ne: 0x47, i32LtS: 0x48, i32LtU: 0x49, i32GtS: 0x4a, i32GtU: 0x4b, i32LeS: 0x4c, i32LeU: 0x4d, i32GeS: 0x4e, i32GeU: 0x4f,
  f32Eq: 0x5b, f32Ne: 0x5c, f32Lt: 0x5d, f32Gt: 0x5e, f32Le: 0x5f, f64Eq: 0x61, f64Ne: 0x62, f64Lt: 0x63, f64Gt: 0x64, f64Le: 0x65,

  i32Add: 0x6a, i32Sub: 0x6b, i32Mul: 0x6c, i32DivS: 0x6d, i32DivU: 0x6e, i32RemS: 0x6f, i32RemU: 0x70,
  i32And: 0x71, i32Or: 0x72, i32Xor: 0x73, i32Shl: 0x74, i32ShrS: 0x75, i32ShrU: 0x76,
  i64Add: 0x7c, i64Sub: 0x7d, i64Mul: 0x7e, i64And: 0x83, i64Or: 0x84, i64Shl: 0x86, i64ShrS: 0x87, i64ShrU: 0x88,

  f32Abs: 0x8b, f32Neg: 0x8c, f32Ceil: 0x8d, f32Floor: 0x8e, f32Trunc: 0x8f, f32Nearest: 0x90, f32Sqrt: 0x91,
  f32Add: 0x92, f32Sub: 0x93, f32Mul: 0x94, f32Div: 0x95, f32Min: 0x96, f32Max: 0x97,
  f64Abs: 0x99, f64Neg: 0x9a, f64Ceil: 0x9b, f64Floor: 0x9c, f64Trunc: 0x9d, f64Nearest: 0x9e, f64Sqrt: 0x9f,
  f64Add: 0xa0, f64Sub: 0xa1, f64Mul: 0xa2, f64Div: 0xa3, f64Min: 0xa4, f64Max: 0xa5,

  i32WrapI64: 0xa7, i64ExtendI32S: 0xac, i64ExtendI32U: 0xad,
  f32ConvertI32S: 0xb2, f32DemoteF64: 0xb6, f64ConvertI32S: 0xb7, f64ConvertI64S: 0xb9, f64PromoteF32: 0xbb,
  i32ReinterpretF32: 0xbc, i64ReinterpretF64: 0xbd, f32ReinterpretI32: 0xbe, f64ReinterpretI64: 0xbf,
  i32TruncSatF32S: saturating + 0, i32TruncSatF64S: saturating + 2, memoryCopy: saturating + 10, memoryFill: saturating + 11,

  v128Load: simd + 0x00, v128Load32x2S: simd + 0x05, v128Load32Splat: simd + 0x09, v128Load64Splat: simd + 0x0a, v128Store: simd + 0x0b,
  v128Const: simd + 0x0c, i8x16Shuffle: simd + 0x0d, i32x4Splat: simd + 0x11, i64x2Splat: simd + 0x12, f32x4Splat: simd + 0x13, f64x2Splat: simd + 0x14,
  i32x4ExtractLane: simd + 0x1b, i32x4ReplaceLane: simd + 0x1c, i64x2ExtractLane: simd + 0x1d, i64x2ReplaceLane: simd + 0x1e,
  f32x4ExtractLane: simd + 0x1f, f32x4ReplaceLane: simd + 0x20, f64x2ExtractLane: simd + 0x21, f64x2ReplaceLane: simd + 0x22,
  i32x4Eq: simd + 0x37, i32x4Ne: simd + 0x38, i32x4LtS: simd + 0x39, i32x4LeS: simd + 0x3d,
  f32x4Eq: simd + 0x41, f32x4Ne: simd + 0x42, f32x4Lt: simd + 0x43, f32x4Le: simd + 0x45,
  f64x2Eq: simd + 0x47, f64x2Ne: simd + 0x48, f64x2Lt: simd + 0x49, f64x2Le: simd + 0x4b,
  v128Not: simd + 0x4d, v128And: simd + 0x4e, v128AndNot: simd + 0x4f, v128Or: simd + 0x50, v128Xor: simd + 0x51, v128Bitselect: simd + 0x52,
  v128Load32Lane: simd + 0x56, v128Load64Lane: simd + 0x57, v128Store32Lane: simd + 0x5a, v128Store64Lane: simd + 0x5b,
  v128Load32Zero: simd + 0x5c, v128Load64Zero: simd + 0x5d, f32x4DemoteF64x2Zero: simd + 0x5e, f64x2PromoteLowF32x4: simd + 0x5f,
  f32x4Ceil: simd + 0x67, f32x4Floor: simd + 0x68, f32x4Trunc: simd + 0x69, f32x4Nearest: simd + 0x6a,
  f64x2Ceil: simd + 0x74, f64x2Floor: simd + 0x75, f64x2Trunc: simd + 0x7a, f64x2Nearest: simd + 0x94,
  i32x4Abs: simd + 0xa0, i32x4Neg: simd + 0xa1, i32x4Shl: simd + 0xab, i32x4ShrS: simd + 0xac, i32x4ShrU: simd + 0xad,
  i32x4Add: simd + 0xae, i32x4Sub: simd + 0xb1, i32x4Mul: simd + 0xb5, i32x4MinS: simd + 0xb6, i32x4MaxS: simd + 0xb8,
  i64x2ExtendLowI32x4S: simd + 0xc7, i64x2ExtendLowI32x4U: simd + 0xc9, i64x2Shl: simd + 0xcb, i64x2ShrS: simd + 0xcc, i64x2ShrU: simd + 0xcd,
  i64x2Add: simd + 0xce, i64x2Sub: simd + 0xd1, i64x2Eq: simd + 0xd6, i64x2Ne: simd + 0xd7, i64x2ExtmulLowI32x4U: simd + 0xde, i64x2ExtmulHighI32x4U: simd + 0xdf,
  f32x4Abs: simd + 0xe0, f32x4Neg: simd + 0xe1, f32x4Sqrt: simd + 0xe3, f32x4Add: simd + 0xe4, f32x4Sub: simd + 0xe5, f32x4Mul: simd + 0xe6,
  f32x4Div: simd + 0xe7, f32x4Min: simd + 0xe8, f32x4Max: simd + 0xe9, f32x4Pmin: simd + 0xea, f32x4Pmax: simd + 0xeb,
  f64x2Abs: simd + 0xec, f64x2Neg: simd + 0xed, f64x2Sqrt: simd + 0xef, f64x2Add: simd + 0xf0, f64x2Sub: simd + 0xf1, f64x2Mul: simd + 0xf2,
  f64x2Div: simd + 0xf3, f64x2Min: simd + 0xf4, f64x2Max: simd + 0xf5, f64x2Pmin: simd + 0xf6, f64x2Pmax: simd + 0xf7,
  i32x4TruncSatF32x4S: simd + 0xf8, f32x4ConvertI32x4S: simd + 0xfa, i32x4TruncSatF64x2SZero: simd + 0xfc, f64x2ConvertLowI32x4S: simd + 0xfe,
} as const;

/** The bytes of a value type. */
export const valueType = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof valueType;

/** Bytes that a memory instruction reads or writes, as a power of two: the alignment that it promises at most. */
export const naturalAlignment: ReadonlyMap<number, number> = new Map<number, number>([
  [op.i32Load, 2], [op.f32Load, 2], [op.f64Load, 3], [op.i32Store, 2], [op.f32Store, 2], [op.f64Store, 3],
  [op.v128Load, 2], [op.v128Store, 2], [op.v128Load32x2S, 2], [op.v128Load32Splat, 2], [op.v128Load64Splat, 3],
  [op.v128Load32Zero, 2], [op.v128Load64Zero, 2], [op.v128Load32Lane, 2], [op.v128Load64Lane, 2], [op.v128Store32Lane, 2], [op.v128Store64Lane, 2],
]);
