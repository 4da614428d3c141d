import { describe, expect, it } from "vitest";
import { renderWgsl } from "../src/render-wgsl.ts";
import type { WgslKernel } from "../src/wgsl-kernel.ts";
import { wgslFaults } from "./check-wgsl.ts";
import { s1Program } from "./s1.ts";

const textOf = (kernels: readonly WgslKernel[]): string =>
  kernels.map(({ code }) => code).join("\n");
const bodyOf = ({ code }: WgslKernel): string => code.replace(/^.*\n/, "");

describe("the training step S1", () => {
  // Without graph rewrites: the text then changes only when lowering, legalisation or the renderer does.
  const forward = renderWgsl(s1Program("forward", "none"));
  const step = renderWgsl(s1Program("step", "none"));

  it("has these forward kernels", async () => {
    await expect(textOf(forward)).toMatchFileSnapshot("golden/s1-forward.wgsl");
  });

  it("has these kernels besides: backward and update", async () => {
    const known = new Set(forward.map(bodyOf));
    const rest: WgslKernel[] = [];
    for (const kernel of step) {
      if (known.has(bodyOf(kernel))) continue;
      known.add(bodyOf(kernel));
      rest.push(kernel);
    }
    await expect(textOf(rest)).toMatchFileSnapshot("golden/s1-backward.wgsl");
  });

  it.each(["none", "full"] as const)("is well formed with rewrites: %s", (optimize) => {
    const kernels = renderWgsl(s1Program("step", optimize));
    expect(new Set(kernels.map(({ name }) => name)).size).toBe(kernels.length);
    for (const { code, bindings } of kernels) {
      expect(wgslFaults(code), code).toEqual([]);
      expect(bindings.length).toBeLessThanOrEqual(8);
    }
  });

  it("does everything but single values in grids", () => {
    const single = step.filter(({ workgroupSize }) => workgroupSize === 1).map(({ name }) => name);
    expect(single).toEqual(["sum", "div_div"]);
  });
});

describe("the check of WGSL", () => {
  it("sees an open bracket, an unknown name, a reserved name and a name declared twice", () => {
    expect(wgslFaults("fn main() { let a = (1; }")).toContain("( closed by }");
    expect(wgslFaults("fn main() { let a = b; }")).toEqual(["b is not declared"]);
    expect(wgslFaults("fn main() { let a = 1; { let c = 2; } let d = c; }")).toEqual([
      "c is not declared",
    ]);
    expect(wgslFaults("var<private> target: f32;")).toEqual(["target is reserved"]);
    expect(wgslFaults("fn main() { let a = 1; let a = 2; }")).toEqual(["a is declared twice"]);
  });
});
