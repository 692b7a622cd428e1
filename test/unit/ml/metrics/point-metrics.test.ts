import fc from 'fast-check';
import { ErrorSums, type SeasonalScale } from '#src/ml/metrics/point-metrics.js';
import { observedDeviation, seasonalScale } from '#src/ml/metrics/seasonal-scale.js';
import { skill } from '#src/ml/metrics/skill.js';

const ALL = [0];

const scaleOf = (q: number): SeasonalScale | null => ({ absolute: q, squared: q * q });

function score(actual: readonly number[], forecast: readonly number[], scale = scaleOf(1)) {
  const sums = new ErrorSums(1);
  actual.forEach((value, at) => sums.add(0, value, forecast[at]!));
  return sums.metrics(ALL, () => scale)!;
}

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const pairs = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 50 });

describe('point metrics', () => {
  it('are those computed by hand', () => {
    // errors 1, -2, 0, 3; squares 1, 4, 0, 9
    const metrics = score([1, 4, 0, 5], [2, 2, 0, 8], scaleOf(0.5));
    expect(metrics.count).toBe(4);
    expect(metrics.mse).toBe(3.5);
    expect(metrics.mae).toBe(1.5);
    expect(metrics.rmse).toBe(Math.sqrt(3.5));
    // 1/3 + 2/6 + 0/0 + 3/13
    expect(metrics.smape).toBeCloseTo((200 * (1 / 3 + 2 / 6 + 0 + 3 / 13)) / 4, 12);
    expect(metrics.mase).toBe(3);
    expect(metrics.rmsse).toBe(Math.sqrt(3.5) / 0.5);
    // mean 2.5: 2.25 + 2.25 + 6.25 + 6.25
    expect(metrics.r2).toBeCloseTo(1 - 14 / 17, 14);
    // No value at an origin was given.
    expect(metrics.directionalAccuracy).toBeNull();
  });

  it('count the changes whose direction was forecast; no change is no direction', () => {
    const sums = new ErrorSums(1);
    // up/up, up/down, unchanged, down/none, origin not observed
    for (const [actual, forecast, known] of [
      [5, 9, 4],
      [5, 3, 4],
      [4, 7, 4],
      [2, 4, 4],
      [2, 1, NaN],
    ] as const) {
      sums.add(0, actual, forecast, known);
    }
    expect(sums.metrics(ALL, () => null)!.directionalAccuracy).toBeCloseTo(1 / 3, 15);
  });

  it('have an R² that the distance between assets does not raise, of 0 for the mean and none for a constant', () => {
    const sums = new ErrorSums(2);
    for (const value of [1, 2, 3]) {
      sums.add(0, value, 2);
      sums.add(1, value + 1e6, 2 + 1e6);
    }
    const r2 = (of: ErrorSums, cells: number[]) => of.metrics(cells, () => null)!.r2;
    expect(r2(sums, [0])).toBe(0);
    expect(r2(sums, [0, 1])).toBe(0);
    const flat = new ErrorSums(1);
    for (const forecast of [1, 2, 3]) flat.add(0, 2, forecast);
    expect(r2(flat, [0])).toBeNull();
  });

  it('have a sMAPE of 200 when the sign is wrong and of 0 for 0 against 0', () => {
    expect(score([5, -3], [-5, 3]).smape).toBe(200);
    expect(score([0, 0], [0, 0]).smape).toBe(0);
  });

  it('have no MASE without a scale, and none over assets when one has no scale', () => {
    expect(score([1], [2], null).mase).toBeNull();
    const sums = new ErrorSums(2);
    sums.add(0, 1, 2);
    sums.add(1, 1, 3);
    expect(sums.metrics([0, 1], (cell) => (cell === 0 ? scaleOf(1) : null))!.mase).toBeNull();
    // mean of 1/1 and 2/4
    expect(sums.metrics([0, 1], (cell) => scaleOf(cell === 0 ? 1 : 4))!.mase).toBe(0.75);
  });

  it('do not exist for no value', () => {
    expect(new ErrorSums(3).metrics([0, 1, 2], () => null)).toBeNull();
    expect(new ErrorSums(3).count([0, 1, 2])).toBe(0);
  });

  it('hold MAE ≤ RMSE ≤ largest error, 0 ≤ sMAPE ≤ 200, and are symmetric in actual and forecast', () => {
    fc.assert(
      fc.property(pairs, (values) => {
        const actual = values.map(([a]) => a);
        const forecast = values.map(([, f]) => f);
        const metrics = score(actual, forecast);
        const largest = Math.max(...values.map(([a, f]) => Math.abs(f - a)));
        const rounding = 1e-12 * (1 + largest);
        expect(metrics.mae).toBeLessThanOrEqual(metrics.rmse + rounding);
        expect(metrics.rmse).toBeLessThanOrEqual(largest + rounding);
        expect(metrics.smape).toBeGreaterThanOrEqual(0);
        expect(metrics.smape).toBeLessThanOrEqual(200 + 1e-9);
        // But for R², which asks how much the actual values vary.
        expect({ ...score(forecast, actual), r2: metrics.r2 }).toEqual(metrics);
      }),
    );
  });

  it('scale with the data: MAE and RMSE linearly, sMAPE and relative errors not at all', () => {
    fc.assert(
      fc.property(pairs, (values) => {
        const sums = new ErrorSums(1);
        const eightfold = new ErrorSums(1);
        for (const [actual, forecast] of values) {
          sums.add(0, actual, forecast);
          eightfold.add(0, 8 * actual, 8 * forecast);
        }
        const small = sums.metrics(ALL, () => scaleOf(1))!;
        const large = eightfold.metrics(ALL, () => scaleOf(8))!;
        // Exact, since 8 is a power of two; but not for subnormal numbers.
        expect(large.mae).toBeCloseTo(8 * small.mae, 6);
        expect(large.rmse).toBeCloseTo(8 * small.rmse, 6);
        expect(large.smape).toBeCloseTo(small.smape, 9);
        expect(eightfold.relative(ALL, () => 8).mae).toBeCloseTo(sums.relative(ALL, () => 1).mae, 9);
      }),
    );
  });

  it('of a union are those of all values at once', () => {
    fc.assert(
      fc.property(pairs, pairs, (first, second) => {
        const sums = new ErrorSums(2);
        first.forEach(([a, f]) => sums.add(0, a, f));
        second.forEach(([a, f]) => sums.add(1, a, f));
        const both = [...first, ...second];
        const union = sums.metrics([0, 1], () => scaleOf(1))!;
        const atOnce = score(
          both.map(([a]) => a),
          both.map(([, f]) => f),
        );
        expect(union.count).toBe(both.length);
        expect(union.mae / (atOnce.mae || 1)).toBeCloseTo(atOnce.mae === 0 ? 0 : 1, 12);
        expect(union.smape).toBeCloseTo(atOnce.smape, 9);
      }),
    );
  });
});

