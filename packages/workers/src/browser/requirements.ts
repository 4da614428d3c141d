/** What training needs of a page, and what to do where it is missing. */
import { UnsupportedError } from "@scan-train/core";

/** A module with one function, whose body is one vector instruction. */
const vectorModule = [
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02,
  0x01, 0x00, 0x0a, 0x09, 0x01, 0x07, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x1a, 0x0b,
];

interface Page {
  readonly Worker?: unknown;
  readonly WebAssembly?: { validate(bytes: Uint8Array<ArrayBuffer>): boolean };
}

/** @throws UnsupportedError PAGE_FEATURE */
export function requirePage(page: Page = globalThis): void {
  if (typeof page.Worker !== "function")
    throw missing(
      "Web Workers",
      "call createTrainer in a page, or in a browser whose workers start workers; on a server import @scan-train/workers/node",
    );
  const { WebAssembly } = page;
  if (WebAssembly === undefined)
    throw missing(
      "WebAssembly",
      "it is switched off in some hardened browsers; allow it for this site, or take another browser",
    );
  if (!WebAssembly.validate(Uint8Array.from(vectorModule)))
    throw missing(
      "vectors in WebAssembly (SIMD)",
      "take a newer browser: Chrome 91, Firefox 89, Safari 16.4, or later",
    );
}

function missing(feature: string, hint: string): UnsupportedError {
  return new UnsupportedError("PAGE_FEATURE", `training in a page needs ${feature}`, { hint });
}
