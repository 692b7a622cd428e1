import { differences, NAIVE, type ArimaModel } from './arima-model.js';
import { ArimaWindow, type FitFailure, type FitSettings } from './fit-arima.js';
import { OneStepForecasts } from './one-step-forecasts.js';

export interface ForecastSettings extends FitSettings {
  /** Rows that a fit looks back on; null: all. */
  readonly windowRows: number | null;
  /** The first fit is made at row minimumRows − 1, from as many observed values at least, the others every so many rows. */
  readonly minimumRows: number;
  readonly refitEvery: number;
  readonly bridgeRows: number;
}

export interface RollingForecasts {
  /** At row t the forecast of row t + 1, from rows ≤ t. */
  readonly next: Float64Array;
  readonly fits: number;
  readonly failures: ReadonlyMap<FitFailure, number>;
}

/**
 * One-step forecasts of a series by models that are fitted again and again, each to rows before those it forecasts.
 *
 * Where a fit fails the one before it stands in, once; the next that fails leaves the naive forecast. A fit whose window
 * has fewer than `minimumRows` observed values is not made: the one before stands in, and after it nothing does. So with
 * a rolling window a forecast depends on two windows and on nothing older.
 */
export function forecastRolling(values: Float64Array, settings: ForecastSettings): RollingForecasts {
  const { windowRows, minimumRows, refitEvery } = settings;
  const moves = differences(values, settings.order.d);
  const next = new Float64Array(values.length).fill(NaN);
  const failures = new Map<FitFailure, number>();
  const growing = windowRows === null ? new ArimaWindow(values, moves, 0, settings) : null;
  let observed = 0;
  let fits = 0;
  let current: OneStepForecasts | null = null;
  let isFresh = false;
  for (let row = 0; row < values.length; row++) {
    current?.take(values[row]!);
    if (!Number.isNaN(values[row]!)) observed++;
    if (windowRows !== null && row >= windowRows && !Number.isNaN(values[row - windowRows]!)) observed--;
    if (row >= minimumRows - 1 && (row - minimumRows + 1) % refitEvery === 0) {
      if (observed < minimumRows) {
        if (!isFresh) current = null;
        isFresh = false;
      } else {
        const start = windowRows === null ? 0 : Math.max(0, row - windowRows + 1);
        const window = growing ?? new ArimaWindow(values, moves, start, settings);
        window.extend(row);
        const { model, failure } = window.fit();
        fits++;
        if (failure !== null) failures.set(failure, (failures.get(failure) ?? 0) + 1);
        if (model !== null || !isFresh) current = begin(model ?? NAIVE, values, start, row, settings.bridgeRows);
        isFresh = model !== null;
      }
    }
    next[row] = current?.forecast() ?? NaN;
  }
  return { next, fits, failures };
}

/** A state at row `row` that has gone along the window from `start`, or from where that makes no difference. */
function begin(
  model: ArimaModel,
  values: Float64Array,
  start: number,
  row: number,
  bridgeRows: number,
): OneStepForecasts {
  const state = new OneStepForecasts(model, bridgeRows);
  let from = start;
  // Without moving-average terms what came before p + d observed values in a row is forgotten.
  if (model.ma.length === 0) {
    let run = 0;
    for (from = row; from > start; from--) {
      run = Number.isNaN(values[from]!) ? 0 : run + 1;
      if (run >= state.needed) break;
    }
  }
  for (let at = from; at <= row; at++) state.take(values[at]!);
  return state;
}
