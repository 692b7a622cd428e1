/**
 * One column of a table that is written out. `time`: milliseconds since 1970 UTC; `number`: doubles; NaN in either is a
 * missing value. `text`: null is a missing value.
 */
export type TableColumn =
  | { readonly name: string; readonly kind: 'time' | 'number'; readonly values: Float64Array }
  | { readonly name: string; readonly kind: 'text'; readonly values: readonly (string | null)[] };

export const TABLE_FORMATS = ['csv', 'json', 'parquet'] as const;
export const TABLE_ORIENTS = ['records', 'split'] as const;

/** How a table is written; `orient` concerns JSON alone. */
export interface TableForm {
  readonly format: (typeof TABLE_FORMATS)[number];
  readonly orient: (typeof TABLE_ORIENTS)[number];
}

/** Rows of a table that follow each other: every block has the same columns, and all columns of one as many values. */
export type TableBlocks = AsyncIterable<readonly TableColumn[]> | Iterable<readonly TableColumn[]>;

export function rowsOf(columns: readonly TableColumn[]): number {
  return columns[0]?.values.length ?? 0;
}
