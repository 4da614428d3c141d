/** Files from memory, on localhost. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import type { ServedFiles } from "./bundle.ts";

export interface Server {
  /** "http://localhost:PORT/" */
  readonly url: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Whether pages get the headers that give them SharedArrayBuffer. */
  readonly isolated: boolean;
}

const types: Readonly<Record<string, string>> = {
  "": "text/html",
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** Serves `files` at a free port. */
export async function serve(files: ServedFiles, { isolated }: ServeOptions): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const content = files.get(pathname);
    const type = types[extname(pathname)] ?? "application/octet-stream";
    response.writeHead(content === undefined ? 404 : 200, {
      "Content-Type": type,
      "Cache-Control": "no-store",
      ...(isolated ? isolation : {}),
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
