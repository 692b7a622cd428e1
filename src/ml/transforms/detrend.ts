import { stateNumber } from './fitted-map.js';
import type { PositionalTransform, TransformState } from './transform.js';

const DAY_MS = 86_400_000;

/**
 * z[t] = x[t] − (level + slope·(time[t] − anchor)), the distance from the straight line of least squares through the
 * numbers of the train part; `anchor` is their mean time and `level` their mean, slope is per day. By time and not by row
 * number, so that a window that begins later than the training's data means the same. The line goes on for ever: a trend
 * that ended with the train part comes back as an error of the forecast.
 *
 * Edge cases: with one number or none the slope is 0. The inverse after an origin adds the line at the times of the
 * forecast rows. Source: Cleveland et al., "STL", Journal of Official Statistics 6 (1990), for why a trend is fitted
 * before what varies around it; formula: ordinary least squares.
 */
export const detrend: PositionalTransform = {
  kind: 'positional',
  name: 'detrend',
  title: 'Linear trend removed',
  description: 'Subtracts the straight line over time that fits the train part best.',
  parameters: {},
  appliesTo: 'series',
  fit({ times, values }) {
    const rows = [...values.keys()].filter((row) => !Number.isNaN(values[row]!));
    if (rows.length === 0) return { anchor: 0, level: 0, slopePerDay: 0 };
    const [firstTime, firstValue] = [times[rows[0]!]!, values[rows[0]!]!];
    const meanOf = (of: (row: number) => number): number => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
    const anchor = firstTime + meanOf((row) => times[row]! - firstTime);
    // Distances from the first value first: a large level costs no digits. Adding 0 makes −0 plain, for JSON.
    const level = firstValue + meanOf((row) => values[row]! - firstValue) + 0;
    let squares = 0;
    let products = 0;
    for (const row of rows) {
      const days = (times[row]! - anchor) / DAY_MS;
      squares += days * days;
      products += days * (values[row]! - level);
    }
    return { anchor, level, slopePerDay: squares === 0 ? 0 : products / squares + 0 };
  },
  transform: ({ times, values }, state) => values.map((value, row) => value - lineAt(times[row]!, state)),
  inverseAfter: (future, { times }, origin, state) =>
    future.map((value, at) => value + lineAt(times[origin + 1 + at] ?? NaN, state)),
  contextRows: () => 0,
};

function lineAt(time: number, state: TransformState): number {
  const days = (time - stateNumber(state, 'anchor')) / DAY_MS;
  return stateNumber(state, 'level') + stateNumber(state, 'slopePerDay') * days;
}
