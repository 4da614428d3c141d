/** scan-train: symbolic loops, exact gradients, one WebAssembly module. */
import "./api/methods.ts";

export type { DataOf, DType, Promote } from "./graph/dtype.ts";
export { NDArray, type Nested } from "./graph/ndarray.ts";
export { Tensor } from "./graph/tensor.ts";
export {
  ArgumentError,
  DTypeError,
  GradientError,
  NumericError,
  GraphError,
  IndexError,
  InternalError,
  ScanTrainError,
  ShapeError,
  UnsupportedError,
} from "./errors/errors.ts";
export { onWarning, type Warning } from "./errors/warnings.ts";
export type { Size } from "./size/size.ts";

export {
  matrix,
  scalar,
  tensor,
  tensor3,
  tensor4,
  vector,
  type ShapedOptions,
  type SizeSpec,
  type TensorOptions,
} from "./api/tensors.ts";
export { shared, Shared, type SharedOptions } from "./api/shared.ts";
export type { ShapedData, TensorValue } from "./api/values.ts";
export type { TensorMethods } from "./api/methods.ts";

export * from "./ops/arithmetic.ts";
export { pow } from "./ops/pow.ts";
export * from "./ops/compare.ts";
export { and, not, or, where, xor } from "./ops/logic.ts";
export * from "./ops/transcendental.ts";
export * from "./ops/inverse-functions.ts";
export { sum } from "./ops/broadcast.ts";
export { all, any, max, mean, min, prod } from "./ops/axes.ts";
export { argmax, argmin } from "./ops/argmax.ts";
export { dot, matmulBatched as matmul, outer } from "./ops/dot.ts";
export { constant, fullLike, onesLike, zerosLike } from "./ops/constant.ts";
export {
  arange,
  broadcastTo,
  full,
  oneHot,
  ones,
  reshape,
  size,
  sliceAxis,
  zeros,
  type SizeLike,
} from "./api/shapes.ts";
export { cast } from "./ops/cast.ts";
export {
  dimshuffle,
  expandDims,
  moveAxis,
  squeeze,
  transpose,
  type AxisPattern,
} from "./ops/dimshuffle.ts";
export { flatten } from "./ops/reshape.ts";
export { concatenate, split, stack, unstack } from "./ops/concatenate.ts";
export { reverse } from "./ops/slice.ts";
export { incSubtensor, index, setSubtensor, type IndexEntry, type Slice } from "./api/indexing.ts";
export { take } from "./ops/subtensor.ts";
export { takeAlongLast } from "./ops/take-along.ts";
export { logSoftmax, logSumExp, softmax } from "./ops/softmax.ts";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits, crossEntropy } from "./ops/losses.ts";
export { gradClip, gradReverse, gradScale, stopGradient } from "./ops/gradient-walls.ts";

export { scan } from "./api/scan/scan.ts";
export {
  scanCheckpoints,
  type ScanCheckpointsOptions,
  type ScanCheckpointsResult,
} from "./api/scan/scan-checkpoints.ts";
export { foldl, foldr, map, reduce, type FoldResult } from "./api/scan/folds.ts";
export { associativeScan, type AssociativeScanOptions } from "./api/associative-scan.ts";
export { stepResult, type StepExtras } from "./api/scan/step-result.ts";
export { dropUpdates } from "./api/scan/pending-updates.ts";
export { reverseSequence } from "./api/scan/reverse-sequence.ts";
export type {
  OutputInfo,
  Outputs,
  Plain,
  ScanOptions,
  ScanResult,
  SequenceInput,
  SequenceSpec,
  Stacked,
  StateSpec,
  StepResult,
  Taps,
  Update,
} from "./api/scan/types.ts";
export type { PositionalOptions, StepArgs, StepOut } from "./api/scan/positional.ts";
export type {
  NamedArgs,
  NamedResult,
  NamedSequence,
  NamedSpec,
  NamedState,
  NamedTaps,
} from "./api/scan/named.ts";

export { grad, jvp, vjp, type MaybeMatching } from "./api/grad.ts";
export type { Matching } from "./api/derivatives.ts";
export type { GradOptions, KnownGrads } from "./api/grad-options.ts";
export { hessian, hessianVectorProduct, jacobian, type JacobianOptions } from "./api/jacobian.ts";
export { customGrad, type CustomGradSpec } from "./api/custom-grad.ts";
export {
  defineOp,
  type DefinedOp,
  type InputTensors,
  type OpDefinition,
  type OpExample,
} from "./api/define-op.ts";
export type { OpInput, OpType } from "./api/op-types.ts";
export { checkOp, type OpFailure, type OpReport } from "./api/check-op.ts";
export type {
  Pullback,
  PullbackArguments,
  Pushforward,
  PushforwardArguments,
} from "./api/derivative-rules.ts";
export {
  gradCheck,
  type GradCheckOptions,
  type GradReport,
  type WorstEntry,
} from "./api/grad-check.ts";
export { evaluate, type Evaluated, type Expressions, type GivenValues } from "./api/evaluate.ts";
export { print } from "./api/print.ts";
export { printDot } from "./api/print-dot.ts";
export { printValue, type PrintOptions } from "./ops/print-value.ts";
export type { Printed, PrintedStep, WorkTime } from "./runtime/host-log.ts";
export type { CallMemory } from "./runtime/call-plan.ts";
export type { CallSizes } from "./api/call-memory.ts";
export type { Profile } from "./api/profile.ts";

export { compile } from "./api/compile.ts";
export type { CompiledFunction, CompileSpec } from "./api/compile-spec.ts";
export { wasm, type Backend } from "./api/backend.ts";
export { Store } from "./runtime/store.ts";
