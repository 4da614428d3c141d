import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeFolder } from "./fake-terminal.ts";
import { labelOf, run, succeed, tiny, words } from "./run-command.ts";

describe("an option that would change nothing is refused by its name", () => {
  const { folder, remove } = makeFolder();
  afterAll(remove);
  beforeAll(async () => {
    const texts = words(60);
    writeFileSync(
      join(folder, "words.csv"),
      `text,label\n${texts.map((w) => `${w},${labelOf(w)}\n`).join("")}`,
    );
    writeFileSync(join(folder, "next.csv"), `text\n${texts.join("\n")}\n`);
    writeFileSync(
      join(folder, "numbers.csv"),
      `x,label\n${texts.map((w) => `${w.length} 1,${labelOf(w)}\n`).join("")}`,
    );
    for (const name of ["words", "next"]) {
      await succeed(folder, `train --data ${name}.csv --epochs 1 --workers 1 ${tiny}`);
    }
  });

  const cases: readonly (readonly [command: string, message: string, hint: string])[] = [
    [
      "train --next",
      "--next: there is no file whose text could be continued",
      "name the file with --data FILE",
    ],
    [
      "train --data numbers.csv --sequence x --label label --next",
      "--label and --next exclude each other; give one of them",
      "",
    ],
    [
      "train --data numbers.csv --embedding 8",
      '--embedding: only characters are embedded, and "x" holds numbers',
      "leave --embedding out, or name a column with --text",
    ],
    [
      "train --force",
      "--force: without --out a new folder is made, and there is nothing to overwrite",
      "name the folder with --out FOLDER, or leave --force out",
    ],
    [
      "train --epochs 3 --data words.csv --epochs 4",
      "--epochs is given more than once",
      "give it once",
    ],
    ["eval runs/words --json --json", "--json is given more than once", "give it once"],
    [
      "predict runs/words ab --length 9",
      "--length: runs/words does not continue texts (it learnt text -> label)",
      "leave --length out",
    ],
    [
      "predict runs/words ab --temperature 0.7",
      "--temperature: runs/words does not continue texts (it learnt text -> label)",
      "leave --temperature out",
    ],
    [
      "predict runs/words ab --seed 1",
      "--seed: runs/words does not continue texts (it learnt text -> label)",
      "leave --seed out",
    ],
    [
      "predict runs/next ab --temperature 0 --seed 3",
      "--seed: nothing is left to chance at --temperature 0",
      "leave --seed out, or raise --temperature",
    ],
    [
      "inspect runs/words --loops --json",
      "--loops: what --json prints has the loops anyway",
      "leave --loops or --json out",
    ],
  ];
  test.for(cases)("%s", async ([command, message, hint]) => {
    const before = readdirSync(join(folder, "runs"));
    expect(await run(folder, command)).toEqual({
      code: 2,
      out: "",
      err: `error: ${message}\n${hint === "" ? "" : `  hint: ${hint}\n`}`,
    });
    expect(readdirSync(join(folder, "runs"))).toEqual(before);
  });

  test("and one that changes something is not", async () => {
    await succeed(folder, "predict runs/next ab --length 9 --temperature 2 --seed 3");
    await succeed(folder, "inspect runs/words --loops");
  });
});

test.for(["validation", "test"])(
  "--%s-fraction below a thousandth keeps no row, and is refused",
  async (part) => {
    const { code, err } = await run(".", `train --${part}-fraction 0.0004`);
    expect(err).toMatch(/'0\.0004' is invalid\. Expected 0, or a number from 0\.001 to 0\.9\./);
    expect(code).toBe(2);
  },
);
