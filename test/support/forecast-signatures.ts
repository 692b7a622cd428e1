import type { ForecastSignature } from '#src/inference/forecast-signature.js';
import type { NarrowedPrediction } from '#src/inference/forecast-options.js';
import { DAY_MS } from './series.js';

/** Two targets, a covariate, and one that is known in advance; daily. */
export const SIGNATURE: ForecastSignature = {
  assets: ['north', 'south', 'rain', 'holiday'],
  targets: ['north', 'south'],
  knownFuture: ['holiday'],
  lookBack: 2,
  horizon: 2,
  calendar: { unit: 'milliseconds', step: DAY_MS, weekdays: [0, 1, 2, 3, 4, 5, 6], irregular: false },
  datasetId: 'dst_1',
  tellsDirections: false,
  levels: [
    [0.1, 0.5, 0.9],
    [0.1, 0.5, 0.9],
  ],
};

export const ONE_TARGET: ForecastSignature = {
  ...SIGNATURE,
  assets: ['north'],
  targets: ['north'],
  knownFuture: [],
  levels: [[0.1, 0.5, 0.9]],
};

/** One forecast of each list of means, a tenth of it around it. */
export function predictionOf(means: Readonly<Record<string, readonly number[]>>): NarrowedPrediction {
  return {
    predictionId: 'prd_1',
    endpoint: 'plant',
    model: 'plant',
    modelVersion: 1,
    variant: 'AllTraffic',
    createdAt: '2024-01-03T00:00:00.000Z',
    requestedBy: 'ada',
    origin: '2024-01-02T00:00:00.000Z',
    window: { datasetVersion: null, times: [], series: {} },
    latencyMs: 1,
    forecasts: Object.entries(means).map(([asset, mean]) => {
      const lower = mean.map((value) => value * 0.9);
      const upper = mean.map((value) => value * 1.1);
      return {
        asset,
        times: mean.map((_, step) => new Date(Date.UTC(2024, 0, 3 + step)).toISOString()),
        mean,
        gapProbability: null,
        intervals: [{ coverage: 0.8, lower, upper }],
        quantiles: [
          { level: 0.1, values: lower },
          { level: 0.5, values: mean },
          { level: 0.9, values: upper },
        ],
      };
    }),
  };
}
