import { TrainyardError } from '../../../common/errors/index.js';
import type { PartRows, SplitPlan } from '../../processing/processing-plan.js';

/**
 * A rolling-origin backtest: the model stands at several cut-offs, one after the other, and forecasts the horizon after
 * each. Cross-validation of time series, in the words of statsforecast and NeuralForecast (`cross_validation`:
 * `n_windows`, `step_size`, `refit`, `input_size`), of sktime (`ExpandingWindowSplitter`, `SlidingWindowSplitter`) and of
 * Darts (`historical_forecasts`: `retrain`, `train_length`). Source: Tashman, "Out-of-sample tests of forecasting
 * accuracy", International Journal of Forecasting 16 (2000).
 */
export interface BacktestPlan {
  /** Cut-offs, one forecast of the whole horizon each. */
  readonly windows: number;
  /** Rows between two cut-offs; less than the horizon, and windows overlap. */
  readonly step: number;
  /** Fits everything anew at each cut-off; false: the model as it was fitted once. */
  readonly refit: boolean;
  /** Rows up to each cut-off that a refit reads, a sliding window; null: all from the beginning, an expanding one. */
  readonly trainRows: number | null;
}

/**
 * The cut-offs c, ascending: the last row that the forecast of rows c + 1 … c + horizon knows. Counted back from the end
 * of the test part, c[k] = e − horizon − (n − 1 − k) · step with e its last row, so the last window ends with the data.
 *
 * With refit every row after the main train part may be forecast, since the fit of a window reads rows up to its
 * cut-off only; purge and embargo come off the rows before the cut-off. Without refit the windows lie in the test part:
 * the model was chosen on the validation part, and its errors there say little. `BACKTEST_DOES_NOT_FIT` when there are
 * not that many.
 */
export function backtestCutoffs(
  { windows, step, refit }: BacktestPlan,
  { train, test }: PartRows,
  split: SplitPlan,
  horizon: number,
): Int32Array {
  const earliest = refit ? train.end + betweenParts(split) - 1 : test.start - 1;
  const last = test.end - 1 - horizon;
  const fitting = last < earliest ? 0 : Math.floor((last - earliest) / step) + 1;
  if (windows > fitting) {
    const rows = Math.max(0, test.end - 1 - earliest);
    const needed = horizon + (windows - 1) * step;
    const where = refit ? 'after the train part' : 'in the test part, which a backtest without refit stays in';
    const fewer = fitting === 0 ? '' : `backtest.windows of at most ${fitting}, `;
    throw new TrainyardError(
      'BACKTEST_DOES_NOT_FIT',
      `backtest.windows=${windows} with a step of ${step} and a horizon of ${horizon} needs ${needed} rows ${where}; there are ${rows}, enough for ${fitting}: ask for ${fewer}a smaller backtest.step or a larger test part${refit ? '' : ', or for backtest.refit, which may go back to the end of the train part'}`,
      { path: 'backtest.windows', value: windows, limit: fitting, step, horizon, rows, needed },
    );
  }
  return Int32Array.from({ length: windows }, (_, at) => last - (windows - 1 - at) * step);
}

/** Rows between two parts that belong to neither. */
export function betweenParts({ purge = 0, embargo = 0 }: SplitPlan): number {
  return purge + embargo;
}
