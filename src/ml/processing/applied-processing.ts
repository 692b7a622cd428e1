import type { InputMatrix } from '../windows/windowed-data.js';
import type { KnownRows } from './future-inputs.js';

/** What a forecast from the last row begins with, see `applyProcessing`. */
export interface AppliedProcessing {
  readonly times: Float64Array;
  readonly inputs: InputMatrix;
  /** What is known of the forecast rows; undefined where the plan knows nothing in advance. */
  readonly known: KnownRows | undefined;
  /** Times of the forecast rows. */
  readonly following: Float64Array;
  /** The targets in original units, small gaps filled: what their forecasts are restored from. */
  readonly originals: readonly Float64Array[];
  /** For each target 1 where its raw series has a value, 0 where that was imputed or is missing. */
  readonly observed: readonly Uint8Array[];
  /** The last row. */
  readonly origin: number;
}
