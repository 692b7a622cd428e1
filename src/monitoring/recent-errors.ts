import type { ModelReport } from '../ml/evaluation/direction-report.js';
import type { ReferenceError } from '../ml/drift/error-drift.js';
import { LiveScores } from '../ml/monitoring/live-scores.js';
import type { Prediction } from '../inference/index.js';
import { outcomesOf } from './forecast-outcomes.js';

/** Errors of one asset, one for each origin whose forecast has come as a whole. */
export interface RecentErrors {
  readonly errors: Float64Array;
  /** Forecasts they are worth: the different times that were forecast, divided by the horizon. */
  readonly independent: number;
}

/**
 * Recent errors by asset: the mean absolute error of each forecast over its horizon, or its log loss. Forecasts from one
 * origin are of the same rows: the newest counts. One whose last step has not come yet has only its easiest steps, so it
 * does not count.
 */
export function recentErrors(
  predictions: readonly Prediction[],
  find: (asset: string, time: string) => number | undefined,
): ReadonlyMap<string, RecentErrors> {
  const found = new Map<
    string,
    { readonly byOrigin: Map<string, number>; readonly times: Set<string>; horizon: number }
  >();
  for (const prediction of predictions) {
    for (const forecast of prediction.forecasts) {
      const { asset, times } = forecast;
      let known = found.get(asset);
      if (known === undefined) found.set(asset, (known = { byOrigin: new Map(), times: new Set(), horizon: 1 }));
      const last = times.at(-1);
      if (known.byOrigin.has(prediction.origin) || last === undefined || find(asset, last) === undefined) continue;
      const scores = new LiveScores();
      for (const outcome of outcomesOf({ ...prediction, forecasts: [forecast] }, find)) scores.add(outcome);
      const { mae, direction } = scores.metrics();
      const error = mae ?? direction?.logLoss;
      if (error === undefined) continue;
      known.byOrigin.set(prediction.origin, error);
      known.horizon = times.length;
      for (const time of times) known.times.add(time);
    }
  }
  return new Map(
    [...found].map(([asset, { byOrigin, times, horizon }]) => [
      asset,
      { errors: Float64Array.from(byOrigin.values()), independent: times.size / horizon },
    ]),
  );
}

/** How an asset was forecast in the test part; null where it was not. */
export function referenceError(
  report: ModelReport,
  asset: string,
): (ReferenceError & { readonly measure: 'mae' | 'logLoss' }) | null {
  const { horizon } = report;
  if (report.task === 'direction') {
    const scored = report.test?.perAsset.find((one) => one.asset === asset);
    if (scored === undefined) return null;
    const windows = scored.count / (horizon * horizon);
    return { measure: 'logLoss', mean: scored.model.logLoss, meanSquare: null, windows };
  }
  const scored = report.test?.perAsset.find((one) => one.asset === asset)?.model.original;
  if (scored === undefined) return null;
  // Windows that slide by a row forecast each time horizon times, and its neighbours are not independent either.
  return { measure: 'mae', mean: scored.mae, meanSquare: scored.mse, windows: scored.count / (horizon * horizon) };
}
