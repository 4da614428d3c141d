/** Says hello from a worker. */
declare function postMessage(message: unknown): void;

postMessage("hello from a worker");
