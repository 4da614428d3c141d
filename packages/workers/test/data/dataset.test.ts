import { describe, expect, it } from "vitest";
import { createDataset } from "../../src/data/dataset.ts";
import { field, ragged, scalarField, type Fields } from "../../src/data/fields.ts";

const fields = {
  x: ragged("float32", [2]),
  tag: ragged("int32"),
  y: scalarField("bool"),
  z: field("float64", [2]),
};

describe("a dataset of records", () => {
  const dataset = createDataset(fields, [
    { x: [[1, 2]], tag: [7], y: true, z: [0.5, 1.5] },
    { x: new Float32Array([3, 4, 5, 6]), tag: new Int32Array([8, 9]), y: 0, z: [2.5, 3.5] },
  ]);

  it("lays rows one after another", () => {
    expect(dataset.size).toBe(2);
    expect(dataset.tokens).toBe(3);
    expect([...dataset.parts.lengths]).toEqual([1, 2]);
    expect([...dataset.parts.starts]).toEqual([0, 1]);
    expect(dataset.parts.columns.map((c) => [c.name, [...c.data]])).toEqual([
      ["x", [1, 2, 3, 4, 5, 6]],
      ["tag", [7, 8, 9]],
      ["y", [1, 0]],
      ["z", [0.5, 1.5, 2.5, 3.5]],
    ]);
  });

  it("lies in memory that threads share", () => {
    for (const { data } of dataset.parts.columns)
      expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
  });
});

describe("bad rows are named", () => {
  const message = (of: Fields, rows: readonly unknown[], options = {}): string => {
    try {
      createDataset(of, rows as never, options);
    } catch (error) {
      return String(error);
    }
    return "no error";
  };
  const one = { x: ragged("float32", [2]), y: scalarField("int32") };

  it("in words that say the row, the field and the remedy", () => {
    expect(message(one, [])).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_EMPTY: the dataset has no rows
        hint: give at least one row"
    `);
    expect(message(one, [{ x: [[1, 2]] }])).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: row 0 has no field "y"
        hint: every row needs "x", "y""
    `);
    expect(message(one, [{ x: [[1, 2]], y: 1, q: 1 }])).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: row 0 has a field "q" that was not declared
        hint: declared are "x", "y""
    `);
    expect(message(one, [{ x: [], y: 1 }])).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: row 0, field "x" is an empty sequence
        hint: leave such rows out: there is nothing to learn from them"
    `);
    expect(
      message(one, [
        { x: [[1, 2]], y: 1 },
        { x: [[1, 2], [3]], y: 1 },
      ]),
    ).toMatchInlineSnapshot(
      `"ArgumentError: DATASET_ROW: row 1, field "x" must have shape [2, 2], here is a list of 1"`,
    );
    expect(message(one, [{ x: [[1, 2]], y: 1.5 }])).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: row 0, field "y" is int32 and cannot hold 1.5
        hint: give whole numbers, or declare the field as float32"
    `);
    expect(message(one, [{ x: [[1, "a"]], y: 1 }])).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: row 0, field "x" is float32 and cannot hold "a"
        hint: give numbers"
    `);
    expect(message(one, [{ x: new Float32Array(3), y: 1 }])).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: row 0, field "x" has 3 numbers, which is no multiple of 2
        hint: each time step has 2 numbers"
    `);
    expect(message(one, [{ x: 3, y: 1 }])).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: row 0, field "x" is 3, not a sequence
        hint: give an array with one entry per time step, or a typed array"
    `);
    expect(message(one, [null])).toMatchInlineSnapshot(
      `"ArgumentError: DATASET_ROW: row 0 is null, not a record of fields"`,
    );
    expect(message({ a: ragged("int32"), b: ragged("int32") }, [{ a: [1], b: [1, 2] }]))
      .toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: row 0: "a" has 1 time steps and "b" has 2
        hint: the ragged fields of a row run over the same time steps"
    `);
    expect(
      message(one, [{ x: [[1, 2]], y: "m" }], {
        rowName: (row: number) => `data.csv, line ${row + 2}`,
      }),
    ).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_ROW: data.csv, line 2, field "y" is int32 and cannot hold "m"
        hint: give whole numbers, or declare the field as float32"
    `);
  });

  it("and so are options", () => {
    expect(message(one, [{ x: [[1, 2]], y: 1 }], { nam: "data.csv" })).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_OPTION: createDataset has no option nam
        hint: did you mean name? The options are name, rowName"
    `);
    expect(message(one, [{ x: [[1, 2]], y: 1 }], "data.csv")).toMatchInlineSnapshot(`
      "ArgumentError: DATASET_OPTION: createDataset takes options by name, not "data.csv"
        hint: the options are name, rowName"
    `);
  });

  it("and so are bad fields", () => {
    const spec = { dtype: "float32", ragged: true, shape: [2] };
    const written = (x: unknown): string => message({ x } as never, [{ x: [[1, 2]] }]);
    expect(written(spec)).toBe("no error");
    expect(written({ ...spec, raged: true })).toMatchInlineSnapshot(`
      "ArgumentError: FIELD_SPEC: field "x" has no option raged
        hint: make fields with ragged("float32", [12]), field("float32", [3]), scalarField("int32")"
    `);
    expect(written("float32")).toMatch(
      /FIELD_SPEC: field "x" takes options by name, not "float32"/,
    );
    expect(written(ragged)).toMatch(/FIELD_SPEC: field "x" takes options by name, not a function/);
    expect(written({ ...spec, ragged: undefined })).toMatch(
      /FIELD_SPEC: field "x" does not say whether it is ragged/,
    );
    expect(written({ ...spec, dtype: "f32" })).toMatch(/FIELD_DTYPE: field "x": there is no dtype/);
    expect(written({ ...spec, shape: 2 })).toMatch(/FIELD_SHAPE: field "x": 2 is not a shape/);
    for (const make of [ragged, scalarField, field])
      expect(() => make("flaot32" as never, [2])).toThrow(
        `FIELD_DTYPE: ${make.name}: there is no dtype "flaot32"`,
      );
    expect(() => ragged("float32", { shape: [2] } as never)).toThrowErrorMatchingInlineSnapshot(`
      [ArgumentError: FIELD_SHAPE: ragged: {"shape":[2]} is not a shape
        hint: it is a list of integers from 1 on; time and batch are not part of it]
    `);
    expect(message({}, [{}])).toMatchInlineSnapshot(`
      "ArgumentError: FIELDS_EMPTY: the dataset has no fields
        hint: name at least one: { x: ragged("float32", [12]), y: scalarField("int32") }"
    `);
    expect(message({ lengths: scalarField("int32") }, [{}])).toMatchInlineSnapshot(`
      "ArgumentError: FIELD_NAME: a field cannot be called "lengths"
        hint: the trainer itself gives "lengths" to the model; rename the field"
    `);
    expect(message({ mask: ragged("float32") }, [{}])).toMatchInlineSnapshot(`
      "ArgumentError: FIELD_MASK: the field "mask" marks the time steps that count
        hint: declare it as ragged("bool"), or give it another name"
    `);
    expect(() => ragged("float32", [0])).toThrowErrorMatchingInlineSnapshot(`
      [ArgumentError: FIELD_SHAPE: ragged: [0] is not a shape
        hint: it is a list of integers from 1 on; time and batch are not part of it]
    `);
  });
});
