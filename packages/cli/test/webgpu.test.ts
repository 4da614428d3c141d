/** `--backend`: training on a GPU by the command line. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gpuRefusals, openGpu } from "@scan-train/gpu";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { gpuForTests } from "../../../scripts/gpu-for-tests.ts";
import { jsonl, labelOf, run, succeed, tiny, words } from "./run-command.ts";

const probe = await gpuForTests(openGpu);
const adapter = typeof probe === "string" ? "" : probe.adapter;
if (typeof probe !== "string") probe.close();

function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "scan-train-gpu-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Fails the test where anything is compiled to WebAssembly meanwhile. */
function refuseWasm(): { readonly calls: () => number } {
  const spies = (["compile", "instantiate", "Module", "Instance"] as const).map((name) =>
    vi.spyOn(WebAssembly, name).mockImplementation(() => {
      throw new Error("WebAssembly was not to be used");
    }),
  );
  onTestFinished(() => {
    for (const spy of spies) spy.mockRestore();
  });
  return { calls: () => spies.reduce((n, spy) => n + spy.mock.calls.length, 0) };
}

describe.skipIf(adapter === "")("--backend webgpu", () => {
  test("trains, tests and predicts without a step of WebAssembly, and names the adapter", async () => {
    const folder = newFolder();
    const rows = words(160).map((text) => ({ text, label: labelOf(text) }));
    writeFileSync(join(folder, "words.jsonl"), jsonl(rows));
    const wasm = refuseWasm();
    const printed = await succeed(
      folder,
      `train --backend webgpu --data words.jsonl --epochs 12 --out run --log log.jsonl ${tiny}`,
    );
    expect(wasm.calls()).toBe(0);
    expect(printed).toContain(`backend: WebGPU on ${adapter}\n`);
    expect(printed).toMatch(/^trained {2}12 epochs in .* on the GPU \(/m);
    const log = readFileSync(join(folder, "log.jsonl"), "utf8");
    expect(log).toContain(`"kind":"start"`);
    expect(log).toContain(`"backend":"the GPU (${adapter})"`);
    const accuracy = Number(/^test .*?accuracy ([\d.]+) %/m.exec(printed)?.[1]);
    expect(accuracy).toBeGreaterThanOrEqual(90);
  }, 120_000);

  test("leaves a model that threads read, with the scores that the GPU gave", async () => {
    const folder = newFolder();
    const rows = words(80).map((text) => ({ text, label: labelOf(text) }));
    writeFileSync(join(folder, "words.jsonl"), jsonl(rows));
    const printed = await succeed(
      folder,
      `train --backend webgpu --data words.jsonl --epochs 2 --out run ${tiny}`,
    );
    const line = /^test .*$/m.exec(printed)?.[0] ?? "none";
    expect(await succeed(folder, "eval run")).toBe(`${line}\n`);
    expect(await succeed(folder, "inspect run")).toMatch(/^ {2}backend +webgpu$/m);
  }, 60_000);

  test("says what does not go together", async () => {
    const { code, err } = await run(newFolder(), "train --backend webgpu --workers 2");
    expect(code).toBe(2);
    expect(err).toMatch(/--workers: with --backend webgpu a batch goes to the GPU as a whole/);
  });

  test.skipIf(process.env["SCAN_TRAIN_LONG"] === undefined)(
    "learns the default job as well as threads do",
    async () => {
      const wasm = refuseWasm();
      const printed = await succeed(newFolder(), "train --backend webgpu");
      expect(wasm.calls()).toBe(0);
      expect(Number(/^test .*?accuracy ([\d.]+) %/m.exec(printed)?.[1])).toBeGreaterThanOrEqual(
        84.5,
      );
    },
    600_000,
  );
});

test("backends prints what there is, and every refusal of the GPU with its message", async () => {
  const printed = await succeed(newFolder(), "backends");
  expect(printed).toMatch(/^wasm {4}threads of this machine, SIMD\nwebgpu {2}/);
  if (adapter !== "") expect(printed).toContain(`webgpu  ${adapter}`);
  for (const { what, error } of gpuRefusals()) {
    expect(printed).toContain(`\n- ${what}\n`);
    const [first = ""] = error.message.split("\n");
    expect(printed).toContain(`    ${first}\n`);
    expect(printed).toContain(`hint: ${error.hint}`);
  }
});

test.skipIf(!adapter.endsWith(", software"))(
  "--backend auto takes threads where the GPU is software, and says so",
  async () => {
    const folder = newFolder();
    const rows = words(40).map((text) => ({ text, label: labelOf(text) }));
    writeFileSync(join(folder, "words.jsonl"), jsonl(rows));
    const printed = await succeed(
      folder,
      `train --backend auto --data words.jsonl --epochs 1 --workers 1 --out run ${tiny}`,
    );
    expect(printed).toContain(
      `backend: WebAssembly: the only adapter is ${adapter}, and WebAssembly is faster than that\n`,
    );
    expect(printed).toMatch(/ with 1 worker: /);
  },
);

test("a machine without an adapter is told what to install, and nothing is trained instead", () => {
  const folder = newFolder();
  mkdirSync(join(folder, "none"));
  const program = fileURLToPath(new URL("../bin/scan-train.js", import.meta.url));
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [program, "train", "--backend", "webgpu"],
    {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, VK_ICD_FILENAMES: join(folder, "none", "driver.json") },
    },
  );
  expect(status).toBe(1);
  expect(stdout).not.toContain("epoch");
  expect(stderr).toMatch(/error: WebGPU found no adapter on this machine\n {2}hint: /);
  expect(stderr).toMatch(
    /hint: on Linux, install a Vulkan driver; .*or train on threads: --backend wasm\n$/s,
  );
});
