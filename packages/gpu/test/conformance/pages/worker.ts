/** The cases in a Web Worker. */
import { runCases } from "./run-cases.ts";

interface WorkerScope {
  onmessage: ((event: { readonly data: Parameters<typeof runCases> }) => void) | null;
  postMessage(message: unknown): void;
}
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a worker has, and Node's types do not say
const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data }) => {
  void runCases(...data).then(
    (checked) => scope.postMessage(checked),
    (error: unknown) => scope.postMessage(String(error)),
  );
};
