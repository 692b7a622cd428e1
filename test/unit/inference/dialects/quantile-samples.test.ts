import { samplePaths } from '#src/inference/dialects/quantile-samples.js';
import { normalQuantile } from '#src/ml/metrics/normal-quantile.js';

const COVERAGES = [0.8, 0.95];

/** Intervals of a normal distribution with these means and deviations. */
function normalForecast(means: readonly number[], deviations: readonly number[]) {
  return {
    asset: 'load',
    times: means.map(String),
    mean: means,
    gapProbability: null,
    intervals: COVERAGES.map((coverage) => ({
      coverage,
      lower: means.map((mean, at) => mean - deviations[at]! * normalQuantile((1 + coverage) / 2)),
      upper: means.map((mean, at) => mean + deviations[at]! * normalQuantile((1 + coverage) / 2)),
    })),
  };
}

describe('sample paths from quantiles', () => {
  it('spread as a normal distribution does, beyond the outermost level too', () => {
    const paths = samplePaths(normalForecast([10, 20], [1, 3]), 1_000);
    expect(paths[0]).toEqual([10, 20]);
    expect(paths).toEqual(samplePaths(normalForecast([10, 20], [1, 3]), 1_000));
    [10, 20].forEach((mean, step) => {
      const values = paths.map((path) => (path[step]! - mean) / [1, 3][step]!);
      const average = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
      expect(Math.abs(average)).toBeLessThan(0.01);
      expect(Math.abs(variance - 1)).toBeLessThan(0.02);
      const outside = values.filter((value) => Math.abs(value) > normalQuantile(0.975)).length;
      expect(Math.abs(outside - 50)).toBeLessThanOrEqual(2);
    });
  });

  it('needs intervals', () => {
    expect(() => samplePaths({ ...normalForecast([1], [1]), intervals: [] }, 10)).toThrow(
      'The model has no intervals of load to draw samples from',
    );
  });
});
