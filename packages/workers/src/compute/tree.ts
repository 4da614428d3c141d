/** The one order in which shards are added: neighbours first, then neighbouring sums. It depends on nothing but their number. */
export function treeSum<T>(items: readonly T[], add: (x: T, y: T) => T): T | undefined {
  let level: readonly T[] = items;
  while (level.length > 1) {
    const next: T[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [x, y] = level.slice(i, i + 2);
      if (x !== undefined) next.push(y === undefined ? x : add(x, y));
    }
    level = next;
  }
  return level[0];
}
