import {
  binary,
  binaryTypes,
  compare,
  convert,
  indexOf,
  indexVar,
  load,
  unary,
  unaryTypes,
  type BinaryOp,
  type Expr,
  type ScalarType,
  type UnaryOp,
} from "@scan-train/core/backend-kit";
import { describe, expect, it } from "vitest";
import { helperCode, helperNames, type HelperName } from "../src/codegen/helpers.ts";
import { buffers, kernelOf, mainOf, n } from "./build-program.ts";
import { wgslFaults } from "./check-wgsl.ts";

const b = buffers({ x: "f32", y: "f32", i: "i32", j: "i32", p: "bool", q: "bool" });
const place = indexOf(indexVar("k"));
const types = ["f32", "i32", "bool"] as const;
const operands = {
  f32: [load(b.x, place), load(b.y, place)],
  i32: [load(b.i, place), load(b.j, place)],
  bool: [load(b.p, place), load(b.q, place)],
} as const;

/** The text of a value, after a check of the shader around it. */
function textOf(value: Expr): string {
  const target = value.type === "f32" ? b.x : value.type === "i32" ? b.i : b.p;
  const [of] = place.terms;
  if (of?.of.kind !== "indexVar") throw new RangeError("no variable");
  const kernel = kernelOf(b, [
    {
      kind: "for",
      var: of.of,
      extent: n,
      parallel: true,
      body: [{ kind: "store", buffer: target, index: place, value }],
    },
  ]);
  expect(wgslFaults(kernel.code), kernel.code).toEqual([]);
  return mainOf(kernel).replaceAll(/^let k = .*\n|^\w+\[k\] = /gm, "");
}

/** A line per operation and type; what legalisation expands says so. */
function table<Op extends string>(
  rows: Readonly<Record<Op, readonly ScalarType[]>>,
  make: (op: Op, type: (typeof types)[number]) => Expr,
): string {
  const ops = Object.keys(rows) as Op[];
  return ops
    .flatMap((op) =>
      types
        .filter((type) => rows[op].includes(type))
        .map((type) => `${op} ${type}: ${textOrReason(() => textOf(make(op, type)))}`),
    )
    .join("\n");
}

function textOrReason(text: () => string): string {
  try {
    return text();
  } catch (error) {
    if (error instanceof Error && error.message.includes("was the program legalised"))
      return "(expanded before)";
    throw error;
  }
}

describe("scalar operations", () => {
  it("of one operand", () => {
    const make = (op: UnaryOp, type: (typeof types)[number]): Expr => unary(op, operands[type][0]);
    expect(table(unaryTypes, make)).toMatchInlineSnapshot(`
      "neg f32: -x[k];
      neg i32: -i[k];
      abs f32: abs(x[k]);
      abs i32: abs(i[k]);
      sqrt f32: sqrt_f32(x[k]);
      floor f32: floor(x[k]);
      ceil f32: ceil(x[k]);
      nearest f32: round(x[k]);
      trunc f32: trunc(x[k]);
      exp f32: (expanded before)
      log f32: (expanded before)
      log1p f32: (expanded before)
      expm1 f32: (expanded before)
      tanh f32: (expanded before)
      sigmoid f32: (expanded before)
      erf f32: (expanded before)
      sin f32: (expanded before)
      cos f32: (expanded before)
      not bool: i32(!(p[k] != 0));
      exponent f32: exponent_of(x[k]);
      mantissa f32: mantissa_of(x[k]);
      pow2 f32: pow2(x[k]);"
    `);
  });

  it("of two operands", () => {
    const make = (op: BinaryOp, type: (typeof types)[number]): Expr =>
      binary(op, ...operands[type]);
    expect(table(binaryTypes, make)).toMatchInlineSnapshot(`
      "add f32: x[k] + y[k];
      add i32: i[k] + j[k];
      sub f32: x[k] - y[k];
      sub i32: i[k] - j[k];
      mul f32: x[k] * y[k];
      mul i32: i[k] * j[k];
      div f32: x[k] / y[k];
      div i32: div_i32(i[k], j[k]);
      min f32: min_f32(x[k], y[k]);
      min i32: min(i[k], j[k]);
      max f32: max_f32(x[k], y[k]);
      max i32: max(i[k], j[k]);
      pow f32: (expanded before)
      floorDiv f32: (expanded before)
      floorDiv i32: floor_div_i32(i[k], j[k]);
      mod f32: (expanded before)
      mod i32: mod_i32(i[k], j[k]);
      bitAnd i32: i[k] & j[k];
      bitOr i32: i[k] | j[k];
      bitXor i32: i[k] ^ j[k];
      shiftLeft i32: shift_left(i[k], j[k]);
      shiftRight i32: shift_right(i[k], j[k]);
      mulHigh i32: mul_high(i[k], j[k]);
      and bool: i32((p[k] != 0) & (q[k] != 0));
      or bool: i32((p[k] != 0) | (q[k] != 0));
      xor bool: i32((p[k] != 0) != (q[k] != 0));"
    `);
  });

  it("comparisons", () => {
    const rows = { lt: types, le: types, eq: types, ne: types };
    expect(table(rows, (op, type) => compare(op, ...operands[type]))).toMatchInlineSnapshot(`
      "lt f32: i32(x[k] < y[k]);
      lt i32: i32(i[k] < j[k]);
      lt bool: i32(!(p[k] != 0) & (q[k] != 0));
      le f32: i32(x[k] <= y[k]);
      le i32: i32(i[k] <= j[k]);
      le bool: i32(!(p[k] != 0) | (q[k] != 0));
      eq f32: i32(x[k] == y[k]);
      eq i32: i32(i[k] == j[k]);
      eq bool: i32((p[k] != 0) == (q[k] != 0));
      ne f32: i32(differs(x[k], y[k]));
      ne i32: i32(i[k] != j[k]);
      ne bool: i32((p[k] != 0) != (q[k] != 0));"
    `);
  });

  it("a comparison of a value with itself is a test for NaN, made on bits", () => {
    const [x] = operands.f32;
    expect(textOf(compare("eq", x, x))).toContain("!is_nan(e)");
    expect(textOf(compare("ne", x, x))).toContain("is_nan(e)");
  });

  it("call these functions where WGSL leaves something open", async () => {
    const all = new Set(helperNames as readonly HelperName[]);
    await expect(`${helperCode(all).join("\n\n")}\n`).toMatchFileSnapshot("golden/helpers.wgsl");
  });

  it("conversions", () => {
    const lines = types.flatMap((from) =>
      types
        .filter((to) => to !== from)
        .map((to) => `${from} to ${to}: ${textOf(convert(to, operands[from][0]))}`),
    );
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "f32 to i32: to_i32(x[k]);
      f32 to bool: i32(is_nonzero(x[k]));
      i32 to f32: f32(i[k]);
      i32 to bool: i32(i[k] != 0i);
      bool to f32: f32(p[k] != 0);
      bool to i32: i32(p[k] != 0);"
    `);
  });
});
