/** Matrix products: how fast, beside other libraries. */
import { roundsOf, type Effort } from "./arguments.ts";
import { figureOf, ratioOfTurns, type Figure } from "./figure.ts";
import { inFreshProcess } from "./fresh-process.ts";
import { together, type Summary } from "./statistics.ts";

/** [m, k] times [k, n]. */
export type ProductShape = readonly [m: number, k: number, n: number];

export const productShapes: readonly ProductShape[] = [
  [1, 50, 50],
  [1, 512, 2048],
  [32, 64, 256],
  [32, 128, 512],
  [32, 512, 2048],
  [64, 256, 768],
  [512, 512, 512],
  [1024, 1024, 1024],
];

export interface GemmResult {
  readonly shape: ProductShape;
  /** Ours with the right matrix shared, ours with both given, then the peers. Milliseconds of a call. */
  readonly ways: readonly { readonly name: string; readonly summary: Summary }[];
}

/** All shapes in rounds: what slows the machine down for some seconds does not stay with one of them. */
export function measureGemm(effort: Effort): readonly GemmResult[] {
  const rounds = Array.from({ length: roundsOf(effort, 3) }, () =>
    productShapes.map((shape) =>
      inFreshProcess<GemmResult>("gemm", [...shape.map(String), effort]),
    ),
  );
  return productShapes.map((shape, i) => ({
    shape,
    ways: waysOf(rounds.flatMap((results) => results[i] ?? [])),
  }));
}

/** The ways of the same shape, each from all of its processes. */
export function waysOf(results: readonly GemmResult[]): GemmResult["ways"] {
  const [first] = results;
  return (first?.ways ?? []).map(({ name }, i) => ({
    name,
    summary: together(results.flatMap(({ ways }) => ways[i]?.summary ?? [])),
  }));
}

/** Multiply-add = 2. */
export const productGigaflop = ([m, k, n]: ProductShape): number => (2 * m * k * n) / 1e9;

/** GFLOP/s of the best call. */
export function gigaflopsPerSecond(shape: ProductShape, { min }: Pick<Summary, "min">): number {
  return (1000 * productGigaflop(shape)) / min;
}

export const shapeText = (shape: ProductShape): string => shape.join(" x ");

export function gemmFigures(results: readonly GemmResult[]): readonly Figure[] {
  return results.flatMap(({ shape, ways: [own, ...others] }) => {
    if (own === undefined) return [];
    const rates = own.summary.minima.map((min) => gigaflopsPerSecond(shape, { min }));
    const rate = gigaflopsPerSecond(shape, own.summary);
    const named = { part: "gemm", name: shapeText(shape), unit: "GFLOP/s" } as const;
    return [
      figureOf({ ...named, kind: "absolute" }, rate, [rate, ...rates]),
      ...others.map(({ name, summary }) =>
        ratioOfTurns(
          { part: "gemm", name: `${shapeText(shape)}: ${name} / ${own.name}` },
          summary,
          own.summary,
        ),
      ),
    ];
  });
}
