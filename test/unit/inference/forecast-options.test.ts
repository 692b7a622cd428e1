import fc from 'fast-check';
import { assertAnswerable, narrowPrediction } from '#src/inference/forecast-options.js';
import { levelsOf, type ForecastSignature } from '#src/inference/forecast-signature.js';
import type { AssetForecast, Prediction } from '#src/inference/prediction.js';
import { failureOf } from '../../support/failure-of.js';

const TIMES = ['2024-01-01', '2024-01-02', '2024-01-03'];

function forecastOf(asset: string, base: number): AssetForecast {
  const around = (by: number) => TIMES.map((_, at) => base + at + by);
  return {
    asset,
    times: TIMES,
    mean: around(0),
    gapProbability: [0.1, 0.2, 0.3],
    intervals: [
      { coverage: 0.8, lower: around(-1), upper: around(1) },
      { coverage: 0.95, lower: around(-2), upper: around(2) },
    ],
  };
}

const PREDICTION: Prediction = {
  predictionId: 'prd_1',
  endpoint: 'closes',
  model: 'closes',
  modelVersion: 3,
  variant: 'AllTraffic',
  createdAt: '2024-01-01T00:00:00.000Z',
  requestedBy: 'ada',
  origin: '2023-12-31',
  window: { datasetVersion: 1, times: ['2023-12-31'], series: { north: [1], south: [2] } },
  forecasts: [forecastOf('north', 10), forecastOf('south', 20)],
  latencyMs: 1,
};

const DIRECTIONS: Prediction = {
  ...PREDICTION,
  forecasts: [
    {
      asset: 'north',
      times: TIMES,
      probabilities: { down: [0.2, 0.3, 0.4], flat: [0.5, 0.5, 0.5], up: [0.3, 0.2, 0.1] },
      direction: ['flat', 'flat', 'flat'],
      flatWithin: [1, 1.4, 1.7],
      gapProbability: null,
      intervals: [],
    },
  ],
};

const SIGNATURE: ForecastSignature = {
  assets: ['north', 'south', 'rain'],
  targets: ['north', 'south'],
  knownFuture: [],
  lookBack: 5,
  horizon: 3,
  calendar: { unit: 'milliseconds', step: 86_400_000, weekdays: [0, 1, 2, 3, 4, 5, 6], irregular: false },
  datasetId: 'dst_1',
  tellsDirections: false,
  levels: [levelsOf([0.8, 0.95]), levelsOf([])],
};

describe('what of a forecast is answered', () => {
  it('is all of it where nothing is asked', () => {
    expect(narrowPrediction(PREDICTION, {})).toEqual(PREDICTION);
  });

  it('is the first steps, the targets in the order asked, and quantiles from the ends of intervals', () => {
    const { forecasts } = narrowPrediction(PREDICTION, {
      horizon: 2,
      assets: ['south', 'north'],
      quantiles: [0.9, 0.5, 0.025],
    });
    expect(forecasts.map(({ asset }) => asset)).toEqual(['south', 'north']);
    expect(forecasts[0]).toEqual({
      asset: 'south',
      times: ['2024-01-01', '2024-01-02'],
      mean: [20, 21],
      gapProbability: [0.1, 0.2],
      intervals: [
        { coverage: 0.8, lower: [19, 20], upper: [21, 22] },
        { coverage: 0.95, lower: [18, 19], upper: [22, 23] },
      ],
      quantiles: [
        { level: 0.9, values: [21, 22] },
        { level: 0.5, values: [20, 21] },
        { level: 0.025, values: [18, 19] },
      ],
    });
  });

  it('cuts directions likewise', () => {
    expect(narrowPrediction(DIRECTIONS, { horizon: 1 }).forecasts[0]).toEqual({
      asset: 'north',
      times: ['2024-01-01'],
      probabilities: { down: [0.2], flat: [0.5], up: [0.3] },
      direction: ['flat'],
      flatWithin: [1],
      gapProbability: null,
      intervals: [],
    });
  });

  it('never changes the prediction, and gives the beginning of every list', () => {
    const before = JSON.stringify(PREDICTION);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.subarray(['north', 'south'], { minLength: 1 }),
        fc.subarray([0.025, 0.1, 0.5, 0.9, 0.975], { minLength: 1 }),
        (horizon, assets, quantiles) => {
          const narrowed = narrowPrediction(PREDICTION, { horizon, assets, quantiles });
          narrowed.forecasts.forEach((forecast, at) => {
            const whole = PREDICTION.forecasts.find(({ asset }) => asset === assets[at])!;
            expect(forecast.mean).toEqual(whole.mean!.slice(0, horizon));
            expect(forecast.times).toEqual(whole.times.slice(0, horizon));
            // Ascending levels never fall.
            const [low, ...others] = forecast.quantiles!.map(({ values }) => values);
            others.reduce((one, other) => {
              other.forEach((value, step) => expect(value).toBeGreaterThanOrEqual(one[step]!));
              return other;
            }, low!);
          });
          expect(JSON.stringify(PREDICTION)).toBe(before);
        },
      ),
    );
  });

  it('refuses what the model cannot answer, before and after the forecast alike', () => {
    const tries = [
      [{ horizon: 4 }, 'HORIZON_TOO_LONG', 'The model forecasts 3 steps and cannot answer 4: ask for fewer, or train'],
      [{ assets: ['west'] }, 'TARGET_UNKNOWN', 'The model does not forecast west; it forecasts north, south'],
      [
        { assets: ['north'], quantiles: [0.1, 0.25] },
        'QUANTILE_UNKNOWN',
        'The model has no quantile 0.25 of north; it has 0.025, 0.1, 0.5, 0.9, 0.975. Others come with a training whose evaluation.intervals has their coverage, 0.5 for this one',
      ],
    ] as const;
    for (const [options, code, message] of tries) {
      for (const attempt of [() => assertAnswerable(SIGNATURE, options), () => narrowPrediction(PREDICTION, options)]) {
        expect(failureOf(attempt)).toMatchObject({ code, message: expect.stringContaining(message) as string });
      }
    }
    expect(() => assertAnswerable(SIGNATURE, { quantiles: [0.1] })).toThrow('no quantile 0.1 of south; it has 0.5.');
    expect(() => narrowPrediction(DIRECTIONS, { quantiles: [0.5] })).toThrow(
      'The model tells directions of north and has no quantiles',
    );
  });
});
