import {
  binary,
  compare,
  constantIndex,
  constantSize,
  ifStatement,
  indexOf,
  indexVar,
  literal,
  load,
  positionOf,
  readVar,
  scalarVar,
  select,
  unary,
  zeroIndex,
  type Buffer,
  type Statement,
} from "@scan-train/core/backend-kit";
import { afterEach, describe, expect, it } from "vitest";
import type { WgslKernel } from "../src/wgsl-kernel.ts";
import { buffers, func, kernelOf, mainOf, n, program, size } from "./build-program.ts";
import { renderWgsl } from "../src/render-wgsl.ts";
import { wgslFaults } from "./check-wgsl.ts";

const b = buffers({ x: "f32", y: "f32", ids: "i32", flags: "bool" });
const i = indexVar("i");
const j = indexVar("j");

const each = (body: readonly Statement[], parallel = true): Statement => ({
  kind: "for",
  var: i,
  extent: n,
  parallel,
  body,
});
const at = (buffer: Buffer) => load(buffer, indexOf(i));

let rendered: WgslKernel[] = [];
const render = (body: readonly Statement[]): WgslKernel => {
  const kernel = kernelOf(b, body);
  rendered.push(kernel);
  return kernel;
};
afterEach(() => {
  for (const { code } of rendered) expect(wgslFaults(code), code).toEqual([]);
  rendered = [];
});

