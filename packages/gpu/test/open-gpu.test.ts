import { expect, it } from "vitest";
import { openGpu } from "../src/index.ts";

it("openGpu says that there is no device yet", async () => {
  await expect(openGpu()).rejects.toThrowErrorMatchingInlineSnapshot(`
    [UnsupportedError: GPU_DEVICE: running on a GPU is not supported yet
      hint: leave backend out: compile for WebAssembly; renderWgsl() shows the shaders]
  `);
});
