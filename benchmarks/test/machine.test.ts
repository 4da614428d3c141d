import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeMachine, processorOf } from "../src/machine.ts";

const cpuinfo = (family: number, model: number): string =>
  `processor\t: 0\ncpu family\t: ${family}\nmodel\t\t: ${model}\nmodel name\t: Some CPU\nstepping\t: 1\n`;

test("a name that two generations share is told apart by family and model", () => {
  expect(processorOf("Some CPU", cpuinfo(25, 17))).toBe("Some CPU (family 25, model 17)");
  expect(processorOf("Some CPU", cpuinfo(26, 2))).toBe("Some CPU (family 26, model 2)");
});

test("where nothing more is known the name stays", () => {
  expect(processorOf("Some CPU", "")).toBe("Some CPU");
  expect(processorOf("Some CPU", "model name\t: Some CPU\n")).toBe("Some CPU");
});

test("this machine tells what it knows of its processor", () => {
  const path = "/proc/cpuinfo";
  const isKnown = existsSync(path) && /^cpu family/m.test(readFileSync(path, "utf8"));
  expect(/.\(family \d+, model \d+\)$/.test(describeMachine().cpu)).toBe(isKnown);
});
