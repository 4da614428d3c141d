/** What is known of an adapter when kernels are chosen: nothing is timed, so that a run repeats itself. */
export interface KernelTraits {
  /** Storage buffers that a kernel may bind; one that needs more sees all memory as one array. */
  readonly mostBindings: number;
  /** Loop counters as immediates, where the language has them. */
  readonly immediates: boolean;
  /** `barriers`: workgroups that share memory and wait for each other, for real GPUs; `plain`: each invocation for itself, for software. */
  readonly workgroups: "barriers" | "plain";
}

/** What every adapter can do. */
export const defaultTraits: KernelTraits = {
  mostBindings: 8,
  immediates: false,
  workgroups: "plain",
};
