/** A random scan as code that can be pasted into a file. */
import { batch, countTrue, type Plan } from "./plan.ts";
import { outerScales, scaleOfW, valuesOf } from "./values.ts";

/** The scan of a plan in the words of its user, with the values that it was called with. */
export function printPlan(plan: Plan): string {
  const xs = plan.sequenceTaps.map((_, k) => `x${k}`);
  const hs = plan.stateTaps.map((_, k) => `h${k}`);
  const terms = (names: readonly string[], first: number, step: number): string =>
    names
      .map((name, k) => `${name}.mul(${(first + step * k).toFixed(1)})`)
      .reduce((a, b) => `${a}.add(${b})`);
  const scaled = plan.nesting === "outer" ? "w.mul(scale)" : "w";
  const until =
    plan.until === "none"
      ? "[h, y]"
      : `stepResult([h, y], { until: ${plan.until === "rows" ? `h.gt(${plan.limit})` : `all(h.gt(${plan.limit}))`} })`;
  const bits = (rows: Plan["mask"]): string =>
    `constant(${JSON.stringify(rows)}, "bool").reshape([${plan.rows}, ${batch}])`;
  const options = [
    `sequences: { input: x, taps: ${JSON.stringify(plan.sequenceTaps)} }`,
    `outputsInfo: [${plan.stateTaps.join() === "-1" ? "index(initial, -1)" : `{ initial: index(initial, { start: ${Math.min(...plan.stateTaps)} }), taps: ${JSON.stringify(plan.stateTaps)} }`}, null]`,
    ...(plan.goBackwards ? ["goBackwards: true"] : []),
    ...(plan.truncateGradient < 0 ? [] : [`truncateGradient: ${plan.truncateGradient}`]),
    ...(plan.padding === "lengths"
      ? [`lengths: constant(${JSON.stringify(countTrue(plan.mask))}, "int32")`]
      : []),
    ...(plan.padding === "mask" ? [`mask: ${bits(plan.mask)}`] : []),
    ...(plan.resets === undefined ? [] : [`resets: ${bits(plan.resets)}`]),
  ];
  const state =
    plan.nesting === "inner"
      ? "scan((h) => tanh(u.add(h.mul(w))), { outputsInfo: v, nSteps: 2 }).final"
      : `tanh(u.add(v.mul(${scaled})))`;
  const loop = [
    `scan((${[...xs, ...hs].join(", ")}) => {`,
    `  const [u, v] = [${terms(xs, 0.5, 0.3)}, ${terms(hs, 0.7, -0.4)}];`,
    `  const h = ${state};`,
    `  const y = h.mul(x0).add(${scaled}.div(u.add(2)));`,
    `  return ${until};`,
    `}, { ${options.join(", ")} })`,
  ];
  const values = valuesOf(plan, 0);
  const x = values["x"] as { readonly data: ArrayLike<number> };
  return [
    `const x = tensor("x", { shape: ["T", ${batch}], dtype: "${plan.dtype}" });`,
    `const initial = tensor("initial", { shape: [3, ${batch}], dtype: "${plan.dtype}" });`,
    `const w = scalar("w", { dtype: "${plan.dtype}" });`,
    ...(plan.nesting === "outer"
      ? [
          `const { outputs } = scan((scale) => { const { outputs, final } = ${loop[0] ?? ""}`,
          ...loop.slice(1, -1),
          `${loop.at(-1) ?? ""}; return [...outputs, ...final]; }, { sequences: constant(${JSON.stringify(outerScales)}, "${plan.dtype}") });`,
        ]
      : [`const { outputs, final } = ${loop[0] ?? ""}`, ...loop.slice(1), ";"]),
    `// x: [${Array.from(x.data, (value) => value.toFixed(6)).join(", ")}] of shape [${plan.rows}, ${batch}]`,
    `// initial: ${JSON.stringify(values["initial"])}, w: ${scaleOfW}`,
  ].join("\n");
}
