/** What a row of a dataset holds: the words `ragged`, `scalarField` and `field`, and the types that follow from them. */
import { ArgumentError, type DataOf, type DType, type Nested } from "@scan-train/core";
import { isDType, unknownOption } from "@scan-train/core/backend-kit";

/** One named value of every row. A ragged one has a leading axis of its own length, which is time. */
export interface Field<D extends DType = DType, R extends boolean = boolean> {
  readonly dtype: D;
  readonly ragged: R;
  /** The shape of one time step (ragged) or of the whole value. */
  readonly shape: readonly number[];
}

/** The fields of a dataset by name. `mask`, when there, is `ragged("bool")` and marks the steps that count. */
export type Fields = Readonly<Record<string, Field>>;

/** What a row gives for a field: nested arrays, or a typed array in row-major order. */
export type FieldValue<X extends Field> =
  X extends Field<infer D, infer R>
    ? R extends true
      ? readonly Nested[] | DataOf[D]
      : Nested | DataOf[D]
    : never;

/** A row: one value per field. */
export type Row<F extends Fields> = { readonly [K in keyof F]: FieldValue<F[K]> };

/**
 * A sequence: `[length, ...shape]`, the length differing from row to row. In the model it is `[T, B, ...shape]`.
 * Targets per step are such a field too: `ragged("int32")`.
 * @example data: { x: ragged("float32", [12]), y: scalarField("int32") }
 * @throws ArgumentError FIELD_DTYPE, FIELD_SHAPE
 */
export function ragged<D extends DType>(dtype: D, shape: readonly number[] = []): Field<D, true> {
  return {
    dtype: checkedDType("ragged", dtype),
    ragged: true,
    shape: checkedShape("ragged", shape),
  };
}

/** One number per row; `[B]` in the model. @throws ArgumentError FIELD_DTYPE */
export function scalarField<D extends DType>(dtype: D): Field<D, false> {
  return { dtype: checkedDType("scalarField", dtype), ragged: false, shape: [] };
}

/** An array of a fixed shape per row; `[B, ...shape]` in the model. @throws ArgumentError FIELD_DTYPE, FIELD_SHAPE */
export function field<D extends DType>(dtype: D, shape: readonly number[]): Field<D, false> {
  return {
    dtype: checkedDType("field", dtype),
    ragged: false,
    shape: checkedShape("field", shape),
  };
}

function checkedDType<D extends DType>(word: string, dtype: D): D {
  if (isDType(dtype)) return dtype;
  throw new ArgumentError("FIELD_DTYPE", `${word}: there is no dtype ${JSON.stringify(dtype)}`, {
    hint: "the dtypes are float32, float64, int32 and bool",
  });
}

function checkedShape(word: string, shape: readonly number[]): readonly number[] {
  const isList = Array.isArray(shape);
  if (isList && shape.every((n) => Number.isSafeInteger(n) && n >= 1)) return [...shape];
  const shown = isList ? `[${shape.join(", ")}]` : JSON.stringify(shape);
  throw new ArgumentError("FIELD_SHAPE", `${word}: ${shown} is not a shape`, {
    hint: "it is a list of integers from 1 on; time and batch are not part of it",
  });
}

/** A field that was written out, or that is none. @throws ArgumentError FIELD_SPEC, FIELD_DTYPE, FIELD_SHAPE */
function checkField(name: string, spec: Field): void {
  const hint =
    'make fields with ragged("float32", [12]), field("float32", [3]), scalarField("int32")';
  const unknown = unknownOption(spec, ["dtype", "ragged", "shape"]);
  if (unknown !== undefined)
    throw new ArgumentError("FIELD_SPEC", `field "${name}" ${unknown.problem}`, { hint });
  if (typeof spec.ragged !== "boolean")
    throw new ArgumentError("FIELD_SPEC", `field "${name}" does not say whether it is ragged`, {
      hint,
    });
  checkedDType(`field "${name}"`, spec.dtype);
  checkedShape(`field "${name}"`, spec.shape);
}

/** Names that the trainer gives to the model itself. */
const reserved: readonly string[] = ["lengths", "keys", "training"];

/** @throws ArgumentError FIELD_NAME, FIELD_MASK, FIELDS_EMPTY, FIELD_SPEC, FIELD_DTYPE, FIELD_SHAPE */
export function checkFields(fields: Fields): void {
  const names = Object.keys(fields);
  if (names.length === 0)
    throw new ArgumentError("FIELDS_EMPTY", "the dataset has no fields", {
      hint: 'name at least one: { x: ragged("float32", [12]), y: scalarField("int32") }',
    });
  for (const [name, spec] of Object.entries(fields)) checkField(name, spec);
  for (const name of names)
    if (reserved.includes(name))
      throw new ArgumentError("FIELD_NAME", `a field cannot be called "${name}"`, {
        hint: `the trainer itself gives "${name}" to the model; rename the field`,
      });
  const { mask } = fields;
  if (mask !== undefined && !(mask.ragged && mask.dtype === "bool" && mask.shape.length === 0))
    throw new ArgumentError("FIELD_MASK", 'the field "mask" marks the time steps that count', {
      hint: 'declare it as ragged("bool"), or give it another name',
    });
}

/** Elements of one time step or of one value. */
export function innerSize(x: Field): number {
  return x.shape.reduce((n, d) => n * d, 1);
}
