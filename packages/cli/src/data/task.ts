/** What a sequence is made of: characters, or steps of a fixed number of numbers. */
export type InputKind = "text" | "numbers";

/**
 * What is to be learnt: one label or one number for a sequence, a label or numbers for each of its steps, or each next
 * character of a text.
 */
export type TargetKind = "label" | "number" | "step-label" | "step-number" | "next";

/** The question that a model answers. */
export interface Task {
  readonly input: InputKind;
  readonly target: TargetKind;
}

/** Numbers of a sequence: `[steps][features]`. */
export type Steps = readonly (readonly number[])[];

export type InputValue = string | Steps;
export type TargetValue = string | number | readonly string[] | Steps | undefined;

/** One sequence with its answer, checked but not yet encoded. */
export interface Example {
  /** Where in its file it stands, if it came from one. */
  readonly line?: number;
  readonly input: InputValue;
  /** undefined for next characters, which the text itself holds. */
  readonly target: TargetValue;
}

/** Whether the answer is given at every step. */
export function isPerStep(target: TargetKind): boolean {
  return target === "step-label" || target === "step-number" || target === "next";
}

/** Whether the answer is one of several, as opposed to a number. */
export function isCategorical(target: TargetKind): boolean {
  return target === "label" || target === "step-label" || target === "next";
}

/** The task in words: `text -> label`. */
export function describeTask({ input, target }: Task): string {
  const inputs = { text: "text", numbers: "numbers" } satisfies Record<InputKind, string>;
  const targets = {
    label: "label",
    number: "number",
    "step-label": "a label per step",
    "step-number": "numbers per step",
    next: "next character",
  } satisfies Record<TargetKind, string>;
  return `${inputs[input]} -> ${targets[target]}`;
}
