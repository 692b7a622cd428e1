import type { InputMatrix } from '#src/ml/windows/windowed-data.js';
import fc from 'fast-check';
import { ConformalCalibration, residualsNeeded, windowThinning } from '#src/ml/evaluation/conformal-calibration.js';
import { coveragesOf, intervalsAround, type ForecastIntervals } from '#src/ml/evaluation/forecast-intervals.js';
import { evaluateModel } from '#src/ml/evaluation/report.js';
import { canonicalJson } from '#src/ml/export/canonical-json.js';
import { testNoise } from '../../../support/synthetic-windows.js';
import { example, forecasterOf, type Example } from './windowed-example.js';

const COVERAGES = [0.5, 0.8, 0.95];

/** Independent noise of some shape around 10: the forecast 10 has exchangeable residuals. */
function noise(rows: number, seed: number, shape: (value: number) => number = (value) => value): number[] {
  const next = testNoise(seed);
  return Array.from({ length: rows }, () => 10 + shape(next()));
}

const constant = (made: Example, value = 10) => {
  const { mean, deviation } = made.fitted.targets[0]!.state as { mean: number; deviation: number };
  return forecasterOf(made.data, () => (value - mean) / deviation);
};

const evaluated = (made: Example, coverages = COVERAGES, forecaster = constant(made)) =>
  evaluateModel(made.data, made.fitted, forecaster, undefined, coverages);

/** The offsets of one calibration by hand: forecast 0 of a series that is its own residual. */
function calibrated(residuals: readonly number[], coverages: readonly number[]): ForecastIntervals | null {
  const rows = residuals.length + 1;
  const data = {
    times: new Float64Array(rows),
    lookBack: 1,
    horizon: 1,
    seasonLength: 1,
    inputs: { names: ['a'], columns: [] },
    targets: { names: ['a'], columns: [], observed: [new Uint8Array(rows).fill(1)], inputs: [0] },
    origins: { train: new Int32Array(), validation: new Int32Array(), test: new Int32Array() },
  };
  const calibration = new ConformalCalibration(data, [Float64Array.of(0, ...residuals)], residuals.length);
  const origins = Int32Array.from(residuals.keys());
  // In two blocks: it makes no difference.
  calibration.add(0, origins.subarray(0, 5), new Float64Array(5));
  calibration.add(0, origins.subarray(5), new Float64Array(origins.length - 5));
  return calibration.intervals(coverages);
}

