import { inputsOfPredictions, inputsOfRows } from '#src/monitoring/recent-inputs.js';
import { recentErrors } from '#src/monitoring/recent-errors.js';
import type { Prediction } from '#src/inference/index.js';

const day = (number: number): string => new Date(Date.UTC(2026, 0, number)).toISOString();
const prediction = (first: number, series: (number | null)[], mean: number[] = []): Prediction => {
  const origin = first + series.length - 1;
  return {
    predictionId: `prd_${first}`,
    endpoint: 'e',
    model: 'm',
    modelVersion: 1,
    variant: 'main',
    createdAt: day(origin),
    requestedBy: 'ann',
    origin: day(origin),
    window: { datasetVersion: null, times: series.map((_, at) => day(first + at)), series: { A: series } },
    forecasts: [
      {
        asset: 'A',
        times: mean.map((_, at) => day(origin + 1 + at)),
        mean,
        gapProbability: null,
        intervals: [],
      },
    ],
    latencyMs: 1,
  };
};

describe('recent inputs', () => {
  it('count each time of overlapping windows once, and no change between windows far apart', () => {
    const inputs = inputsOfPredictions([prediction(2, [2, 4, null]), prediction(1, [1, 2, 4]), prediction(20, [9, 8])]);
    expect(inputs.get('A')).toEqual({
      values: Float64Array.of(1, 2, 4, NaN, 9, 8),
      changes: Float64Array.of(1, 2, NaN, -1),
    });
  });

  it('are the rows after a time, the newest of them', () => {
    const frame = {
      asset: 'A',
      assetClass: null,
      frame: { times: Float64Array.of(1, 2, 3, 4), names: ['value'], columns: [Float64Array.of(5, 6, 8, 11)] },
    };
    const asset = { id: 'A', assetClass: null, column: 'value' };
    expect(inputsOfRows(frame, asset, 2, 10)).toEqual({
      values: Float64Array.of(8, 11),
      changes: Float64Array.of(2, 3),
    });
    expect(inputsOfRows(frame, asset, 0, 1)).toEqual({ values: Float64Array.of(11), changes: Float64Array.of(3) });
    expect(inputsOfRows(frame, asset, 4, 10)).toEqual({ values: Float64Array.of(), changes: Float64Array.of() });
  });
});

describe('recent errors', () => {
  it('are one a forecast that has come as a whole, the newest of each origin', () => {
    const actual = new Map([4, 5, 6, 7].map((number) => [day(number), 10]));
    const made = [
      prediction(1, [1, 2, 3], [12, 14]), // origin 3: days 4 and 5
      prediction(1, [1, 2, 3], [99, 99]),
      prediction(3, [1, 2, 3], [9, 10]), // origin 5: days 6 and 7
      prediction(4, [1, 2, 3], [9, 10]), // origin 6: days 7 and 8, which has not come
    ];
    const found = recentErrors(made, (_, time) => actual.get(time)).get('A');
    expect(found).toEqual({ errors: Float64Array.of(3, 0.5), independent: 2 });
  });
});
