/** What the tests of the harness call in a page. */

export const isIsolated = (): boolean => Reflect.get(globalThis, "crossOriginIsolated") === true;

export const add = (x: number, y: number): Promise<number> => Promise.resolve(x + y);

export function complain(text: string): void {
  console.error(text);
}

export function failLater(text: string): void {
  setTimeout(() => {
    throw new Error(text);
  });
}

/** The answer of a worker that the bundler found. */
export function askWorker(): Promise<unknown> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    worker.onmessage = ({ data }) => {
      resolve(data);
      worker.terminate();
    };
  });
}

interface MinimalWorker {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  terminate(): void;
}
declare const Worker: new (url: URL, options: { readonly type: "module" }) => MinimalWorker;
