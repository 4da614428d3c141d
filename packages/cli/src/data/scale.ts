/** Mean and standard deviation of each number of a step, so that a model sees numbers of about the size 1. */
export interface Scale {
  readonly mean: readonly number[];
  /** 1 where all numbers are equal. */
  readonly deviation: readonly number[];
}

/** The scale of steps `[n][features]`, in two passes. */
export function fitScale(steps: readonly (readonly number[])[]): Scale {
  const width = steps[0]?.length ?? 0;
  const indices = Array.from({ length: width }, (_, index) => index);
  const mean = indices.map((index) => sum(steps, (step) => step[index] ?? 0) / steps.length);
  const deviation = indices.map((index) => {
    const centre = mean[index] ?? 0;
    const squares = sum(steps, (step) => square((step[index] ?? 0) - centre));
    const value = Math.sqrt(squares / steps.length);
    return value > 0 ? value : 1;
  });
  return { mean, deviation };
}

/** The number `value` of feature `index` as the model sees it. */
export function scaled(scale: Scale, index: number, value: number): number {
  return (value - (scale.mean[index] ?? 0)) / (scale.deviation[index] ?? 1);
}

/** The opposite of {@link scaled}. */
export function unscaled(scale: Scale, index: number, value: number): number {
  return value * (scale.deviation[index] ?? 1) + (scale.mean[index] ?? 0);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function square(value: number): number {
  return value * value;
}
