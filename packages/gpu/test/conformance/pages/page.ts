/** What the tests call in a page. */
import { runCases, type Checked, type EveryNth } from "./run-cases.ts";

export { runCases };

interface PageWorker {
  onmessage: ((event: { readonly data: readonly Checked[] | string }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}
declare const Worker: new (url: URL, options: { readonly type: "module" }) => PageWorker;

/** The same in a Web Worker of the page. */
export function runCasesInWorker(
  backendName: "wasm" | "webgpu",
  which: EveryNth,
): Promise<readonly Checked[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }) => {
      worker.terminate();
      if (typeof data === "string") reject(new Error(data));
      else resolve(data);
    };
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage([backendName, which]);
  });
}
