/** A module that an engine accepts if it knows the relaxed instructions that `isRelaxed` modules use. */
import { ModuleBuilder } from "./encoder/module.ts";
import { relaxedElements } from "./kernels/element.ts";

export function relaxedProbe(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(false);
  for (const { type, multiplyAdd } of Object.values(relaxedElements)) {
    const { code, locals } = module.declare(type, { params: ["v128", "v128"], results: [] });
    const [x, y] = [locals.param(0), locals.param(1)];
    multiplyAdd(code, x, x, () => code.get(y));
  }
  return module.toBytes();
}
