/** Where the user made something: captured cheaply, formatted only when a message needs it. */
const here = (import.meta as { readonly url?: string }).url ?? "";
const homes = homesOf(here);

interface StackTraceLimit {
  stackTraceLimit?: number;
}

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
    return userPlace(this.#error.stack ?? "", homes) ?? "unknown place";
  }
}

/** The trees that hold this library, given where this module lies: compiled code, and the sources that source maps lead to. */
export function homesOf(url: string): string[] {
  const home = url.replace(/^file:\/\//, "").replace(/graph\/site\.[jt]s$/, "");
  const twin = home.replace(/\/(dist|src)\/$/, (_, tree: string) =>
    tree === "dist" ? "/src/" : "/dist/",
  );
  return [home, twin, "@scan-train/core/dist/", "@scan-train/core/src/"].filter((x) => x !== "");
}

/** The innermost place of a stack that is neither in `skipped` trees nor in Node. */
export function userPlace(stack: string, skipped: readonly string[]): string | undefined {
  for (const line of stack.split("\n").slice(1)) {
    if (line.includes("node:") || skipped.some((tree) => line.includes(tree))) continue;
    const place = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place !== undefined) return place.replace(/^file:\/\//, "");
  }
  return undefined;
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
