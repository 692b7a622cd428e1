import { neutralState, type EtsKind, type EtsState } from './ets-model.js';

/** Rows of a line that a start without season is taken from, as in R's `ets`. */
const LINE_ROWS = 10;

/**
 * A state before the first row of `values`, missing ones left out. With a season of m rows: the slope from the mean change
 * over a season, the level from what is left, each phase from its mean difference from (or ratio to) that line, over all
 * rows given. Without: level and slope of a straight line through the first ten rows, or their mean without a trend.
 */
export function initialState(kind: EtsKind, seasonLength: number, values: Float64Array): EtsState {
  const state = neutralState(kind, seasonLength);
  const withTrend = kind.trend !== 'N';
  if (seasonLength === 0) {
    const [level, slope] = line(values.subarray(0, LINE_ROWS));
    state[0] = withTrend ? level : level + (slope * (Math.min(values.length, LINE_ROWS) + 1)) / 2;
    state[1] = withTrend ? slope : 0;
    return state;
  }
  let slope = withTrend ? meanChange(values, seasonLength) / seasonLength : 0;
  let level = levelOf(values, slope);
  const stays = level + slope > 0 && level + slope * values.length > 0;
  if (kind.season === 'M' && !stays) {
    slope = 0;
    level = levelOf(values, 0);
  }
  state[0] = level;
  state[1] = slope;
  const multiplies = kind.season === 'M';
  let total = 0;
  for (let phase = 0; phase < seasonLength; phase++) {
    let sum = 0;
    let count = 0;
    for (let row = phase; row < values.length; row += seasonLength) {
      const value = values[row]!;
      if (value !== value) continue;
      const carried = level + slope * (row + 1);
      sum += multiplies ? value / carried : value - carried;
      count++;
    }
    const season = count > 0 ? sum / count : multiplies ? 1 : 0;
    state[2 + phase] = season;
    total += season / seasonLength;
  }
  // Level and season are told apart by the season's mean: 0, or 1 where it multiplies.
  for (let at = 2; at < state.length; at++) state[at] = multiplies ? state[at]! / total : state[at]! - total;
  return state;
}

/** Ordinary least squares of y on the row number from 1: [intercept, slope]. */
function line(values: Float64Array): [number, number] {
  let count = 0;
  let sumX = 0;
  let sumY = 0;
  values.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    count++;
    sumX += row + 1;
    sumY += value;
  });
  if (count === 0) return [0, 0];
  const meanX = sumX / count;
  const meanY = sumY / count;
  let squares = 0;
  let products = 0;
  values.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    squares += (row + 1 - meanX) ** 2;
    products += (row + 1 - meanX) * (value - meanY);
  });
  const slope = squares > 0 ? products / squares : 0;
  return [meanY - slope * meanX, slope];
}

/** Mean of y_t − y_{t−m} over the rows where both are known; 0 where there is none. */
function meanChange(values: Float64Array, seasonLength: number): number {
  let sum = 0;
  let count = 0;
  for (let row = seasonLength; row < values.length; row++) {
    const change = values[row]! - values[row - seasonLength]!;
    if (change !== change) continue;
    sum += change;
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** Mean of y_t − slope·t. */
function levelOf(values: Float64Array, slope: number): number {
  let sum = 0;
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value !== value) continue;
    sum += value - slope * (row + 1);
    count++;
  }
  return count > 0 ? sum / count : 0;
}
