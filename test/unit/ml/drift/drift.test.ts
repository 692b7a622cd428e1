import fc from 'fast-check';
import { errorDrift } from '#src/ml/drift/error-drift.js';
import { distributionDrift } from '#src/ml/drift/input-drift.js';
import { kolmogorovSmirnov, kolmogorovTail } from '#src/ml/drift/kolmogorov-smirnov.js';
import { binCounts, populationStability, quantileBorders } from '#src/ml/drift/population-stability.js';
import { effectiveCount, effectiveRuns } from '#src/ml/drift/effective-count.js';
import { changesOf, referenceDistribution } from '#src/ml/drift/reference-distribution.js';
import { seededUniform } from '../../../support/series.js';

const THRESHOLDS = { psi: 0.2, significance: 0.01, minimumSamples: 100 };

/** y[t] = ρ y[t − 1] + √(1 − ρ²) ε: standard normal, around `mean`. */
function autoregression(length: number, seed: number, rho = 0, mean = 0): Float64Array {
  const uniform = seededUniform(seed);
  // Box and Muller.
  const noise = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  let value = noise();
  return Float64Array.from({ length }, () => {
    value = rho * value + Math.sqrt(1 - rho * rho) * noise();
    return mean + value;
  });
}

describe('population stability', () => {
  const counts = fc.array(fc.nat(1_000), { minLength: 10, maxLength: 10 });

  it('is 0 for equal counts, never negative, and the same either way round', () => {
    fc.assert(fc.property(counts, (one) => Math.abs(populationStability(one, one)) < 1e-15));
    fc.assert(
      fc.property(counts, counts, (one, other) => {
        const psi = populationStability(one, other);
        return psi >= 0 && Math.abs(psi - populationStability(other, one)) <= 1e-12 * Math.max(1, psi);
      }),
    );
  });

  it('is the sum by hand', () => {
    // (9.5 and 0.5 of 10 + 1 against 4.5 + 1 and 4.5 + 1): shares 10/12 … with half a value more in each bin.
    const [p, q] = [10.5 / 11, 0.5 / 11];
    const expected = (0.5 - p) * Math.log(0.5 / p) + (0.5 - q) * Math.log(0.5 / q);
    expect(populationStability([10, 0], [5, 5])).toBeCloseTo(expected, 14);
  });

  it('cuts values into deciles, and repeated ones into fewer bins', () => {
    const values = Float64Array.from({ length: 100 }, (_, at) => at + 1);
    expect(quantileBorders(values, 10)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90]);
    expect(binCounts(quantileBorders(values, 10), values)).toEqual(new Array<number>(10).fill(10));
    expect(binCounts([10, 20], Float64Array.of(-1, 10, 10.5, 20, 99))).toEqual([2, 2, 1]);
    expect(quantileBorders(Float64Array.of(0, 0, 0, 0, 1, 1), 10)).toEqual([0]);
    expect(quantileBorders(Float64Array.of(5, 5, 5), 10)).toEqual([]);
  });
});

describe('the test of Kolmogorov and Smirnov', () => {
  // Smirnov's table of the limit distribution.
  it.each([
    [0.82757356, 0.5],
    [1.22385, 0.1],
    [1.3581, 0.05],
    [1.62762, 0.01],
    [1.94947, 0.001],
  ])('has the tail of %d at %d', (x, tail) => expect(kolmogorovTail(x)).toBeCloseTo(tail, 5));

  it('has one tail on both sides of where its two series meet', () => {
    expect(kolmogorovTail(1.18 - 1e-9)).toBeCloseTo(kolmogorovTail(1.18 + 1e-9), 8);
    expect(kolmogorovTail(1)).toBeCloseTo(0.2699996716773546, 12);
    expect([kolmogorovTail(0), kolmogorovTail(0.05), kolmogorovTail(20)]).toEqual([1, 1, 0]);
  });

  it('finds the distance by hand, ties included', () => {
    const left = Float64Array.of(1, 2, 2, 3);
    const right = Float64Array.of(2, 3, 4, 5);
    // After 2: 3/4 against 1/4.
    const { statistic, pValue } = kolmogorovSmirnov(left, right);
    expect(statistic).toBe(0.5);
    expect(pValue).toBeCloseTo(kolmogorovTail(Math.sqrt(2) * 0.5), 14);
    expect(kolmogorovSmirnov(left, left)).toEqual({ statistic: 0, pValue: 1 });
    expect(kolmogorovSmirnov(Float64Array.of(1, 2), Float64Array.of(3, 4)).statistic).toBe(1);
  });

  it('says the same either way round', () => {
    const ascending = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(ascending, ascending, (one, other) => {
        const [left, right] = [Float64Array.from(one).sort(), Float64Array.from(other).sort()];
        expect(kolmogorovSmirnov(left, right)).toEqual(kolmogorovSmirnov(right, left));
      }),
    );
  });
});

