/** `npm run demo` as a program: what it serves, and what it says of options that it does not have. */
import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { demo } from "../demo.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const address = /the demo is at (http:\/\/localhost:(\d+)\/) \((.*)\)/;

it("refuses what it does not know", async () => {
  await expect(demo(["--prot", "1"])).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: npm run demo has no option --prot; it has --port NUMBER, --no-isolation]`,
  );
  for (const port of [["x"], ["0"], ["1.5"], []])
    await expect(demo(["--port", ...port])).rejects.toThrow(
      "--port takes a number from 1 to 65535",
    );
});

it("refuses a port that was asked for and is taken", async () => {
  const taken = await listen(0);
  const { port } = taken.address() as AddressInfo;
  try {
    await expect(demo(["--port", String(port)])).rejects.toThrow(
      `port ${port} is taken: end what listens there, or leave --port out for the next free port`,
    );
  } finally {
    taken.close();
  }
});

it("serves the page, isolated, and says that the usual port is taken where it is", async () => {
  // Where somebody else listens there, it is taken as well.
  const taken = await listen(5173).catch(() => undefined);
  const program = `import { demo } from "./scripts/demo.mjs"; await demo([]);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let printed = "";
    child.stdout.on("data", (text: Buffer) => (printed += text.toString()));
    await expect.poll(() => printed, { timeout: 25_000 }).toMatch(address);
    expect(printed).toContain("port 5173 is taken, here is another:\n");
    const [, url = "", served, how] = address.exec(printed) ?? [];
    expect(Number(served)).toBeGreaterThan(5173);
    expect(how).toBe("threads share memory");
    const response = await fetch(url);
    expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(response.headers.get("cross-origin-embedder-policy")).toBe("require-corp");
    const html = await response.text();
    const [, script = ""] = /<script type="module"[^>]* src="([^"]+)"/.exec(html) ?? [];
    expect((await fetch(new URL(script, url))).status).toBe(200);
  } finally {
    child.kill();
    taken?.close();
  }
});

function listen(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "localhost", () => {
      resolve(server);
    });
  });
}
