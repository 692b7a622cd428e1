import type { ToldDirections } from './direction-windows.js';
import type { ScoredRefit } from './refit-scores.js';

/**
 * What a backtest with refit keeps of a window whose model is gone. Plain data, the same in another process and after a
 * restart: an interrupted backtest is given those that were finished.
 */
export type FinishedWindow = {
  /** Row of the main axis. */
  readonly cutoff: number;
} & (
  | { readonly kind: 'forecasts'; readonly scored: ScoredRefit }
  | { readonly kind: 'directions'; readonly told: ToldDirections; readonly modelSha256: string }
  /** `code`: of the table of errors, or `BUDGET`. */
  | { readonly kind: 'skipped'; readonly code: string; readonly message: string }
);
