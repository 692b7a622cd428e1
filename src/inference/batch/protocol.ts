import type { EncodedError } from '../../common/errors/index.js';
import type { AssetFrame } from '../../ml/frame/time-frame.js';
import type { ModelBundle } from '../../registry/index.js';

/** Forecasts from every origin of a period over rows that are all known. */
export interface BatchOrder {
  readonly bundle: ModelBundle;
  /** Of all of the model's assets. */
  readonly frames: readonly AssetFrame[];
  /** Origins from `fromMs` to `toMs`, both included, null for open; every `stride`-th of the rows. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly stride: number;
  /** Of the model's targets those that are wanted. */
  readonly assets: readonly string[];
  /** More rows of the result are refused: LIMIT_EXCEEDED. */
  readonly maximumRows: number;
}

export interface BatchJob extends BatchOrder {
  /** One 32-bit number, 1 to cancel: no message reaches a busy loop. */
  readonly cancelFlag: SharedArrayBuffer;
}

/** An origin that nothing can be forecast from, and why. */
export interface SkippedOrigin {
  readonly origin: string;
  readonly code: string;
  readonly message: string;
}

/** Columns of the result, one value a row; text as positions in `texts`. */
export interface BatchColumn {
  readonly name: string;
  readonly kind: 'time' | 'number' | 'text';
  readonly values: Float64Array;
  /** Of the kind text. */
  readonly texts?: readonly string[];
}

export interface BatchCounts {
  readonly origins: number;
  /** Forecast or skipped so far. */
  readonly done: number;
  readonly skipped: number;
}

export type BatchMessage =
  | { readonly type: 'progress'; readonly counts: BatchCounts }
  | { readonly type: 'block'; readonly columns: readonly BatchColumn[] }
  | { readonly type: 'done'; readonly counts: BatchCounts; readonly firstSkipped: SkippedOrigin | null }
  | { readonly type: 'failed'; readonly error: EncodedError };