describe('the reference', () => {
  it('keeps what it needs of a series', () => {
    const reference = referenceDistribution(Float64Array.of(3, NaN, 1, 2, 4))!;
    expect(reference).toMatchObject({ count: 4, quantiles: [1, 2, 3, 4], borders: [1, 2, 3] });
    expect(referenceDistribution(Float64Array.of(NaN))).toBeNull();
    expect(changesOf(Float64Array.of(1, 4, NaN, 2))).toEqual(Float64Array.of(3, NaN, NaN));
    expect(referenceDistribution(autoregression(20_000, 1))!.quantiles).toHaveLength(500);
  });

  it('knows what neighbouring rows are worth', () => {
    const worth = (series: Float64Array, rows: number): number =>
      effectiveRuns(series).find((run) => run.rows === rows)!.effective;
    // n (1 − ρ) / (1 + ρ), by the theory of long runs.
    expect(worth(autoregression(100_000, 2, 0.8), 256) / (256 / 9)).toBeCloseTo(1, 0);
    expect(worth(autoregression(100_000, 2), 64) / 64).toBeCloseTo(1, 1);
    const daily = Float64Array.from({ length: 4_096 }, (_, row) => 1e9 + Math.sin((2 * Math.PI * row) / 24));
    expect(worth(daily, 256)).toBeGreaterThan(128);
    expect(worth(daily, 8)).toBeLessThan(2);
    const trend = Float64Array.from({ length: 4_096 }, (_, row) => row);
    expect(worth(trend, 1_024)).toBeLessThan(1.5);
    const gaps = daily.map((value, row) => (row % 3 === 0 ? NaN : value));
    expect(worth(gaps, 256)).toBeGreaterThan(64);
    expect(effectiveRuns(Float64Array.of(1, 2, 3))).toEqual([]);
    const runs = [
      { rows: 8, effective: 2 },
      { rows: 16, effective: 5 },
    ];
    expect([3, 15, 16, 99, 1].map((count) => effectiveCount(count, runs))).toEqual([2, 2, 5, 5, 1]);
    expect(effectiveCount(99, [])).toBe(1);
  });
});

describe('drift of inputs', () => {
  const rateOf = (rho: number, shift: number, runs = 60): number => {
    let drifted = 0;
    for (let seed = 1; seed <= runs; seed++) {
      const reference = referenceDistribution(autoregression(2_000, seed, rho))!;
      const recent = autoregression(300, 10_000 + seed, rho, shift);
      if (distributionDrift(reference, recent, THRESHOLDS).isDrift === true) drifted += 1;
    }
    return drifted / runs;
  };

  it('is hardly ever found where there is none, and where neighbours are alike neither', () => {
    expect(rateOf(0, 0)).toBeLessThanOrEqual(0.01);
    expect(rateOf(0.5, 0)).toBeLessThanOrEqual(0.02);
    expect(rateOf(0.9, 0)).toBeLessThanOrEqual(0.04);
  });

  it('is not told of a random walk by its level, wherever it goes', () => {
    const walk = (seed: number): Float64Array => {
      let level = 0;
      return autoregression(2_300, seed).map((step) => (level += step));
    };
    const drifted = Array.from({ length: 50 }, (_, seed) => {
      const reference = referenceDistribution(walk(seed).subarray(0, 2_000))!;
      return distributionDrift(reference, walk(seed).subarray(2_000), THRESHOLDS).isDrift;
    });
    expect(drifted).not.toContain(true);
  });

  it('is found where a season moves by one standard deviation', () => {
    const season = (from: number, rows: number, shift: number): Float64Array =>
      Float64Array.from({ length: rows }, (_, row) => shift + Math.SQRT2 * Math.sin((2 * Math.PI * (from + row)) / 24));
    const reference = referenceDistribution(season(0, 2_000, 0))!;
    expect(distributionDrift(reference, season(2_000, 300, 0), THRESHOLDS).isDrift).toBe(false);
    expect(distributionDrift(reference, season(2_000, 300, 1), THRESHOLDS).isDrift).toBe(true);
  });

  it('is found where the level moves by one standard deviation', () => {
    expect(rateOf(0, 1)).toBe(1);
    expect(rateOf(0.5, 1)).toBeGreaterThanOrEqual(0.98);
  });

  it('is not told with too few values', () => {
    const reference = referenceDistribution(autoregression(2_000, 1))!;
    expect(distributionDrift(reference, autoregression(99, 2, 0, 5), THRESHOLDS)).toMatchObject({
      count: 99,
      isDrift: null,
    });
    expect(distributionDrift(reference, autoregression(100, 2, 0, 5), THRESHOLDS).isDrift).toBe(true);
  });
});

describe('drift of errors', () => {
  const thresholds = { errorRatio: 1.5, significance: 0.01, minimumForecasts: 20 };
  /** Of |ε|: mean √(2/π), mean square 1. */
  const reference = { mean: Math.sqrt(2 / Math.PI), meanSquare: 1, windows: 200 };
  const errors = (length: number, seed: number, size = 1): Float64Array =>
    autoregression(length, seed).map((value) => size * Math.abs(value));

  it('is hardly ever found where there is none, and found where errors are twice as large', () => {
    const rate = (size: number): number => {
      let drifted = 0;
      for (let seed = 1; seed <= 200; seed++) {
        if (errorDrift(errors(60, seed, size), 60, reference, thresholds)?.isDrift === true) drifted += 1;
      }
      return drifted / 200;
    };
    expect(rate(1)).toBeLessThanOrEqual(0.01);
    expect(rate(2)).toBeGreaterThanOrEqual(0.99);
  });

  it('needs a ratio that matters, and forecasts that are independent', () => {
    const twice = errors(60, 3, 2);
    const found = errorDrift(twice, 60, reference, thresholds)!;
    expect(found.ratio).toBeCloseTo(found.recent / reference.mean, 14);
    expect(found).toMatchObject({ count: 60, isDrift: true });
    expect(errorDrift(twice, 60, reference, { ...thresholds, errorRatio: 3 })?.isDrift).toBe(false);
    expect(errorDrift(twice, 2, reference, thresholds)?.isDrift).toBe(false);
    expect(errorDrift(twice.subarray(0, 19), 19, reference, thresholds)?.isDrift).toBeNull();
    expect(errorDrift(new Float64Array(0), 0, reference, thresholds)).toBeNull();
  });
});
