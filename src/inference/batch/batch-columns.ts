import { DIRECTIONS } from '../../ml/windows/direction-labels.js';
import type { AssetForecast } from '../prediction.js';
import type { BatchColumn } from './protocol.js';

/** One forecast of a batch: an origin, and what is said of its assets. */
export interface BatchForecast {
  readonly originMs: number;
  readonly forecasts: readonly AssetForecast[];
}

/** One row for each origin, asset and step. All blocks of one model have the same columns. */
export function batchColumns(
  made: readonly BatchForecast[],
  coverages: readonly number[],
  tellsDirections: boolean,
): BatchColumn[] {
  const rows = made.flatMap(({ originMs, forecasts }) =>
    forecasts.flatMap((forecast) =>
      forecast.times.map((time, at) => ({ originMs, forecast, time: Date.parse(time), at })),
    ),
  );
  const numbers = (name: string, of: (row: (typeof rows)[number]) => number | undefined): BatchColumn => ({
    name,
    kind: 'number',
    values: Float64Array.from(rows, (row) => of(row) ?? NaN),
  });
  const times = (name: string, of: (row: (typeof rows)[number]) => number): BatchColumn => ({
    name,
    kind: 'time',
    values: Float64Array.from(rows, of),
  });
  const texts = (
    name: string,
    all: readonly string[],
    of: (row: (typeof rows)[number]) => string | undefined,
  ): BatchColumn => ({
    name,
    kind: 'text',
    texts: all,
    values: Float64Array.from(rows, (row) => all.indexOf(of(row) ?? '')),
  });
  const assets = [...new Set(rows.map(({ forecast }) => forecast.asset))];
  return [
    times('origin', ({ originMs }) => originMs),
    texts('asset', assets, ({ forecast }) => forecast.asset),
    numbers('step', ({ at }) => at + 1),
    times('time', ({ time }) => time),
    ...(tellsDirections
      ? [
          texts('direction', DIRECTIONS, ({ forecast, at }) => forecast.direction?.[at]),
          ...DIRECTIONS.map((one) =>
            numbers(`probability_${one}`, ({ forecast, at }) => forecast.probabilities?.[one][at]),
          ),
        ]
      : [numbers('mean', ({ forecast, at }) => forecast.mean?.[at])]),
    ...coverages.flatMap((coverage) =>
      (['lower', 'upper'] as const).map((end) =>
        numbers(`${end}_${coverage}`, ({ forecast, at }) => {
          return forecast.intervals.find((interval) => interval.coverage === coverage)?.[end][at];
        }),
      ),
    ),
    numbers('gapProbability', ({ forecast, at }) => forecast.gapProbability?.[at]),
  ];
}
