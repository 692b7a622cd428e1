/**
 * The two forecasts that every model stands beside. Both repeat a value of the target's own series (after causal
 * imputation of small gaps: what the model sees), so each is given as the row that it repeats. Rows after the origin
 * are never looked at. Source: Hyndman, Athanasopoulos, "Forecasting: Principles and Practice", 3rd ed., section 5.2.
 */

/** Naive: every step repeats the last value known at the origin. Steps back over masked (NaN) rows. */
export function naiveRow(series: Float64Array, origin: number): number {
  let row = origin;
  while (row >= 0 && Number.isNaN(series[row])) row -= 1;
  if (row < 0) throw new Error(`no value at or before row ${origin}: such a row cannot be the origin of a window`);
  return row;
}

/**
 * Seasonal naive: step h repeats the newest known value of the same phase, row t + h − k·m with the smallest k that
 * gives a row at or before the origin t and not masked. Where there is none (a series shorter than a season), the
 * naive forecast is all that can be said.
 */
export function seasonalNaiveRow(series: Float64Array, origin: number, step: number, season: number): number {
  let row = origin + step - Math.ceil(step / season) * season;
  while (row >= 0 && Number.isNaN(series[row])) row -= season;
  return row >= 0 ? row : naiveRow(series, origin);
}
