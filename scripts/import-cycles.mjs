/**
 * One shortest cycle through the first file (by name) of each knot of files that import each other; the first file is
 * repeated at the end.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph file to the files it imports
 * @returns {string[][]}
 */
export function findCycles(graph) {
  /** @type {string[][]} */
  const cycles = [];
  const done = new Set();
  for (const file of [...graph.keys()].sort()) {
    if (done.has(file)) continue;
    const cycle = shortestCycle(graph, file);
    if (cycle === undefined) continue;
    cycles.push(cycle);
    for (const member of knotOf(graph, file)) done.add(member);
  }
  return cycles;
}

/**
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @param {string} start
 */
function shortestCycle(graph, start) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map();
  const queue = [start];
  for (const file of queue) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return [...pathTo(cameFrom, start, file), start];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}

/**
 * @param {ReadonlyMap<string, string>} cameFrom
 * @param {string} start
 * @param {string} end
 */
function pathTo(cameFrom, start, end) {
  const path = [end];
  for (let file = end; file !== start;) {
    file = cameFrom.get(file) ?? start;
    path.unshift(file);
  }
  return path;
}

/**
 * The files that `start` reaches and that reach `start`.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @param {string} start
 */
function knotOf(graph, start) {
  /** @type {Map<string, string[]>} */
  const backwards = new Map();
  for (const [file, targets] of graph) {
    for (const target of targets) backwards.set(target, [...(backwards.get(target) ?? []), file]);
  }
  const ahead = reachedFrom(graph, [start]);
  return [...reachedFrom(backwards, [start])].filter((file) => ahead.has(file));
}

/**
 * The starts and all that can be reached from them.
 *
 * @param {ReadonlyMap<string, readonly string[]>} graph
 * @param {readonly string[]} starts
 */
export function reachedFrom(graph, starts) {
  const seen = new Set(starts);
  for (const file of seen) for (const next of graph.get(file) ?? []) seen.add(next);
  return seen;
}
