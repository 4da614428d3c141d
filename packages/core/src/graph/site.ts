/** Where the user made something: captured cheaply, formatted only when a message needs it. */
import { deepStack, userPlace } from "../errors/user-place.ts";

/** What a node does for what the user wrote there: compute it, or derive it in reverse or forward mode. */
export type Pass = "value" | "backward" | "tangent";

/** A place in the user's code. */
export class Site {
  readonly #error: Error;
  readonly pass: Pass;

  constructor(error: Error, pass: Pass = "value") {
    this.#error = error;
    this.pass = pass;
  }

  /** The same place, for what derives it. */
  derived(pass: Pass): Site {
    return new Site(this.#error, pass);
  }

  /** `dir/file.ts:41:18`, or `unknown place`. */
  toString(): string {
    return userPlace(this.#error.stack ?? "") ?? "unknown place";
  }
}

let inherited: Site | undefined;

/** The site of something made now: the inherited one inside `withSite`, else the caller's. */
export function currentSite(): Site {
  if (inherited !== undefined) return inherited;
  return new Site(deepStack(30));
}

/** Runs `make`; everything it makes gets `site`: gradients and rewrites inherit the place of what they come from. */
export function withSite<T>(site: Site, make: () => T): T {
  const old = inherited;
  inherited = site;
  try {
    return make();
  } finally {
    inherited = old;
  }
}
