import type { Place, Problems } from "./problems.ts";

/** One row of a data file, as it stands there: cells of a CSV file are texts, fields of a JSONL file are JSON values. */
export interface Row {
  readonly line: number;
  readonly fields: ReadonlyMap<string, unknown>;
}

/** A data file as rows of named fields. */
export interface Table {
  /** As the user called it. */
  readonly file: string;
  readonly format: "csv" | "jsonl";
  /** Field names in order of first appearance. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** What is wrong with the rows that are not here, to be told together with what is wrong with the others. */
  readonly problems: Problems;
}

/** Where a field of a row is. */
export function placeOf(row: Row, field: string): Place {
  return { line: row.line, field };
}
