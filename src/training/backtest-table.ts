import type { TableColumn } from '../common/tables/index.js';
import { naiveRow, seasonalNaiveRow } from '../ml/evaluation/baselines.js';
import type { BacktestForecasts } from '../ml/evaluation/backtest/backtest-report.js';
import type { DirectionBacktestForecasts } from '../ml/evaluation/backtest/direction-backtest.js';
import { originalTargets } from '../ml/processing/invert-targets.js';
import type { FittedProcessing } from '../ml/processing/processing-plan.js';
import { DIRECTIONS } from '../ml/windows/direction-labels.js';
import type { WindowedData } from '../ml/windows/windowed-data.js';

/**
 * Every forecast of a backtest beside what came and both baselines, original units; a block for each asset, a row for
 * each cut-off and step. `actual` is missing where it was not observed.
 */
export function* backtestTable(
  data: WindowedData,
  fitted: FittedProcessing,
  { cutoffs, values }: BacktestForecasts,
): Generator<readonly TableColumn[]> {
  const { times, horizon, seasonLength, targets } = data;
  const originals = originalTargets(data, fitted);
  const length = cutoffs.length * horizon;
  const cell = (at: number) => ({ cutoff: cutoffs[Math.floor(at / horizon)]!, step: (at % horizon) + 1 });
  for (const [target, asset] of targets.names.entries()) {
    const series = originals[target]!;
    const observed = targets.observed[target]!;
    const number = (name: string, kind: 'time' | 'number', value: (of: ReturnType<typeof cell>) => number) => ({
      name,
      kind,
      values: Float64Array.from({ length }, (_, at) => value(cell(at))),
    });
    yield [
      { name: 'asset', kind: 'text', values: Array.from({ length }, () => asset) },
      number('cutoff', 'time', ({ cutoff }) => times[cutoff]!),
      number('time', 'time', ({ cutoff, step }) => times[cutoff + step]!),
      number('step', 'number', ({ step }) => step),
      number('actual', 'number', ({ cutoff, step }) => (observed[cutoff + step] === 1 ? series[cutoff + step]! : NaN)),
      { name: 'model', kind: 'number', values: values[target]! },
      number('naive', 'number', ({ cutoff }) => series[naiveRow(series, cutoff)]!),
      number(
        'seasonalNaive',
        'number',
        ({ cutoff, step }) => series[seasonalNaiveRow(series, cutoff, step, seasonLength)]!,
      ),
    ];
  }
}

/**
 * Every probability of a backtest of directions beside what came; a block for each asset, a row for each cut-off and step.
 * `actual` is empty where the change was not observed.
 */
export function* directionBacktestTable(
  { times, horizon, targets }: WindowedData,
  { cutoffs, probabilities, labels }: DirectionBacktestForecasts,
): Generator<readonly TableColumn[]> {
  const length = cutoffs.length * horizon;
  const classes = DIRECTIONS.length;
  for (const [target, asset] of targets.names.entries()) {
    const column = (name: string, kind: 'time' | 'number', value: (window: number, step: number) => number) => ({
      name,
      kind,
      values: Float64Array.from({ length }, (_, at) => value(Math.floor(at / horizon), (at % horizon) + 1)),
    });
    const text = (name: string, value: (window: number, step: number) => string) => ({
      name,
      kind: 'text' as const,
      values: Array.from({ length }, (_, at) => value(Math.floor(at / horizon), (at % horizon) + 1)),
    });
    yield [
      text('asset', () => asset),
      column('cutoff', 'time', (window) => times[cutoffs[window]!]!),
      column('time', 'time', (window, step) => times[cutoffs[window]! + step]!),
      column('step', 'number', (_, step) => step),
      text('actual', (window, step) => DIRECTIONS[labels[window]![target]![step - 1]!] ?? ''),
      ...DIRECTIONS.map((direction, one) =>
        column(direction, 'number', (window, step) => {
          return probabilities[window]![((step - 1) * targets.names.length + target) * classes + one]!;
        }),
      ),
    ];
  }
}