describe("one statement", () => {
  it("a prefix runs in order, as it is defined", () => {
    const [l, r] = [scalarVar("l", "f32"), scalarVar("r", "f32")];
    const main = mainOf(
      render([
        {
          kind: "prefix",
          index: i,
          extent: constantSize(6),
          parts: [
            {
              value: at(b.x),
              left: l,
              right: r,
              combined: binary("max", readVar(l), readVar(r)),
              into: [{ buffer: b.y, index: indexOf(i) }],
            },
          ],
        },
      ]),
    );
    expect(main).toMatchInlineSnapshot(`
      "var last = 0.0f;
      for (var first = 0; first < 1; first++) {
        let next = x[0];
        last = next;
        y[0] = last;
      }
      for (var block = 0; block < 1; block++) {
        let r = x[4 * block + 1];
        let r_1 = x[4 * block + 2];
        let r_2 = x[4 * block + 3];
        let r_3 = x[4 * block + 4];
        let r_4 = max_f32(r, r_1);
        let r_5 = max_f32(r_1, r_2);
        let r_6 = max_f32(r_2, r_3);
        let r_7 = max_f32(r, r_5);
        let r_8 = max_f32(r_4, r_6);
        let r_9 = max_f32(last, r);
        let r_10 = max_f32(last, r_4);
        let r_11 = max_f32(last, r_7);
        let r_12 = max_f32(last, r_8);
        y[4 * block + 1] = r_9;
        y[4 * block + 2] = r_10;
        y[4 * block + 3] = r_11;
        y[4 * block + 4] = r_12;
        let next_1 = r_12;
        last = next_1;
      }
      for (var t = 0; t < 1; t++) {
        let next_2 = max_f32(last, x[t + 5]);
        last = next_2;
        y[t + 5] = last;
      }"
    `);
  });

  it("a parallel loop is one invocation per iteration", () => {
    const kernel = render([
      each([{ kind: "store", buffer: b.y, index: indexOf(i), value: at(b.x) }]),
    ]);
    expect(kernel.code).toMatchInlineSnapshot(`
      "// kernel

      struct Sizes {
        n: i32,
      }
      @group(1) @binding(0) var<uniform> sizes: Sizes;

      @group(0) @binding(0) var<storage, read_write> x: array<f32>;
      @group(0) @binding(1) var<storage, read_write> y: array<f32>;

      @compute @workgroup_size(64)
      fn main(
        @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32,
      ) {
        let invocation = i32((group.y * groups.x + group.x) * 64u + local);
        if (invocation >= sizes.n) { return; }
        let i = invocation;
        y[i] = x[i];
      }
      "
    `);
    expect(kernel.workgroupSize).toBe(64);
    expect(kernel.workgroups.toString()).toBe("ceilDiv(n, 64)");
  });

  it("a sequential loop stays a loop of one invocation", () => {
    const kernel = render([
      each([{ kind: "store", buffer: b.y, index: indexOf(i), value: at(b.x) }], false),
    ]);
    expect(kernel.code).toMatchInlineSnapshot(`
      "// kernel

      struct Sizes {
        n: i32,
      }
      @group(1) @binding(0) var<uniform> sizes: Sizes;

      @group(0) @binding(0) var<storage, read_write> x: array<f32>;
      @group(0) @binding(1) var<storage, read_write> y: array<f32>;

      @compute @workgroup_size(1)
      fn main() {
        for (var i = 0; i < sizes.n; i++) {
          y[i] = x[i];
        }
      }
      "
    `);
    expect(kernel.workgroupSize).toBe(1);
    expect(kernel.workgroups.constant).toBe(1);
  });

  it("nested parallel loops are one grid; the innermost is the fastest", () => {
    const m = size("m");
    const inner: Statement = {
      kind: "for",
      var: j,
      extent: m,
      parallel: true,
      body: [
        {
          kind: "store",
          buffer: b.y,
          index: {
            terms: [
              { coef: m, of: i },
              { coef: constantSize(1), of: j },
            ],
            offset: n,
          },
          value: literal("f32", 1),
        },
      ],
    };
    const kernel = render([each([inner])]);
    expect(kernel.code.slice(kernel.code.indexOf("let invocation"))).toMatchInlineSnapshot(`
      "let invocation = i32((group.y * groups.x + group.x) * 64u + local);
        if (invocation >= sizes.mxn) { return; }
        let i = invocation / sizes.m;
        let j = invocation % sizes.m;
        y[sizes.m * i + j + sizes.n] = 1.0f;
      }
      "
    `);
    expect(kernel.workgroups.toString()).toBe("ceilDiv(m*n, 64)");
  });

  it("a local that changes is a var, another is a let", () => {
    const [sum, scale] = [scalarVar("sum", "f32"), scalarVar("scale", "f32")];
    const product = binary("mul", at(b.x), readVar(scale));
    const body: Statement[] = [
      { kind: "let", var: sum, value: literal("f32", 0) },
      { kind: "let", var: scale, value: literal("f32", 0.1) },
      each([{ kind: "assign", var: sum, value: binary("add", readVar(sum), product) }], false),
      { kind: "store", buffer: b.y, index: zeroIndex, value: readVar(sum) },
    ];
    expect(mainOf(render(body))).toMatchInlineSnapshot(`
      "var sum = 0.0f;
      let scale = 0.10000000149011612f;
      for (var i = 0; i < sizes.n; i++) {
        sum = sum + (x[i] * scale);
      }
      y[0] = sum;"
    `);
  });

  it("if guards a block; a bool is a word in memory", () => {
    const negative = compare("lt", at(b.x), literal("f32", 0));
    const body: Statement[] = [
      { kind: "store", buffer: b.flags, index: indexOf(i), value: negative },
      ifStatement(unary("not", at(b.flags)), [
        { kind: "store", buffer: b.y, index: indexOf(i), value: at(b.x) },
      ]),
    ];
    expect(mainOf(render([each(body)]))).toMatchInlineSnapshot(`
      "let i = invocation;
      flags_1[i] = i32(x[i] < 0.0f);
      if (!(flags_1[i] != 0)) {
        y[i] = x[i];
      }"
    `);
  });

  it("fail records the first code in a status word", () => {
    const kernel = render([
      each([{ kind: "fail", cond: compare("lt", at(b.ids), literal("i32", 0)), code: 3 }]),
    ]);
    expect(mainOf(kernel)).toMatchInlineSnapshot(`
      "let i = invocation;
      if (ids[i] < 0i) { record_failure(3u); }"
    `);
    expect(kernel.bindings.at(-1)).toEqual({
      name: "status",
      buffer: "status",
      type: "atomic<u32>",
    });
  });

  it("a call inside a kernel is a WGSL function", () => {
    const callee = func(
      "twice",
      [
        {
          kind: "store",
          buffer: b.y,
          index: indexOf(j),
          value: binary("add", load(b.x, indexOf(j)), load(b.x, indexOf(j))),
        },
      ],
      [j],
    );
    const caller = func("caller", [each([{ kind: "call", func: callee, args: [indexOf(i)] }])]);
    const kernel = renderWgsl(program(b, [callee, caller])).find((k) => k.name === "caller");
    expect(kernel?.code.slice(kernel.code.indexOf("fn twice"))).toMatchInlineSnapshot(`
      "fn twice(j: i32) {
        y[j] = x[j] + x[j];
      }

      @compute @workgroup_size(64)
      fn main(
        @builtin(workgroup_id) group: vec3<u32>,
        @builtin(num_workgroups) groups: vec3<u32>,
        @builtin(local_invocation_index) local: u32,
      ) {
        let invocation = i32((group.y * groups.x + group.x) * 64u + local);
        if (invocation >= sizes.n) { return; }
        let i = invocation;
        twice(i);
      }
      "
    `);
    expect(wgslFaults(kernel?.code ?? "")).toEqual([]);
  });
});

