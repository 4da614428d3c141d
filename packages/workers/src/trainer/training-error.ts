/** The error of a step that must not be committed. */
import { ScanTrainError } from "@scan-train/core";

/** Training cannot go on; the parameters are those before the step. */
export class TrainingError extends ScanTrainError {}
