/** A TypeScript module, bundled by vite as a user's would be: files by their path on the server. */
import { fileURLToPath } from "node:url";
import { dirname } from "node:path";
import { build, type Plugin } from "vite";

export type ServedFiles = ReadonlyMap<string, string | Uint8Array>;

const pageModule = "\0scan-train page";
/** What the page's script calls what `entry` exports. */
export const exportsName = "scanTrainPage";

/** Puts the exports of `entry` where `page.evaluate` reaches them. */
function pageOf(entry: string): Plugin {
  return {
    name: "scan-train-page",
    resolveId: (id) => (id === pageModule ? id : null),
    load: (id) =>
      id === pageModule
        ? `import * as exported from ${JSON.stringify(entry)};\nglobalThis.${exportsName} = exported;\n`
        : null,
  };
}

const html = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>scan-train test</title>
  <link rel="icon" href="data:," />
  <script type="module" src="/page.js"></script>
</html>
`;

/** Bundles the module at `entry` with the workers that it starts. */
export async function bundlePage(entry: URL): Promise<ServedFiles> {
  const path = fileURLToPath(entry);
  const output = await build({
    root: dirname(path),
    configFile: false,
    logLevel: "error",
    mode: "test",
    publicDir: false,
    plugins: [pageOf(path)],
    worker: { format: "es" },
    build: {
      write: false,
      target: "esnext",
      minify: false,
      modulePreload: false,
      rolldownOptions: { input: pageModule, output: { entryFileNames: "page.js" } },
    },
  });
  return new Map([["/", html], ...filesOf(output)]);
}

/** The site whose `index.html` lies in `folder`, as it is published. */
export async function bundleSite(folder: URL): Promise<ServedFiles> {
  const output = await build({
    root: fileURLToPath(folder),
    configFile: false,
    logLevel: "error",
    worker: { format: "es" },
    build: { write: false, target: "esnext", chunkSizeWarningLimit: 4000 },
  });
  const files = new Map(filesOf(output));
  const index = files.get("/index.html");
  return index === undefined ? files : files.set("/", index);
}

function filesOf(
  output: Awaited<ReturnType<typeof build>>,
): (readonly [path: string, content: string | Uint8Array])[] {
  return [output]
    .flat()
    .flatMap((one) =>
      "output" in one
        ? one.output.map(
            (file) =>
              [`/${file.fileName}`, file.type === "chunk" ? file.code : file.source] as const,
          )
        : [],
    );
}
