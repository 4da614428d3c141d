/** Rows as flat typed arrays in shared memory: what workers read their sequences from. */
import { ArgumentError, type DType } from "@scan-train/core";
import { unknownOption } from "@scan-train/core/backend-kit";
import { checkFields, innerSize, type Field, type Fields, type Row } from "./fields.ts";
import {
  columnArray,
  fillValue,
  valueLength,
  type ColumnArray,
  sharedBytes,
} from "./row-values.ts";

/** One field of all rows. Row r of a ragged column begins at element `starts[r] * inner`, of another one at `r * inner`. */
export interface Column {
  readonly name: string;
  readonly dtype: DType;
  readonly ragged: boolean;
  /** Elements of one time step (ragged) or of one value. */
  readonly inner: number;
  readonly data: ColumnArray;
}

/** Plain data that travels to workers by reference. */
export interface DatasetParts {
  readonly rows: number;
  /** Time steps of each row; 1 where no field is ragged. */
  readonly lengths: Int32Array;
  /** Sums of the lengths before each row. */
  readonly starts: Int32Array;
  readonly columns: readonly Column[];
}

/** Rows of data with the fields they have. */
export class Dataset<F extends Fields = Fields> {
  readonly fields: F;
  readonly parts: DatasetParts;

  constructor(fields: F, parts: DatasetParts) {
    this.fields = fields;
    this.parts = parts;
  }

  /** How many rows. */
  get size(): number {
    return this.parts.rows;
  }

  /** How many time steps in all rows together. */
  get tokens(): number {
    const last = this.size - 1;
    return (this.parts.starts[last] ?? 0) + (this.parts.lengths[last] ?? 0);
  }

  /** The number of time steps of a row. */
  lengthOf(row: number): number {
    return this.parts.lengths[row] ?? 0;
  }
}

export interface DatasetOptions {
  /** What messages call the rows: "data.csv". */
  readonly name?: string;
  /** What messages call row r: "line 7". Default: "row r", counted from 0. */
  readonly rowName?: (row: number) => string;
}

/**
 * A dataset of records.
 * @example createDataset({ x: ragged("float32", [2]), y: scalarField("int32") }, [{ x: [[1, 2], [3, 4]], y: 0 }])
 * @throws ArgumentError DATASET_OPTION, FIELD_*, DATASET_EMPTY, DATASET_ROW with the row, the field, what came and what was expected
 */
export function createDataset<const F extends Fields>(
  fields: F,
  rows: readonly Row<F>[],
  options: DatasetOptions = {},
): Dataset<F> {
  const unknown = unknownOption(options, ["name", "rowName"]);
  if (unknown !== undefined)
    throw new ArgumentError("DATASET_OPTION", `createDataset ${unknown.problem}`, unknown);
  checkFields(fields);
  if (rows.length === 0)
    throw new ArgumentError("DATASET_EMPTY", `${options.name ?? "the dataset"} has no rows`, {
      hint: "give at least one row",
    });
  const label = (row: number): string => options.rowName?.(row) ?? `row ${row}`;
  const entries: [string, Field][] = Object.entries(fields);
  const lengths = measure(entries, rows, label);
  const starts = new Int32Array(sharedBytes(rows.length * 4));
  let steps = 0;
  for (const [row, length] of lengths.entries()) {
    starts[row] = steps;
    steps += length;
  }
  if (steps > 0x7fffffff)
    throw new ArgumentError("DATASET_SIZE", `the rows have ${steps} time steps together`, {
      hint: "at most 2,147,483,647 fit into one dataset: train on parts of it",
    });
  const columns = entries.map(([name, x]): Column => {
    const inner = innerSize(x);
    const data = columnArray(x.dtype, (x.ragged ? steps : rows.length) * inner);
    for (const [row, record] of rows.entries()) {
      const at = (x.ragged ? (starts[row] ?? 0) : row) * inner;
      const shape = x.ragged ? [lengths[row] ?? 0, ...x.shape] : x.shape;
      fillValue(data, at, x.dtype, shape, record[name], () => `${label(row)}, field "${name}"`);
    }
    return { name, dtype: x.dtype, ragged: x.ragged, inner, data };
  });
  return new Dataset(fields, { rows: rows.length, lengths, starts, columns });
}

/** The time steps of each row, on which its ragged fields must agree. */
function measure(
  entries: readonly [string, Field][],
  rows: readonly Readonly<Record<string, unknown>>[],
  label: (row: number) => string,
): Int32Array {
  const lengths = new Int32Array(sharedBytes(rows.length * 4));
  const raggedEntries = entries.filter(([, x]) => x.ragged);
  for (const [row, record] of rows.entries()) {
    checkNames(entries, record, label(row));
    let first: { readonly name: string; readonly length: number } | undefined;
    for (const [name, x] of raggedEntries) {
      const length = valueLength(
        record[name],
        innerSize(x),
        () => `${label(row)}, field "${name}"`,
      );
      if (first !== undefined && first.length !== length)
        throw new ArgumentError(
          "DATASET_ROW",
          `${label(row)}: "${first.name}" has ${first.length} time steps and "${name}" has ${length}`,
          { hint: "the ragged fields of a row run over the same time steps" },
        );
      first ??= { name, length };
    }
    lengths[row] = first?.length ?? 1;
  }
  return lengths;
}

function checkNames(
  entries: readonly [string, Field][],
  record: Readonly<Record<string, unknown>>,
  row: string,
): void {
  if (typeof record !== "object" || record === null)
    throw new ArgumentError("DATASET_ROW", `${row} is ${String(record)}, not a record of fields`);
  const missing = entries.find(([name]) => record[name] === undefined);
  if (missing !== undefined)
    throw new ArgumentError("DATASET_ROW", `${row} has no field "${missing[0]}"`, {
      hint: `every row needs ${entries.map(([name]) => `"${name}"`).join(", ")}`,
    });
  const unknown = Object.keys(record).find((key) => entries.every(([name]) => name !== key));
  if (unknown !== undefined)
    throw new ArgumentError(
      "DATASET_ROW",
      `${row} has a field "${unknown}" that was not declared`,
      {
        hint: `declared are ${entries.map(([name]) => `"${name}"`).join(", ")}`,
      },
    );
}
