/** Warnings: what the user asked to be told of, without an error. */

export interface Warning {
  /** A stable identifier, as errors have. */
  readonly code: string;
  readonly message: string;
}

type Listener = (warning: Warning) => void;

const listeners = new Set<Listener>();

/**
 * Calls `listener` with every warning from now on; the result ends that. While nobody listens, warnings go to `console.warn`.
 * @example const stop = onWarning(({ message }) => log(message));
 */
export function onWarning(listener: Listener): () => void {
  const own: Listener = (warning) => listener(warning);
  listeners.add(own);
  return () => {
    listeners.delete(own);
  };
}

/** Tells the listeners. */
export function warn(warning: Warning): void {
  if (listeners.size === 0) {
    // oxlint-disable-next-line no-console -- what was asked for is said somewhere
    console.warn(warning.message);
    return;
  }
  for (const listener of listeners) listener(warning);
}
