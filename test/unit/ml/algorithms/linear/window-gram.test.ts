import fc from 'fast-check';
import { normalEquations, type NormalEquations } from '#src/ml/algorithms/linear/normal-equations.js';
import { anchorGram, originRuns, windowGram } from '#src/ml/algorithms/linear/window-gram.js';
import { testNoise } from '../../../../support/synthetic-windows.js';

test('origins fall into runs of equal spacing, whatever gaps cut them', () => {
  expect(originRuns(Int32Array.of(4, 5, 6, 20, 21, 40))).toEqual([
    { first: 4, count: 3, spacing: 1 },
    { first: 20, count: 2, spacing: 1 },
    { first: 40, count: 1, spacing: 1 },
  ]);
  expect(originRuns(Int32Array.of(3, 6, 9, 12))).toEqual([{ first: 3, count: 4, spacing: 3 }]);
  expect(originRuns(Int32Array.of())).toEqual([]);
});

const anyProblem = fc
  .record({ lookBack: fc.integer({ min: 1, max: 7 }), horizon: fc.integer({ min: 1, max: 5 }) })
  .chain(({ lookBack, horizon }) =>
    fc.record({
      lookBack: fc.constant(lookBack),
      horizon: fc.constant(horizon),
      series: fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 40, maxLength: 40 }),
      origins: fc.uniqueArray(fc.integer({ min: lookBack - 1, max: 39 - horizon }), { minLength: 1, maxLength: 25 }),
    }),
  );

/** Each window written out: what the recurrence must equal. */
function windowsOf(
  series: readonly number[],
  origins: readonly number[],
  lookBack: number,
  horizon: number,
): number[][] {
  return origins.map((origin) => series.slice(origin - lookBack + 1, origin + horizon + 1));
}

test('the recurrence gives the Gram matrix of the written-out windows', () => {
  fc.assert(
    fc.property(anyProblem, ({ lookBack, horizon, series, origins }) => {
      const sorted = Int32Array.from(origins).sort();
      const windows = windowsOf(series, [...sorted], lookBack, horizon);
      const length = lookBack + horizon;
      const gram = windowGram([{ values: Float64Array.from(series), centre: 0 }], sorted, lookBack, horizon);
      const anchored = anchorGram(
        windowGram([{ values: Float64Array.from(series), centre: 3.7 }], sorted, lookBack, horizon),
        length,
        lookBack - 1,
      );
      const differences: number[] = [];
      for (let i = 0; i < length; i++) {
        for (let j = 0; j < length; j++) {
          const plain = windows.reduce((sum, w) => sum + w[i]! * w[j]!, 0);
          const last = lookBack - 1;
          const normalised = windows.reduce((sum, w) => sum + (w[i]! - w[last]!) * (w[j]! - w[last]!), 0);
          differences.push(Math.abs(gram[i * length + j]! - plain));
          differences.push(Math.abs(anchored[i * length + j]! - normalised));
        }
      }
      expect(Math.max(...differences)).toBeLessThan(1e-9);
    }),
  );
});

test('normal equations with features equal those of the written-out design matrix', () => {
  fc.assert(
    fc.property(anyProblem, ({ lookBack, horizon, series, origins }) => {
      const sorted = Int32Array.from(origins).sort();
      const features = [
        { values: Float64Array.from(series, (_, t) => Math.sin(t)), mean: 0.25 },
        { values: Float64Array.from(series, (_, t) => t / 10), mean: -1 },
      ];
      const got = normalEquations(
        [{ values: Float64Array.from(series), columns: features }],
        sorted,
        lookBack,
        horizon,
      );
      const x = [...sorted].map((t) => [
        ...series.slice(t - lookBack + 1, t).map((value) => value - series[t]!),
        ...features.map(({ values, mean }) => values[t]! - mean),
        1,
      ]);
      const y = [...sorted].map((t) => series.slice(t + 1, t + 1 + horizon).map((value) => value - series[t]!));
      const inputs = lookBack + 2;
      const differences: number[] = [];
      for (let i = 0; i < inputs; i++) {
        for (let j = 0; j < inputs; j++) {
          differences.push(Math.abs(got.xx[i * inputs + j]! - x.reduce((s, r) => s + r[i]! * r[j]!, 0)));
        }
        for (let h = 0; h < horizon; h++) {
          const product = x.reduce((s, r, n) => s + r[i]! * y[n]![h]!, 0);
          differences.push(Math.abs(got.yx[h * inputs + i]! - product));
        }
      }
      differences.push(Math.abs(got.yy - y.flat().reduce((s, v) => s + v * v, 0)));
      expect(Math.max(...differences)).toBeLessThan(1e-9);
    }),
  );
});

test('the Gram matrix of long runs equals that of the written-out windows, and of several series their sum', () => {
  const noise = testNoise(5);
  const series = [400, 400].map((rows) => Float64Array.from({ length: rows }, () => 5 + noise()));
  for (const count of [64, 65, 66, 67, 300]) {
    for (const [lookBack, horizon] of [
      [1, 1],
      [6, 3],
      [30, 20],
    ] as const) {
      const origins = Int32Array.from({ length: count }, (_, n) => lookBack - 1 + n);
      const length = lookBack + horizon;
      const gram = windowGram(
        series.map((values) => ({ values, centre: 5 })),
        origins,
        lookBack,
        horizon,
      );
      const differences = Array.from(gram, (value, at) => {
        const [i, j] = [Math.floor(at / length), at % length];
        let sum = 0;
        for (const values of series) for (let a = 0; a < count; a++) sum += (values[a + i]! - 5) * (values[a + j]! - 5);
        return Math.abs(value - sum);
      });
      expect(Math.max(...differences)).toBeLessThan(1e-10);
    }
  }
});

test('the equations of several series are the sums of those of each', () => {
  const noise = testNoise(8);
  const origins = Int32Array.from({ length: 30 }, (_, n) => 6 + n + (n > 9 ? 4 : 0));
  const weights = Float64Array.from({ length: 30 }, () => 2 + noise());
  const series = [1, 2, 3].map((level) => ({
    values: Float64Array.from({ length: 60 }, () => level + noise()),
    columns: [{ values: Float64Array.from({ length: 60 }, noise), mean: 0.1 * level }],
    level,
  }));
  const ahead = [{ values: Float64Array.from({ length: 60 }, noise), mean: 0.2 }];
  const of = (part: typeof series) => normalEquations(part, origins, 5, 3, { weights, ahead });
  const together = of(series);
  const apart = series.map((one) => of([one]));
  for (const pick of [
    (equations: NormalEquations) => equations.xx,
    (equations: NormalEquations) => equations.yx,
    (equations: NormalEquations) => Float64Array.of(equations.yy, equations.windows),
    (equations: NormalEquations) => equations.ahead!.zx,
    (equations: NormalEquations) => equations.ahead!.zz,
    (equations: NormalEquations) => equations.ahead!.zy,
  ]) {
    const differences = Array.from(pick(together), (value, at) =>
      Math.abs(value - apart.reduce((sum, one) => sum + pick(one)[at]!, 0)),
    );
    expect(Math.max(...differences)).toBeLessThan(1e-9);
  }
});
