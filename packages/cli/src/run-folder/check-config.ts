import type { RunConfig } from "./config.ts";
import { DecodeError } from "./decode.ts";

/**
 * What a config says in one place must fit what it says in another.
 *
 * @throws {@link DecodeError} naming the field
 */
export function checkConfig({ task, encoding: { input, target } }: RunConfig): void {
  const fail = (path: string, what: string): never => {
    throw new DecodeError(`${path}: ${what}`);
  };
  if (input.kind !== task.input) fail("task.input", `encoding.input has ${input.kind}`);
  if (target.kind !== task.target) fail("task.target", `encoding.target has ${target.kind}`);
  if (task.target === "next" && task.input !== "text") fail("task.target", "next needs text");
  if (input.kind === "text") {
    checkDistinct("encoding.input.vocabulary.characters", input.vocabulary.characters, 0);
  } else checkScale("encoding.input.scale", input.scale);
  if ("labels" in target) checkDistinct("encoding.target.labels", target.labels, 2);
  if ("scale" in target) checkScale("encoding.target.scale", target.scale);

  function checkDistinct(path: string, words: readonly string[], least: number): void {
    if (words.length < least) fail(path, `expected at least ${least}, got ${words.length}`);
    if (new Set(words).size < words.length) fail(path, "one of them comes twice");
  }

  function checkScale(path: string, { mean, deviation }: ScaleFacts): void {
    if (mean.length === 0) fail(path, "expected at least one mean, got none");
    if (mean.length !== deviation.length) {
      fail(path, `${mean.length} means do not fit ${deviation.length} deviations`);
    }
  }
}

interface ScaleFacts {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}
