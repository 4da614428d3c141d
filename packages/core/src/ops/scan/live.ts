/** Which of a loop's carries take part in a derivative: a fixed point over one step. */

/**
 * Grows `live` until a step adds nothing. `step(live)` says which entries one step reaches from the live ones.
 * Ends after at most as many rounds as there are entries.
 */
export function liveFixpoint(
  initial: readonly boolean[],
  step: (live: readonly boolean[]) => readonly boolean[],
): boolean[] {
  let live = [...initial];
  for (;;) {
    const reached = step(live);
    const next = live.map((alive, i) => alive || reached[i] === true);
    if (next.every((alive, i) => alive === live[i])) return next;
    live = next;
  }
}
