import { fitLogistic, logistic } from '#src/ml/gaps/logistic-regression.js';
import { seededUniform } from '../../../support/series.js';

describe('fitLogistic', () => {
  it('finds the odds ratio of a table of two by two', () => {
    const x = Float64Array.from({ length: 200 }, (_, row) => (row < 100 ? 0 : 1));
    const y = Uint8Array.from({ length: 200 }, (_, row) => (row % 100 < (row < 100 ? 20 : 70) ? 1 : 0));
    const { intercept, weights } = fitLogistic(x, y, 1, 1e-9);
    expect(intercept).toBeCloseTo(Math.log(0.2 / 0.8), 8);
    expect(weights[0]).toBeCloseTo(Math.log(0.7 / 0.3) - Math.log(0.2 / 0.8), 8);
  });

  const uniform = seededUniform(4);
  const rows = Float64Array.from({ length: 900 }, (_, at) => (at % 3 === 2 ? 5 : 100 + 40 * uniform()));
  const labels = Uint8Array.from({ length: 300 }, (_, row) =>
    uniform() < logistic((rows[3 * row]! - rows[3 * row + 1]!) / 10) ? 1 : 0,
  );

  it('ends where the gradient of the penalised loss is 0, and gives a constant column no weight', () => {
    const lambda = 2;
    const { intercept, weights } = fitLogistic(rows, labels, 3, lambda);
    const residuals = Array.from(labels, (label, row) => {
      const z = weights.reduce((sum, weight, at) => sum + weight * rows[3 * row + at]!, intercept);
      return logistic(z) - label;
    });
    expect(Math.abs(residuals.reduce((sum, residual) => sum + residual, 0))).toBeLessThan(1e-4);
    for (const at of [0, 1]) {
      const column = Array.from(labels, (_, row) => rows[3 * row + at]!);
      const mean = column.reduce((sum, value) => sum + value, 0) / 300;
      const deviation = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 300);
      const data = residuals.reduce((sum, residual, row) => sum + (residual * (column[row]! - mean)) / deviation, 0);
      expect(Math.abs(data + lambda * weights[at]! * deviation)).toBeLessThan(1e-4);
    }
    expect(weights[0]).toBeGreaterThan(0.06);
    expect(weights[1]).toBeLessThan(-0.06);
    expect(weights[2]).toBe(0);
  });

  it('stays finite for classes that a line separates, and gives the same bytes again', () => {
    const x = Float64Array.from({ length: 60 }, (_, row) => row);
    const y = Uint8Array.from({ length: 60 }, (_, row) => (row >= 30 ? 1 : 0));
    const fitted = fitLogistic(x, y, 1, 1);
    expect(fitLogistic(x, y, 1, 1)).toEqual(fitted);
    expect(fitted.weights[0]).toBeGreaterThan(0.1);
    expect(fitted.weights[0]).toBeLessThan(2);
    expect(-fitted.intercept / fitted.weights[0]!).toBeCloseTo(29.5, 6);
  });

  it('does not overflow on either side', () => {
    expect([logistic(-1e4), logistic(0), logistic(1e4)]).toEqual([0, 0.5, 1]);
  });
});
