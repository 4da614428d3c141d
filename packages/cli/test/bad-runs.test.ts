import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder, temporaryFolder } from "./fake-terminal.ts";
import { labelOf, run, succeed, tiny, tinyNumbers, words } from "./run-command.ts";

const texts = words(60);
const csv = `text,label\n${texts.map((w) => `${w},${labelOf(w)}\n`).join("")}`;

describe("a config that does not hold together is refused by the field", () => {
  const { folder, remove } = makeFolder();
  afterAll(remove);
  const path = join(folder, "run", "config.json");
  let whole = "";
  beforeAll(async () => {
    writeFileSync(join(folder, "d.csv"), csv);
    await succeed(folder, `train --data d.csv --out run --epochs 1 --workers 1 ${tiny}`);
    whole = readFileSync(path, "utf8");
  });

  const cases: readonly (readonly [from: string | RegExp, to: string, message: string])[] = [
    ['"version": 1', '"version": 0', "version: expected 1, got 0"],
    ["scan-train run", "other run", 'format: expected "scan-train run", got "other run"'],
    [
      '"hidden": 8',
      '"hidden": 1000000000',
      "model.hidden: expected a whole number from 1 to 4096, got 1000000000",
    ],
    ['"input": "text"', '"input": "numbers"', "task.input: encoding.input has text"],
    [
      /"labels": \[[^\]]*\]/,
      '"labels": ["vowel"]',
      "encoding.target.labels: expected at least 2, got 1",
    ],
    [/^\{/, "\u001b[31m", "it is not JSON (Unexpected token '?')"],
  ];
  test.for(cases)("%s -> %s", async ([from, to, message]) => {
    writeFileSync(path, whole.replace(from, to));
    for (const command of ["eval run", "predict run ab", "inspect run"]) {
      expect(await run(folder, command)).toEqual({
        code: 1,
        out: "",
        err: `error: ${join("run", "config.json")} is damaged: ${message}\n  hint: train again, or restore the file\n`,
      });
    }
    writeFileSync(path, whole);
  });

  test("of an older run, without a longest row, is read", async () => {
    writeFileSync(path, whole.replace(/,\s*"maxLength": \d+/, ""));
    expect(readFileSync(path, "utf8")).not.toContain("maxLength");
    await succeed(folder, "eval run");
    writeFileSync(path, whole);
  });

  test("weights that are not finite are damaged", async () => {
    const model = join(folder, "run", "model.safetensors");
    const bytes = readFileSync(model);
    const broken = Buffer.from(bytes);
    broken.writeFloatLE(Number.NaN, 8 + Number(bytes.readBigUInt64LE(0)));
    writeFileSync(model, broken);
    expect((await run(folder, "predict run ab")).err).toMatch(
      /^error: damaged weights: run.model\.safetensors holds numbers in ".*" that are not finite\n {2}hint: train again, or restore the file\n$/,
    );
    writeFileSync(model, bytes);
  });
});

test("a scale needs a mean, and a deviation for each", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "run", "config.json");
  writeFileSync(
    join(folder, "d.csv"),
    `x,y\n${texts.map((w, i) => `${w.length},${i}.5\n`).join("")}`,
  );
  await succeed(
    folder,
    `train --data d.csv --sequence x --out run --epochs 1 --workers 1 ${tinyNumbers}`,
  );
  const whole = readFileSync(path, "utf8");
  for (const [means, message] of [
    ["[]", "expected at least one mean, got none"],
    ["[1, 2]", "2 means do not fit 1 deviations"],
  ] as const) {
    writeFileSync(path, whole.replace(/"mean": \[[^\]]*\]/, `"mean": ${means}`));
    expect((await run(folder, "predict run 1")).err).toContain(
      `encoding.input.scale: ${message}\n`,
    );
  }
});

describe("a run that fails", () => {
  const diverging =
    `${tinyNumbers.replace("0.03", "100")} --optimizer sgd --clip 0 --cell rnn --schedule constant --batch 4`.replace(
      "--batch 16 ",
      "",
    );
  const numbers = `x,y\n${texts.map((_, i) => `${i} 1,${i}.5\n`).join("")}`;

  test("before it has learnt anything leaves nothing", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "d.csv"), numbers);
    const { code, err } = await run(folder, `train --data d.csv --log-shards ${diverging}`);
    expect(err).toMatch(/^error: training failed: epoch 1, step \d+: /);
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual(["d.csv"]);
  });

  test("leaves the run as it was that it was to overwrite", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "d.csv"), numbers);
    await succeed(folder, `train --data d.csv --out run --epochs 1 --workers 1 ${tinyNumbers}`);
    const before = await succeed(folder, "eval run");
    expect((await run(folder, `train --data d.csv --out run --force ${diverging}`)).code).toBe(1);
    expect(await succeed(folder, "eval run")).toBe(before);
  });
});

describe("a run that cannot be, or would overwrite its data, is refused", () => {
  const cases: readonly (readonly [flags: string, message: string, hint: string])[] = [
    [
      "--log d.csv",
      "--log d.csv: it would overwrite the data",
      "name another file with --log FILE",
    ],
    [
      "--log ./sub/../d.csv",
      "--log ./sub/../d.csv: it would overwrite the data",
      "name another file with --log FILE",
    ],
    [
      "--hidden 4096 --layers 16",
      "--hidden 4096 --layers 16: the model would have 1,560,678,624 numbers, and at most 268,435,456 fit into memory",
      "take a smaller --hidden or fewer --layers",
    ],
  ];
  test.for(cases)("%s", async ([flags, message, hint]) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "d.csv"), csv);
    mkdirSync(join(folder, "sub"));
    expect(await run(folder, `train --data d.csv ${flags}`)).toEqual({
      code: 2,
      out: "",
      err: `error: ${message}\n  hint: ${hint}\n`,
    });
    expect(readFileSync(join(folder, "d.csv"), "utf8")).toBe(csv);
    expect(readdirSync(folder)).toEqual(["d.csv", "sub"]);
  });
});
