// `npm run demo`: builds the page and serves it on localhost. Nothing else is needed, the network neither.
import { createServer } from "node:net";
import { join } from "node:path";
import { TaskError, root } from "./command.mjs";

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const usualPort = 5173;

/**
 * @param {readonly string[]} args `--port NUMBER`, `--no-isolation`
 */
export async function demo(args) {
  const rest = [...args];
  /** @type {number | undefined} */
  let wanted;
  let isolated = true;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--no-isolation") isolated = false;
    else if (word === "--port") wanted = Number(rest.shift());
    else
      throw new TaskError(
        `npm run demo has no option ${word}; it has --port NUMBER, --no-isolation`,
      );
  }
  const port = wanted ?? usualPort;
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new TaskError("--port takes a number from 1 to 65535");
  // Before the page is built, which takes seconds.
  const isTaken = !(await isFree(port));
  if (isTaken && wanted !== undefined)
    throw new TaskError(
      `port ${port} is taken: end what listens there, or leave --port out for the next free port`,
    );
  const { build, preview } = await import("vite");
  const folder = join(root, "examples", "demo");
  const options = {
    root: folder,
    configFile: /** @type {const} */ (false),
    logLevel: /** @type {const} */ ("error"),
  };
  await build({
    ...options,
    worker: { format: "es" },
    build: {
      outDir: "dist/page",
      target: "esnext",
      emptyOutDir: true,
      chunkSizeWarningLimit: 4000,
    },
  });
  const server = await preview({
    ...options,
    build: { outDir: "dist/page" },
    preview: {
      port,
      strictPort: wanted !== undefined,
      host: "localhost",
      headers: isolated ? isolation : {},
    },
  });
  const [url] = server.resolvedUrls?.local ?? [];
  if (isTaken) console.log(`port ${port} is taken, here is another:`);
  console.log(
    `the demo is at ${url} (${isolated ? "threads share memory" : "threads send each other messages"}); Ctrl-C ends it`,
  );
}

/**
 * @param {number} port
 * @returns {Promise<boolean>} whether nobody listens there
 */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "localhost", () => probe.close(() => resolve(true)));
  });
}
