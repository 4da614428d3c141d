/** `--wide-simd`: says what came of it, and changes no answer. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { jsonl, labelOf, run, succeed, tiny, words } from "./run-command.ts";

const canJoin = Number.parseInt(process.versions.node, 10) >= 24;

function newFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "scan-train-wide-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("train, eval and predict say what came of it, and answer as they do without", async () => {
  const folder = newFolder();
  const rows = words(80).map((text) => ({ text, label: labelOf(text) }));
  writeFileSync(join(folder, "words.jsonl"), jsonl(rows));
  const train = `train --data words.jsonl --epochs 2 --workers 2 ${tiny}`;
  const scores = (printed: string): string | undefined => /^test .*$/m.exec(printed)?.[0];
  const plain = await succeed(folder, `${train} --out plain`);
  const wide = await succeed(folder, `${train} --out wide --wide-simd`);
  expect(/^backend: .*$/m.exec(plain)).toBeNull();
  expect(/^backend: .*$/m.exec(wide)?.[0]).toMatch(
    canJoin
      ? /^backend: wasm, (wide SIMD: vectors of 32 bytes|as without --wide-simd: the engine)/
      : /^backend: wasm, as without --wide-simd: V8 \S+ cannot join vectors; Node 24 or later can, this is v/,
  );
  expect(scores(wide)).toBe(scores(plain));

  for (const command of ["eval plain", "predict plain cab ace"]) {
    const expected = await succeed(folder, command);
    const { code, out, err } = await run(folder, `${command} --wide-simd`);
    expect(code).toBe(0);
    expect(out).toBe(expected);
    expect(err).toMatch(
      canJoin ? /^(note: as without .*\n)?$/ : /^note: as without --wide-simd: V8 /,
    );
  }
}, 120_000);

test("is not for a GPU", async () => {
  const { code, err } = await run(newFolder(), "train --backend webgpu --wide-simd");
  expect(code).toBe(2);
  expect(err).toContain("--wide-simd: with --backend webgpu the GPU computes");
});
