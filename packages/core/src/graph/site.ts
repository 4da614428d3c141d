/** Where the user made something: captured cheaply, formatted only when a message needs it. */
const here = (import.meta as { readonly url?: string }).url ?? "";
const home = here.replace(/graph\/site\.[jt]s$/, "");
const homePath = home.replace(/^file:\/\//, "");

interface StackTraceLimit {
  stackTraceLimit?: number;
}

/** A place in the user's code. */
export class Site {
  readonly #error: Error;

  constructor(error: Error) {
    this.#error = error;
  }

  /** `dir/file.ts:41:18`, or `unknown place`. */
  toString(): string {
    for (const line of (this.#error.stack ?? "").split("\n").slice(1)) {
      if (
        line.includes(home) ||
        line.includes(homePath) ||
        line.includes("@scan-train/core/dist/") ||
        line.includes("node:")
      )
        continue;
      const place = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(line)?.[1];
      if (place !== undefined) return place.replace(/^file:\/\//, "");
    }
    return "unknown place";
  }
}

let inherited: Site | undefined;

/** The site of something made now: the inherited one inside `withSite`, else the caller's. */
export function currentSite(): Site {
  if (inherited !== undefined) return inherited;
  const limits = Error as StackTraceLimit;
  const old = limits.stackTraceLimit;
  limits.stackTraceLimit = 30;
  const error = new Error("site");
  if (old !== undefined) limits.stackTraceLimit = old;
  return new Site(error);
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
