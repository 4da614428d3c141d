/** What a page and its workers have, as far as it is used here; types for Node and for pages do not go together. */

import { UnsupportedError } from "@scan-train/core";
import { createSharedMemory } from "../compute/memory.ts";

export interface WorkerErrorEvent {
  readonly message?: string;
  preventDefault(): void;
}

type Listener = (event: WorkerErrorEvent) => void;

export interface WebWorker {
  postMessage(message: unknown, transfer?: readonly object[]): void;
  terminate(): void;
  addEventListener(type: string, listener: Listener): void;
  removeEventListener(type: string, listener: Listener): void;
}

/** Web Locks: a name that one holder has at a time, until it lets go or ends. */
export interface Locks {
  request<T>(name: string, callback: () => T | Promise<T>): Promise<T>;
}

interface PageNavigator {
  readonly hardwareConcurrency?: number;
  /** In pages from https or localhost. */
  readonly locks?: Locks;
}

declare const navigator: PageNavigator;
/** Whether the page's headers keep other pages out of its process, which memory that is shared takes. */
declare const crossOriginIsolated: boolean | undefined;
declare const Worker: new (url: URL, options: { readonly type: "module" }) => WebWorker;

export const pageLocks = (): Locks | undefined => navigator.locks;
export const hardwareThreads = (): number =>
  typeof navigator === "undefined" ? 1 : (navigator.hardwareConcurrency ?? 1);

/** Some devices isolate pages, and then have no room for a memory that may grow where it is shared. */
export function canShareMemory(): boolean {
  const isIsolated = typeof crossOriginIsolated === "boolean" && crossOriginIsolated;
  if (!isIsolated || typeof SharedArrayBuffer !== "function") return false;
  try {
    createSharedMemory();
    return true;
  } catch {
    return false;
  }
}

/** A new worker. @throws UnsupportedError PAGE_WORKER where the page may not start it */
export function startWorker(): WebWorker {
  try {
    // Bundlers look for just this expression.
    return new Worker(new URL("../browser-worker.js", import.meta.url), { type: "module" });
  } catch (cause) {
    throw new UnsupportedError("PAGE_WORKER", "the page may not start the trainer's workers", {
      notes: [cause instanceof Error ? cause.message : String(cause)],
      hint: "serve browser-worker.js from the page's own origin, and allow it in a Content-Security-Policy (worker-src)",
      cause,
    });
  }
}