describe('split-conformal intervals', () => {
  it('take the ranks of the finite-sample quantiles, either side for itself', () => {
    // −9 … 9 without 0 in some order, n = 19: (20 · 1.8) / 2 = 18th smallest for 0.8, (20 · 1.9) / 2 = 19th for 0.9
    const residuals = Array.from({ length: 19 }, (_, at) => ((at * 7) % 19) - 9).map((value) =>
      value > 0 ? 2 * value : value,
    );
    expect(calibrated(residuals, [0.5, 0.8, 0.9, 0.95])).toEqual({
      format: 1,
      method: 'split-conformal',
      targets: [
        {
          asset: 'a',
          // 0.95 needs 39
          coverages: [0.5, 0.8, 0.9],
          residuals: [19],
          // ranks 15, 18, 19 of 19 from either end
          lower: [[-5], [-8], [-9]],
          upper: [[10], [16], [18]],
        },
      ],
    });
  });

  it('leave out what the residuals are too few for', () => {
    expect([0.5, 0.8, 0.9, 0.95, 0.99].map(residualsNeeded)).toEqual([3, 9, 19, 39, 199]);
    for (const coverage of [0.5, 0.8, 0.9, 0.95]) {
      const of = (count: number) =>
        calibrated(
          Array.from({ length: count }, (_, at) => at),
          [coverage],
        );
      const needed = Math.max(6, residualsNeeded(coverage));
      expect(coveragesOf(of(needed)!, 0)).toEqual([coverage]);
      if (residualsNeeded(coverage) > 6) expect(of(needed - 1)).toBeNull();
    }
  });

  it('cover exchangeable values as often as they promise, whatever the distribution', async () => {
    const shapes = [
      (value: number) => value,
      (value: number) => Math.exp(3 * value),
      (value: number) => Math.tan(1.4 * value),
    ];
    for (const [seed, shape] of shapes.entries()) {
      const made = example({ series: { a: noise(12_000, seed + 3, shape) }, lookBack: 1, horizon: 1 });
      const { report } = await evaluated(made);
      const { overall, method } = report.test!.intervals!;
      expect(method).toBe('split-conformal');
      expect(overall.map(({ coverage }) => coverage)).toEqual(COVERAGES);
      for (const { coverage, covered, count } of overall) {
        // Both the calibration and the test part are samples: the deviation of a difference of two shares.
        const deviation = Math.sqrt((coverage * (1 - coverage) * 2) / count);
        expect(Math.abs(covered - coverage)).toBeLessThan(4 * deviation);
      }
    }
  });

  it('hold narrower ones, hold a bias, and have unequal sides where errors have', async () => {
    const skewed = noise(4_000, 9, (value) => Math.exp(2 * value));
    const made = example({ series: { a: skewed }, lookBack: 2, horizon: 3 });
    const { intervals } = await evaluated(made, COVERAGES, constant(made, 20));
    if (intervals?.method !== 'split-conformal') throw new Error('not conformal');
    const [target] = intervals.targets;
    for (let step = 0; step < 3; step++) {
      const lower = target!.lower.map((steps) => steps[step]!);
      const upper = target!.upper.map((steps) => steps[step]!);
      expect(lower).toEqual([...lower].sort((one, other) => other - one));
      expect(upper).toEqual([...upper].sort((one, other) => one - other));
      // The forecast is 20 and no value is: the interval is below it as a whole.
      expect(upper[2]!).toBeLessThan(0);
      const middle = -10 + Math.exp(0);
      expect(upper[2]! - middle).toBeGreaterThan(2 * (middle - lower[2]!));
    }
  });

  it('do not depend on the test part', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 60, maxLength: 60 }),
        async (tail) => {
          const series = noise(300, 4);
          const before = await evaluated(example({ series: { a: series } }));
          const after = await evaluated(example({ series: { a: [...series.slice(0, 240), ...tail] } }));
          expect(canonicalJson(after.intervals)).toBe(canonicalJson(before.intervals));
          expect(before.intervals).not.toBeNull();
        },
      ),
      { numRuns: 20 },
    );
  });

  it('count observed rows only, and score each asset by the coverages it has', async () => {
    const made = example({ series: { a: noise(400, 1), b: noise(400, 2) }, horizon: 1 });
    // Of b 20 of 80 validation rows are observed: enough for 0.8, not for 0.95.
    made.data.targets.observed[1]!.fill(0, 240, 300);
    const { intervals, report } = await evaluated(made, [0.8, 0.95]);
    expect(coveragesOf(intervals!, 0)).toEqual([0.8, 0.95]);
    expect(coveragesOf(intervals!, 1)).toEqual([0.8]);
    const { overall, perAsset, perStep } = report.test!.intervals!;
    expect(overall.map(({ count }) => count)).toEqual([160, 80]);
    expect(perAsset.map(({ asset, scores }) => [asset, scores.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(perStep).toHaveLength(1);
    const [a, b] = report.test!.perAsset;
    const widths = [
      perAsset[0]!.scores[0]!.meanWidth / a!.trainDeviation,
      perAsset[1]!.scores[0]!.meanWidth / b!.trainDeviation,
    ];
    expect(overall[0]!.meanWidth).toBeCloseTo((widths[0]! + widths[1]!) / 2, 12);
  });

  it('are not there when none were asked for, nor without validation windows', async () => {
    const made = example({ series: { a: noise(200, 1) } });
    const none = await evaluated(made, []);
    expect(none.intervals).toBeNull();
    expect(none.report.test).not.toHaveProperty('intervals');
    const without = await evaluated(example({ series: { a: noise(200, 1) }, validationShare: 0 }));
    expect(without.intervals).toBeNull();
  });

  it('keep evenly spread windows of a part with more residuals than are held at once', () => {
    expect(windowThinning(1_000, 10, 10_000)).toBe(1);
    expect(windowThinning(1_001, 10, 10_000)).toBe(2);
    expect(windowThinning(100_000, 1_000, 10_000)).toBe(391);
  });
});

describe('intervals of an algorithm with quantiles of its own', () => {
  /** Quantiles of a uniform distribution between −1 and 1 around 10, in scaled units. */
  const uniform = (made: Example) => {
    const { mean, deviation } = made.fitted.targets[0]!.state as { mean: number; deviation: number };
    return {
      ...constant(made),
      forecastQuantiles: async (_inputs: unknown, origins: Int32Array, levels: readonly number[]) =>
        Float64Array.from({ length: origins.length * 2 * levels.length }, (_, at) => {
          return (10 + 2 * levels[at % levels.length]! - 1 - mean) / deviation;
        }),
    };
  };

  it('are those, in original units, and measured on the test part', async () => {
    const made = example({ series: { a: noise(8_000, 5) }, lookBack: 1, horizon: 2 });
    const { intervals, report } = await evaluated(made, [0.5, 0.9], uniform(made));
    expect(intervals).toEqual({ format: 1, method: 'quantiles', coverages: [0.5, 0.9] });
    const { overall } = report.test!.intervals!;
    expect(overall[0]!.covered).toBeCloseTo(0.5, 1);
    expect(overall[1]!.covered).toBeCloseTo(0.9, 1);
    // A width of 1 in original units.
    expect(report.test!.intervals!.perAsset[0]!.scores[0]!.meanWidth).toBeCloseTo(1, 10);
    const source = {
      forecaster: uniform(made),
      inputs: made.data.inputs,
      horizon: 2,
      inverses: [(values: Float64Array) => values],
    };
    const [ofTarget] = await intervalsAround(intervals!, source, Int32Array.of(9), []);
    expect(ofTarget!.map(({ coverage, lower }) => [coverage, lower.length])).toEqual([
      [0.5, 2],
      [0.9, 2],
    ]);
  });

  it('come from one pass over the windows of each part, where the model can, and are the same', async () => {
    const made = example({ series: { a: noise(400, 5) }, lookBack: 1, horizon: 2 });
    const apart = uniform(made);
    const passes = { forecast: 0, forecastQuantiles: 0, forecastWithQuantiles: 0 };
    const counted = {
      ...apart,
      forecast: (inputs: InputMatrix, origins: Int32Array) => {
        passes.forecast += origins.length;
        return apart.forecast(inputs, origins);
      },
      forecastQuantiles: (inputs: unknown, origins: Int32Array, levels: readonly number[]) => {
        passes.forecastQuantiles += origins.length;
        return apart.forecastQuantiles(inputs, origins, levels);
      },
      forecastWithQuantiles: async (inputs: InputMatrix, origins: Int32Array, levels: readonly number[]) => {
        passes.forecastWithQuantiles += origins.length;
        return {
          forecasts: await apart.forecast(inputs, origins),
          quantiles: await apart.forecastQuantiles(inputs, origins, levels),
        };
      },
    };
    const once = await evaluated(made, [0.5, 0.9], counted);
    const { validation, test } = made.data.origins;
    expect(passes).toEqual({
      forecast: validation.length,
      forecastQuantiles: 0,
      forecastWithQuantiles: test.length,
    });
    expect(once.report).toEqual((await evaluated(made, [0.5, 0.9], apart)).report);
  });

  it('are not used where the targets are changes: quantiles of changes do not add up', async () => {
    const made = example({ series: { a: noise(400, 5) }, lookBack: 1, horizon: 2 });
    const positional = { ...made, data: { ...made.data, targets: { ...made.data.targets, isPositional: true } } };
    expect((await evaluated(positional, [0.5], uniform(made))).intervals?.method).toBe('split-conformal');
  });
});
