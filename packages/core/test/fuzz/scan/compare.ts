/** Runs a random scan in every way there is and compares: the loop written out, the references, WebAssembly rewritten and not. */
import { compile, evaluate, Store, type NDArray, type Tensor } from "../../../src/index.ts";
import { allResults, makeModel, resultNames, type Build, type Model } from "./model.ts";
import type { Plan } from "./plan.ts";
import { printPlan } from "./print-plan.ts";
import { valuesOf } from "./values.ts";
import { withScan } from "./with-scan.ts";
import { writtenOut } from "./written-out.ts";

const store = new Store();

/** @throws an error that shows the scan as code when two ways of running it differ */
export async function checkPlan(plan: Plan): Promise<void> {
  try {
    await compareAll(plan);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${text}\nin\n${printPlan(plan)}`, { cause: error });
  }
}

async function compareAll(plan: Plan): Promise<void> {
  const tolerance = plan.dtype === "float64" ? 1e-9 : 2e-3;
  const want = evaluated(plan, writtenOut, 0);
  const got = evaluated(plan, withScan, 0);
  near(got, want, tolerance, "evaluate");
  same(evaluated(plan, withScan, Number.NaN), got, "evaluate, NaN in padding");
  for (const optimize of ["full", "none"] as const) {
    const {
      results: [clean = [], poisoned = []],
    } = await compiled(plan, optimize);
    near(clean, want, tolerance, `optimize ${optimize}`);
    same(poisoned, clean, `optimize ${optimize}, NaN in padding`);
  }
}

const sizesOf = ({ rows }: Plan): Readonly<Record<string, number>> =>
  rows === 0 ? {} : { T: rows };

/** True where a budget is taken: see SCAN_MEMORY_TRUNCATE. */
export const takesBudget = (plan: Plan): boolean =>
  plan.truncateGradient < 0 || plan.padding !== "none" || plan.until === "rows";

/** Compares a call without a budget with one within the least budget that works. @returns the part of the memory that it works in */
export async function checkBudget(plan: Plan, optimize: "full" | "fast" | "none"): Promise<number> {
  const refusing = await compilePlan(plan, optimize, 1);
  const values = valuesOf(plan, 0);
  const { x = 0, initial = 0, w = 0 } = values;
  // A loop that a condition ends may need a little more for fewer steps.
  const least = Math.max(
    leastIn(refusal(() => refusing.memory(sizesOf(plan)))),
    leastIn(refusal(() => refusing({ x, initial, w }))),
  );
  refusing.dispose();
  const { peak, results: want } = await compiled(plan, optimize);
  const { results: got, peak: within } = await compiled(plan, optimize, least);
  for (const [i, results] of got.entries())
    same(results, want[i] ?? [], `optimize ${optimize}, memory ${least}\nin\n${printPlan(plan)}\n`);
  return within / peak;
}

/** The bytes that a refusal asks for. */
function leastIn(refused: string): number {
  const [, digits, unit] = /memory: "(\d+)(B|KB)"/.exec(refused) ?? [];
  return Number(digits) * (unit === "KB" ? 1000 : 1);
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return String(error);
  }
  return "";
}

export function evaluated(plan: Plan, build: Build, poison: number): readonly NDArray[] {
  const model = makeModel(plan);
  const values = valuesOf(plan, poison);
  return evaluate(
    allResults(plan, model, build),
    new Map(inputsOf(model).map((input) => [input, values[input.name ?? ""] ?? 0])),
  );
}

const inputsOf = ({ x, initial, w }: Model): readonly Tensor[] => [x, initial, w];

/** The function that gives all results of a plan. */
function compilePlan(plan: Plan, optimize: "full" | "fast" | "none", memory?: number) {
  const model = makeModel(plan);
  const outputs = Object.fromEntries(
    allResults(plan, model, withScan, memory).map((result, i) => [`r${i}`, result]),
  );
  const inputs = { x: model.x, initial: model.initial, w: model.w };
  return compile({ inputs, outputs, unusedInputs: "ignore", optimize, store });
}

/** One compiled function, called with zeros and with NaN in padding. */
async function compiled(
  plan: Plan,
  optimize: "full" | "fast" | "none",
  memory?: number,
): Promise<{ readonly results: readonly NDArray[][]; readonly peak: number }> {
  const call = await compilePlan(plan, optimize, memory);
  const { peak } = call.memory(sizesOf(plan));
  const results = [0, Number.NaN].map((poison) => {
    const values = valuesOf(plan, poison);
    return Object.values(
      call({ x: values["x"] ?? 0, initial: values["initial"] ?? 0, w: values["w"] ?? 0 }),
    );
  });
  call.dispose();
  return { results, peak };
}

export function near(
  got: readonly NDArray[],
  want: readonly NDArray[],
  tolerance: number,
  where: string,
): void {
  for (const [i, { shape, data }] of want.entries()) {
    const other = got[i];
    const name = `${where}: ${resultNames[i] ?? ""}`;
    if (other?.shape.join() !== shape.join())
      throw new Error(`${name} has shape [${String(other?.shape)}] instead of [${shape.join()}]`);
    for (const [k, value] of data.entries()) {
      const found = other.data[k] ?? Number.NaN;
      if (!(Math.abs(found - value) <= tolerance * Math.max(1, Math.abs(value))))
        throw new Error(`${name}[${k}] is ${found} instead of ${value}`);
    }
  }
}

export function same(got: readonly NDArray[], want: readonly NDArray[], where: string): void {
  for (const [i, { data }] of want.entries())
    for (const [k, value] of data.entries())
      if (!Object.is(got[i]?.data[k], value))
        throw new Error(
          `${where}: ${resultNames[i] ?? ""}[${k}] is ${got[i]?.data[k]}, not ${value}`,
        );
}