describe('relative errors', () => {
  it('divide each error by the unit of its cell', () => {
    const sums = new ErrorSums(2);
    sums.add(0, 0, 3);
    sums.add(1, 0, 40);
    const { mae, rmse } = sums.relative([0, 1], (cell) => (cell === 0 ? 1 : 10));
    expect(mae).toBe(3.5);
    expect(rmse).toBe(Math.sqrt((9 + 16) / 2));
  });
});

describe('seasonal scale', () => {
  const series = Float64Array.of(1, 2, 4, 3, 7, 4, 100);
  const all = new Uint8Array(7).fill(1);

  it('is the mean seasonal difference inside the rows', () => {
    // season 2, rows 0…5: |4-1| |3-2| |7-4| |4-3|
    expect(seasonalScale(series, all, { start: 0, end: 6 }, 2)!.absolute).toBe(2);
    // season 1, rows 1…4: |4-2| |3-4| |7-3|
    expect(seasonalScale(series, all, { start: 1, end: 5 }, 1)!.absolute).toBeCloseTo(7 / 3, 15);
  });

  it('leaves out pairs with a value that was not observed', () => {
    const observed = Uint8Array.of(1, 1, 0, 1, 1, 1, 1);
    // without row 2: |3-2| |4-3|
    expect(seasonalScale(series, observed, { start: 0, end: 6 }, 2)!.absolute).toBe(1);
  });

  it('does not exist for an exact repetition or for fewer rows than a season', () => {
    expect(seasonalScale(Float64Array.of(1, 2, 1, 2), all, { start: 0, end: 4 }, 2)).toBeNull();
    expect(seasonalScale(series, all, { start: 0, end: 6 }, 6)).toBeNull();
  });

  it('gives the seasonal-naive forecast of the train part a MASE of 1', () => {
    const scale = seasonalScale(series, all, { start: 0, end: 6 }, 2);
    const metrics = score([...series.slice(2, 6)], [...series.slice(0, 4)], scale);
    expect(metrics.mase).toBe(1);
  });
});

describe('observed deviation', () => {
  it('is the population deviation of the observed rows', () => {
    const series = Float64Array.of(99, 2, 4, 4, 1000, 4, 5, 5, 7, 9, 99);
    const observed = Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1);
    expect(observedDeviation(series, observed, { start: 1, end: 10 })).toBe(2);
    expect(observedDeviation(series, observed, { start: 4, end: 5 })).toBe(0);
  });
});

describe('skill', () => {
  it('is 1 without error, 0 at the level of the baseline, negative below it', () => {
    const baseline = { mae: 2, rmse: 4 };
    expect(skill({ mae: 0, rmse: 0 }, baseline)).toEqual({ mae: 1, rmse: 1 });
    expect(skill(baseline, baseline)).toEqual({ mae: 0, rmse: 0 });
    expect(skill({ mae: 3, rmse: 1 }, baseline)).toEqual({ mae: -0.5, rmse: 0.75 });
  });

  it('is null against a baseline without error', () => {
    expect(skill({ mae: 1, rmse: 1 }, { mae: 0, rmse: 0 })).toEqual({ mae: null, rmse: null });
  });
});
