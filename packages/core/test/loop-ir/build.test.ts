import { describe, expect, test } from "vitest";
import {
  binary,
  compare,
  convert,
  ifStatement,
  literal,
  load,
  positionOf,
  readVar,
  scalarVar,
  select,
  unary,
} from "../../src/loop-ir/build.ts";
import {
  addIndexes,
  constantIndex,
  indexOf,
  indexVar,
  scaleIndex,
  substituteIndex,
  substituteIndexVars,
  zeroIndex,
} from "../../src/loop-ir/index-expr.ts";
import type { Buffer, Index } from "../../src/loop-ir/types.ts";
import { constantSize, symbolSize } from "../../src/size/size.ts";

const x = literal("f32", 2);
const T = symbolSize({ kind: "symbol", key: "T", name: "T" });

describe("expressions", () => {
  test("carry the type that their operands decide", () => {
    expect(binary("add", x, x).type).toBe("f32");
    expect(compare("lt", x, x).type).toBe("bool");
    expect(select(compare("lt", x, x), literal("i32", 1), literal("i32", 2)).type).toBe("i32");
    expect(convert("f64", x).type).toBe("f64");
    expect(positionOf(zeroIndex).type).toBe("i32");
    expect(readVar(scalarVar("s", "f64")).type).toBe("f64");
  });
  test("a conversion to the same type is no conversion", () => expect(convert("f32", x)).toBe(x));
  test("constants are what their type can hold", () => {
    expect(literal("f32", 0.1)).toMatchObject({ value: Math.fround(0.1) });
    expect(literal("i32", 0xffffffff)).toMatchObject({ value: -1 });
    expect(literal("bool", true)).toMatchObject({ value: 1 });
    expect(() => literal("i32", 0.5)).toThrow("0.5 is not an i32");
    expect(() => literal("bool", 2)).toThrow("2 is not a bool");
  });
  test.each([
    [() => unary("sqrt", literal("i32", 1)), "sqrt of i32"],
    [() => unary("not", x), "not of f32"],
    [() => binary("add", x, literal("f64", 1)), "add of f32 and f64"],
    [() => binary("bitAnd", x, x), "bitAnd of f32 and f32"],
    [() => binary("and", literal("i32", 1), literal("i32", 1)), "and of i32 and i32"],
    [() => compare("eq", x, literal("i32", 1)), "eq of f32 and i32"],
    [() => select(x, x, x), "select on f32"],
    [() => select(literal("bool", 1), x, literal("i32", 1)), "select of f32 and i32"],
    [() => ifStatement(x, []), "if on f32"],
    [() => indexOf(x), "an index of type f32"],
  ])("refuse ill-typed operands (%#)", (make, message) => expect(make).toThrow(message));
});

describe("indices", () => {
  const [i, j] = [indexVar("i"), indexVar("j")];
  const text = (index: Index): string =>
    [
      ...index.terms.map(
        (t) => `${t.coef.toString()}*${t.of.kind === "indexVar" ? t.of.name : t.of.kind}`,
      ),
      index.offset.toString(),
    ].join(" + ");

  test("merge equal terms and drop zeros", () => {
    const sum = addIndexes(
      indexOf(i, 2),
      indexOf(j),
      indexOf(i, T),
      constantIndex(3),
      indexOf(j, -1),
    );
    expect(text(sum)).toBe("2 + T*i + 3");
    expect(indexOf(i, 0)).toEqual(zeroIndex);
    expect(text(scaleIndex(addIndexes(indexOf(i, 2), constantIndex(1)), T))).toBe("2*T*i + T");
  });
  test("substitution normalises and reaches into data", () => {
    const buffer: Buffer = {
      id: 0,
      name: "ids",
      type: "i32",
      size: constantSize(9),
      role: "input",
    };
    const gather = load(buffer, indexOf(i));
    const index = addIndexes(indexOf(i, 4), indexOf(j), indexOf(gather, 8));
    const replaced = substituteIndex(
      index,
      new Map([[i, addIndexes(indexOf(j, 2), constantIndex(5))]]),
    );
    expect(text(replaced)).toBe("9*j + 8*load + 20");
    const inside = replaced.terms[1]?.of;
    expect(inside?.kind === "load" && text(inside.index)).toBe("2*j + 5");
  });
  test("what mentions no replaced variable stays the same object, and sharing is kept", () => {
    const buffer: Buffer = { id: 0, name: "a", type: "f32", size: constantSize(9), role: "input" };
    const [fixed, moved] = [load(buffer, indexOf(j)), load(buffer, indexOf(i))];
    const product = binary("mul", binary("add", fixed, moved), moved);
    const replaced = substituteIndexVars(product, new Map([[i, zeroIndex]]));
    if (replaced.kind !== "binary" || replaced.x.kind !== "binary")
      throw new Error("another shape");
    expect(replaced.x.x).toBe(fixed);
    expect(replaced.x.y).toBe(replaced.y);
    expect(substituteIndexVars(fixed, new Map([[i, zeroIndex]]))).toBe(fixed);
  });
});
