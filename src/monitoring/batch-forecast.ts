import type { BatchCounts, SkippedOrigin } from '../inference/index.js';

export const BATCH_STATUSES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const;

/** One that was running when its process died is queued again, see `interruptions`. */
export type BatchStatus = (typeof BATCH_STATUSES)[number];

/** Everything that was left open is fixed when it is asked for. */
export interface BatchRequest {
  /** Null where the version was named. */
  readonly endpoint: string | null;
  readonly model: string;
  readonly modelVersion: number;
  readonly datasetId: string;
  readonly datasetVersion: number;
  /** First and last origin, ISO 8601, both included; null: from the first, to the last row. */
  readonly from: string | null;
  readonly to: string | null;
  /** Every so many rows. */
  readonly stride: number;
  readonly assets: readonly string[];
}

/** Forecasts from many origins of one dataset version. */
export interface BatchForecast {
  readonly batchId: string;
  readonly status: BatchStatus;
  readonly request: BatchRequest;
  /** Null before it began. */
  readonly counts: BatchCounts | null;
  /** The first origin that nothing could be forecast from. */
  readonly firstSkipped: SkippedOrigin | null;
  /** Of the result, once it has succeeded. */
  readonly rows: number | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly interruptions: number;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export function isEnded(status: BatchStatus): boolean {
  return status !== 'QUEUED' && status !== 'RUNNING';
}
