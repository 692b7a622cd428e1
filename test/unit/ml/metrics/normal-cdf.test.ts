import { normalCdf } from '#src/ml/metrics/normal-cdf.js';
import { normalQuantile } from '#src/ml/metrics/normal-quantile.js';

describe('normalCdf', () => {
  it('has the values of the tables, far into the tails', () => {
    // Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.1; the tails from erfc with 30 digits.
    const known: [number, number][] = [
      [0, 0.5],
      [0.5, 0.691462461274013],
      [1, 0.841344746068543],
      [1.96, 0.97500210485178],
      [-3, 0.00134989803163009],
      [-6, 9.86587645037698e-10],
      [-10, 7.61985302416053e-24],
    ];
    for (const [x, p] of known) expect(Math.abs(normalCdf(x) / p - 1)).toBeLessThan(x < -4 ? 1e-8 : 1e-13);
    expect([normalCdf(-Infinity), normalCdf(Infinity), normalCdf(-60), normalCdf(60)]).toEqual([0, 1, 0, 1]);
    expect(normalCdf(NaN)).toBeNaN();
  });

  it('is the inverse of the quantile, and mirrored', () => {
    for (let p = 0.001; p < 1; p += 0.007) {
      const x = normalQuantile(p);
      expect(Math.abs(normalCdf(x) - p)).toBeLessThan(1e-14);
      expect(Math.abs(normalCdf(x) + normalCdf(-x) - 1)).toBeLessThan(1e-15);
    }
  });
});
