/** Where WebGPU comes from: the browser, or the npm package `webgpu` in Node. */
import type { KernelTraits } from "../kernel-traits.ts";
import { noAdapter, noApi, noBinding } from "./gpu-errors.ts";

export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  /** For people, e.g. "google swiftshader, software". */
  readonly name: string;
  readonly isSoftware: boolean;
  readonly languageFeatures: WGSLLanguageFeatures;
}

/** A variable, so that bundlers for browsers do not look for it. */
const bindingName = "webgpu";

interface Binding {
  create(options: readonly string[]): GPU;
}

let ofNode: Promise<GPU> | undefined;

async function loadBinding(): Promise<GPU> {
  try {
    const binding: unknown = await import(/* @vite-ignore */ /* webpackIgnore: true */ bindingName);
    return (binding as Binding).create([]);
  } catch (cause) {
    ofNode = undefined;
    throw noBinding(cause);
  }
}

const isNode = (): boolean => {
  const { process } = globalThis as {
    readonly process?: { readonly versions?: { node?: string } };
  };
  return process?.versions?.node !== undefined;
};

const ofPage = (): GPU | undefined =>
  (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator?.gpu;

/** @throws UnsupportedError GPU_NO_API, GPU_NO_BINDING, GPU_NO_ADAPTER */
export async function findAdapter(powerPreference: GPUPowerPreference): Promise<FoundAdapter> {
  const own = ofPage();
  if (own === undefined && !isNode()) throw noApi();
  const gpu = own ?? (await (ofNode ??= loadBinding()));
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (adapter === null) {
    // Whoever installs a driver may try again.
    ofNode = undefined;
    throw noAdapter(own !== undefined);
  }
  const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
  const isSoftware =
    isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${architecture} ${description}`);
  const words = [vendor, architecture].filter((word) => word !== "").join(" ");
  const known = words === "" ? description : words;
  const name = `${known === "" ? "an unnamed adapter" : known}${isSoftware ? ", software" : ""}`;
  return { adapter, name, isSoftware, languageFeatures: gpu.wgslLanguageFeatures };
}

/** What the kernels for an adapter may count on. */
export function traitsOf(
  { adapter, isSoftware, languageFeatures }: FoundAdapter,
  kernels: "auto" | KernelTraits["workgroups"],
  immediates: "auto" | "never",
): KernelTraits {
  const { maxImmediateSize = 0 } = adapter.limits as { readonly maxImmediateSize?: number };
  return {
    mostBindings: Math.min(adapter.limits.maxStorageBuffersPerShaderStage, 10),
    immediates:
      immediates === "auto" &&
      languageFeatures.has("immediate_address_space") &&
      maxImmediateSize >= mostImmediateBytes,
    workgroups: kernels === "auto" ? (isSoftware ? "plain" : "barriers") : kernels,
  };
}

/** Params that fit: sixteen counters. */
export const mostImmediateBytes = 64;