describe("values", () => {
  const store = (value: ReturnType<typeof at>): Statement[] => [
    each([{ kind: "store", buffer: b.y, index: indexOf(i), value }]),
  ];

  it("a value that is used twice has a name", () => {
    const x = unary("floor", at(b.x));
    expect(mainOf(render(store(binary("mul", x, x))))).toMatchInlineSnapshot(`
      "let i = invocation;
      let e = floor(x[i]);
      y[i] = e * e;"
    `);
  });

  it("a value keeps what it was when memory changes", () => {
    const x = at(b.y);
    const body: Statement[] = [
      { kind: "store", buffer: b.y, index: indexOf(i), value: binary("add", x, x) },
      { kind: "store", buffer: b.x, index: indexOf(i), value: x },
    ];
    expect(mainOf(render([each(body)]))).toMatchInlineSnapshot(`
      "let i = invocation;
      let e = y[i];
      y[i] = e + e;
      x[i] = e;"
    `);
  });

  it("a gather reads its place from memory", () => {
    const gathered = load(b.x, {
      terms: [{ coef: size("m"), of: at(b.ids) }],
      offset: constantSize(-2),
    });
    expect(mainOf(render(store(gathered)))).toMatchInlineSnapshot(`
      "let i = invocation;
      y[i] = x[sizes.m * ids[i] - 2];"
    `);
  });

  it("infinities and NaN come from bits, and arithmetic on literals is left to the device", () => {
    const value = select(
      compare("lt", at(b.x), literal("f32", Infinity)),
      binary("div", literal("f32", 1), literal("f32", 0)),
      literal("f32", NaN),
    );
    expect(mainOf(render(store(value)))).toMatchInlineSnapshot(`
      "let i = invocation;
      let c = 1.0f;
      y[i] = select(bitcast<f32>(nan_bits), c / 0.0f, x[i] < bitcast<f32>(infinity_bits));"
    `);
  });

  it("a position is an integer", () => {
    const place = positionOf(constantIndex(n));
    const body: Statement[] = [{ kind: "store", buffer: b.ids, index: zeroIndex, value: place }];
    expect(mainOf(render(body))).toMatchInlineSnapshot(`"ids[0] = sizes.n;"`);
  });

  it("deep values are cut by names", () => {
    let value = at(b.x);
    for (let k = 0; k < 200; k++) value = binary("add", value, literal("f32", k));
    const main = mainOf(render(store(value)));
    expect(Math.max(...main.split("\n").map((line) => line.length))).toBeLessThan(250);
  });
});
