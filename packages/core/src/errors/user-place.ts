/** Places in the user's code, found in stacks. */
const here = (import.meta as { readonly url?: string }).url ?? "";

/** The trees that hold this library, given where this module lies: compiled code, and the sources that source maps lead to. */
export function homesOf(url: string): string[] {
  const home = url.replace(/^file:\/\//, "").replace(/errors\/user-place\.[jt]s$/, "");
  const twin = home.replace(/\/(dist|src)\/$/, (_, tree: string) =>
    tree === "dist" ? "/src/" : "/dist/",
  );
  const packages = ["core", "workers", "gpu", "cli"].flatMap((name) => [
    `@scan-train/${name}/dist/`,
    `@scan-train/${name}/src/`,
  ]);
  const siblings = [home, twin].flatMap((tree) =>
    ["workers", "gpu", "cli"].map((name) =>
      tree.replace(/\/core\/(dist|src)\/$/, (_, part: string) => `/${name}/${part}/`),
    ),
  );
  const programs = siblings.map((tree) => tree.replace(/\/(dist|src)\/$/, "/bin/"));
  return [home, twin, ...siblings, ...programs, ...packages].filter((x) => x !== "");
}

const homes = homesOf(here);

/** Code that users did not write: Node's own, and installed packages, such as what reads a command line. */
const foreign = /node:|[\\/]node_modules[\\/]/;

/** The innermost place of a stack that is neither in `skipped` trees nor in Node or an installed package. */
export function userPlace(stack: string, skipped: readonly string[] = homes): string | undefined {
  for (const line of stack.split("\n").slice(1)) {
    if (foreign.test(line) || skipped.some((tree) => line.includes(tree))) continue;
    const place = /\(?((?:file:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place !== undefined) return place.replace(/^file:\/\//, "");
  }
  return undefined;
}

interface StackTraceLimit {
  stackTraceLimit?: number;
}

/** An error whose stack reaches `depth` frames down, whatever the limit is. */
export function deepStack(depth: number): Error {
  const limits = Error as StackTraceLimit;
  const old = limits.stackTraceLimit;
  limits.stackTraceLimit = depth;
  const error = new Error("place");
  if (old !== undefined) limits.stackTraceLimit = old;
  return error;
}
