/** The engine that will compile modules, as far as it decides how fast they are. Nothing here changes a bit under portable numerics. */
import { relaxedProbe } from "../backend/wasm/relaxed-probe.ts";
import { tilesFor, type Tiles } from "../backend/wasm/kernels/tile.ts";

/** How the products of a module are written. */
export interface ProductStyle {
  readonly tiles: Tiles;
  readonly isWide: boolean;
  readonly isRelaxed: boolean;
}

interface Host {
  readonly process?: { readonly versions?: { readonly v8?: string } };
  readonly navigator?: { readonly userAgent?: string };
}

let isWide = false;

/**
 * Says whether the engine joins neighbouring vectors of modules that are compiled from now on: their tiles are wider then.
 * Whoever changes the engine's mode says so; `enableWideSimd` of `@scan-train/workers/node` does.
 */
export function setWideSimd(isOn: boolean): void {
  isWide = isOn;
}

/** The style for modules that are compiled now. */
export function productStyle(numerics: "portable" | "fast"): ProductStyle {
  const isRelaxed = numerics === "fast" && WebAssembly.validate(relaxedProbe());
  return {
    isWide,
    isRelaxed,
    tiles: tilesFor({ v8: v8Version(globalThis as object), isWide, isRelaxed }),
  };
}

/** The major version of V8: Node tells it, and Chromium's own version is ten times that. */
export function v8Version({ process, navigator }: Host): number | undefined {
  const ofNode = process?.versions?.v8;
  if (ofNode !== undefined) return wholeNumber(ofNode.split(".")[0]);
  const chromium = /Chrom(?:e|ium)\/(\d+)\./.exec(navigator?.userAgent ?? "")?.[1];
  const version = wholeNumber(chromium);
  return version === undefined ? undefined : Math.floor(version / 10);
}

function wholeNumber(text: string | undefined): number | undefined {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isNaN(number) ? undefined : number;
}
