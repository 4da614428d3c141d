/** For packages that bring a backend or own memory and threads: the loop IR, compiled plans, and how options are checked. */
export { compilePlan, compileProgram, type CompiledPlan } from "./api/compile-plan.ts";
export { asyncWasm, isDeviceBackend, type Backend, type DeviceBackend } from "./api/backend.ts";
export { warn } from "./errors/warnings.ts";
export { runCheck, type Sizes } from "./graph/evaluate.ts";
export type { SizeCheck } from "./graph/op.ts";
export { HostHolder } from "./graph/host-holder.ts";
export type { SharedCell, SharedHolder } from "./graph/tensor.ts";
export { isDType, type DType } from "./graph/dtype.ts";
export { NDArray } from "./graph/ndarray.ts";
export { callSizes, Executable, type Binding } from "./runtime/executable.ts";
export { setWideSimd } from "./runtime/engine.ts";
export { Allocator } from "./runtime/allocator.ts";
export { align } from "./runtime/plan-bytes.ts";
export type {
  Device,
  DeviceArray,
  DeviceCall,
  DeviceData,
  DeviceExecutable,
  DeviceProgram,
  TypeUse,
  DeviceResult,
} from "./runtime/device.ts";
export {
  bytesOf,
  type ExecutablePlan,
  type PlanArray,
  type PlanShared,
  type ProgramPlan,
} from "./runtime/executable-plan.ts";
export { ArgumentError, InternalError, UnsupportedError } from "./errors/errors.ts";
export { unknownOption, type OptionProblem } from "./errors/known-options.ts";
export {
  ceilDivSizes,
  constantSize,
  evaluateSize,
  floorDivSizes,
  minSizes,
  mulSizes,
  sizeSymbols,
  symbolSize,
  type Size,
  type SizeEnvironment,
} from "./size/size.ts";
export {
  exprOperands,
  postOrder,
  statementBody,
  statementExprs,
  statementIndexes,
} from "./loop-ir/walk.ts";
export {
  binary,
  binaryTypes,
  compare,
  convert,
  ifStatement,
  literal,
  load,
  positionOf,
  readVar,
  scalarVar,
  select,
  unary,
  unaryTypes,
} from "./loop-ir/build.ts";
export { addIndexes, constantIndex, indexOf, indexVar, zeroIndex } from "./loop-ir/index-expr.ts";
export { readAheadBytes } from "./backend/wasm/frame.ts";
export { interpret } from "./backend/interpreter/interpret.ts";
export { expandPrefixes } from "./loop-ir/expand-prefix.ts";
export { printProgram } from "./loop-ir/print.ts";
export type * from "./loop-ir/types.ts";
export { scalarFunction } from "./loop-ir/scalar-function.ts";
