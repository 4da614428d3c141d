/** Networks in the user's words: initialisers, cells that scan runs, layers, losses. */
export {
  attend,
  attention,
  zeroPadding,
  type Attended,
  type AttentionOptions,
  type ValidRows,
} from "./nn/attention.ts";
export type { Cell, CellOptions, GatedCell, HiddenState } from "./nn/cell.ts";
export { ctcLoss, type CtcOptions } from "./nn/ctc.ts";
export { gru } from "./nn/gru.ts";
export {
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  orthogonal,
  svd,
  uniform,
  uniformWithin,
  unishape,
  zero,
  type Initializer,
  type Key,
} from "./nn/initializers.ts";
export { layerNormLstm } from "./nn/layer-norm-lstm.ts";
export {
  dense,
  embedding,
  sequential,
  type DenseOptions,
  type EmbeddingOptions,
  type Layer,
  type SequenceOptions,
} from "./nn/layers.ts";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  meanSquaredError,
} from "./nn/losses.ts";
export { linearRecurrence, type LinearRecurrenceOptions } from "./nn/linear-recurrence.ts";
export { lstm, type LstmOptions, type LstmState } from "./nn/lstm.ts";
export { mgu, type MguOptions } from "./nn/mgu.ts";
export { parameter, type FloatDType } from "./nn/parameter.ts";
export { peepholeLstm } from "./nn/peephole-lstm.ts";
export {
  recurrentDropout,
  type Counted,
  type RecurrentDropoutOptions,
} from "./nn/recurrent-dropout.ts";
export { rnn, type RnnOptions } from "./nn/rnn.ts";
export { bidirectional, layer, run, type Run, type RunOptions } from "./nn/sequences.ts";
export {
  residual,
  stacked,
  type CellsOf,
  type NestedState,
  type ResidualState,
  type StackedState,
} from "./nn/stacked.ts";
export { stateGradients } from "./nn/state-gradients.ts";
