/** `posted` by somebody, or joined from a version of the model's `dataset`. */
export type ActualSource = 'posted' | 'dataset';

/** What came, to be held against what was forecast for that time. The last one written counts. */
export interface Actual {
  readonly asset: string;
  /** ISO 8601 UTC with milliseconds. */
  readonly time: string;
  /** Original units. */
  readonly value: number;
  readonly source: ActualSource;
  /** Of a joined one. */
  readonly datasetVersion: number | null;
  readonly recordedBy: string;
  readonly recordedAt: string;
}

/** How far the rows of a dataset have become actuals of an endpoint. */
export interface JoinedRows {
  readonly datasetId: string;
  readonly datasetVersion: number;
  /** By asset the time of the last row that was looked at, ISO 8601. */
  readonly through: Readonly<Record<string, string>>;
}
