import fc from 'fast-check';
import { dieboldMariano } from '#src/ml/metrics/diebold-mariano.js';
import { logGamma, regularisedBeta, studentTCdf } from '#src/ml/metrics/student-t.js';
import { testNoise } from '../../../support/synthetic-windows.js';

describe("Student's t distribution", () => {
  // Abramowitz, Stegun, table 26.10: quantiles to three decimals.
  it.each([
    [1, 0.9, 3.078],
    [1, 0.975, 12.706],
    [2, 0.975, 4.303],
    [5, 0.95, 2.015],
    [5, 0.995, 4.032],
    [10, 0.975, 2.228],
    [10, 0.9995, 4.587],
    [30, 0.975, 2.042],
    [120, 0.975, 1.98],
    [1e6, 0.975, 1.96],
  ])('with %d degrees of freedom has its quantile %d at %d', (degrees, level, quantile) => {
    expect(studentTCdf(quantile - 5e-4, degrees)).toBeLessThan(level);
    expect(studentTCdf(quantile + 5e-4, degrees)).toBeGreaterThan(level);
  });

  it('is in closed form for one and two degrees of freedom, and symmetric', () => {
    fc.assert(
      fc.property(fc.double({ min: -200, max: 200, noNaN: true }), (t) => {
        expect(studentTCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 10);
        expect(studentTCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 10);
        expect(studentTCdf(t, 7) + studentTCdf(-t, 7)).toBeCloseTo(1, 12);
      }),
    );
  });

  it('rests on the gamma and beta functions', () => {
    expect(logGamma(5)).toBeCloseTo(Math.log(24), 12);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12);
    expect(logGamma(0.25)).toBeCloseTo(Math.log(3.625609908221908), 12);
    // I(x; 2, 3) = x² (6 − 8x + 3x²)
    expect(regularisedBeta(0.3, 2, 3)).toBeCloseTo(0.09 * (6 - 2.4 + 0.27), 12);
    expect(regularisedBeta(0.9, 2, 3)).toBeCloseTo(0.81 * (6 - 7.2 + 2.43), 12);
    expect([regularisedBeta(0, 2, 3), regularisedBeta(1, 2, 3)]).toEqual([0, 1]);
  });
});

describe('the test of Diebold and Mariano', () => {
  it('gives the numbers computed by hand for one step', () => {
    // mean −1, deviations 0 1 −1 2 −2: V = 10 / 5 = 2; correction √((5 + 1 − 2) / 5)
    const test = dieboldMariano(Float64Array.of(-1, 0, -2, 1, -3), 1)!;
    const statistic = (-1 / Math.sqrt(2 / 5)) * Math.sqrt(4 / 5);
    expect(test).toMatchObject({ count: 5, meanDifference: -1 });
    expect(test.statistic).toBeCloseTo(statistic, 12);
    expect(test.pValue).toBeCloseTo(studentTCdf(statistic, 4), 12);
  });

  it('is the sum of autocovariances with Bartlett weights, and of the correction, for more steps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 8, maxLength: 40 }),
        fc.integer({ min: 1, max: 6 }),
        (values, overlap) => {
          const n = values.length;
          const mean = values.reduce((sum, value) => sum + value, 0) / n;
          const covariance = (lag: number): number =>
            values.slice(lag).reduce((sum, value, at) => sum + (value - mean) * (values[at]! - mean), 0) / n;
          let variance = covariance(0);
          for (let lag = 1; lag < overlap; lag++) variance += 2 * (1 - lag / overlap) * covariance(lag);
          fc.pre(variance > 1e-6);
          const correction = Math.sqrt((n + 1 - 2 * overlap + (overlap * (overlap - 1)) / n) / n);
          const expected = (mean / Math.sqrt(variance / n)) * correction;
          expect(dieboldMariano(Float64Array.from(values), overlap)!.statistic).toBeCloseTo(expected, 8);
        },
      ),
    );
  });

  it('leaves missing windows out, and their neighbours where they are', () => {
    const test = dieboldMariano(Float64Array.of(1, NaN, -1, 2, NaN), 2)!;
    // mean 2/3: 1/3, −5/3, 4/3; only the last two are neighbours
    const variance = (1 + 25 + 16) / 27 + 2 * 0.5 * (-20 / 27);
    expect(test.count).toBe(3);
    const correction = Math.sqrt((3 + 1 - 4 + 2 / 3) / 3);
    expect(test.statistic).toBeCloseTo((2 / 3 / Math.sqrt(variance / 3)) * correction, 12);
  });

  it('says nothing of too few windows, and is certain of what has no chance in it', () => {
    expect(dieboldMariano(Float64Array.of(-1, -2, -3), 3)).toBeNull();
    expect(dieboldMariano(Float64Array.of(NaN), 1)).toBeNull();
    const certain = { count: 4, statistic: null };
    expect(dieboldMariano(new Float64Array(4).fill(-1), 2)).toEqual({ ...certain, meanDifference: -1, pValue: 0 });
    expect(dieboldMariano(new Float64Array(4).fill(1), 2)).toEqual({ ...certain, meanDifference: 1, pValue: 1 });
    expect(dieboldMariano(new Float64Array(4), 2)).toEqual({ ...certain, meanDifference: 0, pValue: 1 });
  });

  it('finds skill where there is none about as often as its level says', () => {
    const noise = testNoise(8);
    let found = 0;
    const tests = 2_000;
    for (let at = 0; at < tests; at++) {
      const differentials = Float64Array.from({ length: 60 }, noise);
      if (dieboldMariano(differentials, 1)!.pValue < 0.05) found += 1;
    }
    expect(found / tests).toBeGreaterThan(0.03);
    expect(found / tests).toBeLessThan(0.07);
  });
});
