/** This side of a worker; the types of pages do not know it. */
interface WorkerScope {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a dedicated worker's global scope
const scope = globalThis as unknown as WorkerScope;

/** Messages of the page, one after the other, and a way to answer. `In` and `Out` are what both sides agreed on. */
export function thread<In, Out>(
  handle: (message: In) => Promise<void> | void,
  failed: (message: string) => Out,
): (message: Out, transfer?: Transferable[]) => void {
  const post = (message: Out, transfer: Transferable[] = []): void => {
    scope.postMessage(message, transfer);
  };
  scope.addEventListener("message", ({ data }) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the page sends nothing else
    const message = data as In;
    void (async () => {
      try {
        await handle(message);
      } catch (error) {
        post(failed(error instanceof Error ? error.message : String(error)));
      }
    })();
  });
  return post;
}
