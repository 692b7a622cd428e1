import type { BacktestSpreads, BacktestWindow, WindowSpread } from './backtest-report.js';

/** Mean and standard deviation over the windows; at least one window. */
export function spreadOfWindows(windows: readonly BacktestWindow[]): BacktestSpreads {
  const of = (metric: 'mae' | 'rmse' | 'smape' | 'mase' | 'rmsse'): WindowSpread | null =>
    spreadOf(windows.map(({ model }) => model.original[metric]));
  return {
    mae: of('mae')!,
    rmse: of('rmse')!,
    smape: of('smape')!,
    mase: of('mase'),
    rmsse: of('rmsse'),
    skill: {
      naive: spreadOf(windows.map(({ skill }) => skill.naive.mae)),
      seasonalNaive: spreadOf(windows.map(({ skill }) => skill.seasonalNaive.mae)),
    },
  };
}

/** Of the values that there are; null where there are none. */
export function spreadOf(values: readonly (number | null)[]): WindowSpread | null {
  const known = values.filter((value) => value !== null);
  const count = known.length;
  if (count === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / count;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, standardDeviation: count === 1 ? null : Math.sqrt(squares / (count - 1)) };
}
