/** What both entries publish besides `createTrainer`. */
export { createDataset, Dataset, type DatasetOptions } from "../data/dataset.ts";
export { field, ragged, scalarField, type Field, type Fields, type Row } from "../data/fields.ts";
export type { Evaluation, TrainerEvent } from "./events.ts";
export { TrainingError } from "./training-error.ts";
export { decodeTensors, encodeTensors, type TensorFile } from "./safetensors.ts";
export type {
  FitOptions,
  LoadOptions,
  ModelInputs,
  ModelResult,
  Optimizer,
  Position,
  Prediction,
  Trainer,
  TrainerOptions,
} from "./types.ts";
