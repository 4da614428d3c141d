/** compile for a backend with memory of its own. */
import type { BuildRequest } from "../runtime/build.ts";
import { prepare } from "../runtime/build.ts";
import type { CallPlan } from "../runtime/call-plan.ts";
import { DeviceGraph } from "../runtime/device-graph.ts";
import type { Device } from "../runtime/device.ts";
import type { Runner } from "./callable.ts";
import type { NamedGraph } from "./compile-graph.ts";
import { explainPasses } from "./explain.ts";
import { profileOf } from "./profile.ts";
import { callPlanOf } from "./call-plan-of.ts";

interface DeviceSettings {
  readonly name: string;
  readonly optimize: BuildRequest["optimize"];
  readonly numerics: "portable" | "fast";
  readonly verify: CallPlan<unknown>["verify"];
  readonly profile: boolean;
  readonly hasBudget?: boolean;
}

/** @throws ArgumentError SHARED_OWNED; UnsupportedError for what the device lacks */
export async function compileOnDevice(
  label: string,
  graph: NamedGraph,
  settings: DeviceSettings,
  device: Device,
): Promise<Runner> {
  return (await load(label, graph, settings, device)).runner;
}

async function load(
  label: string,
  graph: NamedGraph,
  settings: DeviceSettings,
  device: Device,
): Promise<{ readonly compiled: DeviceGraph; readonly runner: Runner }> {
  const { name, optimize, numerics, verify, profile, hasBudget = true } = settings;
  const built = prepare({
    name,
    ...graph,
    optimize,
    numerics,
    profile,
    hasBudget,
    target: "device",
  });
  const counters = { ...settings, name: `${name} steps`, verify: undefined, profile: false };
  const call = await callPlanOf(label, built, graph, verify, async (counter) => {
    const made = await load(label, counter, { ...counters, hasBudget: false }, device);
    return made.compiled;
  });
  const compiled = await DeviceGraph.load(device, built, call);
  return {
    compiled,
    runner: {
      calls: "async",
      built,
      run: (values, out) => compiled.run(values, out),
      memory: (sizes) => compiled.memory(sizes),
      explain: () =>
        [`${name}: ${compiled.explain()}`, "passes:", ...explainPasses(built.reports)].join("\n"),
      profile: (calls) => profileOf(label, false, { ...calls, times: [] }),
      dispose: () => compiled.dispose(),
    },
  };
}
