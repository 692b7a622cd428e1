import type { Algorithm } from '#src/ml/algorithms/algorithm.js';
import { arima } from '#src/ml/algorithms/arima.js';
import { ets } from '#src/ml/algorithms/ets.js';
import { sampleQuantiles } from '#src/ml/algorithms/sampling/sample-quantiles.js';
import { stratifiedPaths } from '#src/ml/algorithms/sampling/stratified-paths.js';
import { openEtsRules } from '#src/ml/algorithms/statistical/ets-window.js';
import {
  etsDeviations,
  repeatDeviation,
  repeatDeviations,
  sarimaDeviations,
  thetaDeviations,
} from '#src/ml/algorithms/statistical/forecast-deviations.js';
import { openThetaRules, thetaVariance } from '#src/ml/algorithms/statistical/theta-window.js';
import { theta } from '#src/ml/algorithms/theta.js';
import { createRandom } from '#src/ml/engine/random.js';
import { normalQuantile } from '#src/ml/metrics/normal-quantile.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

const close = (values: ArrayLike<number>, expected: readonly number[], digits = 10): void => {
  expect(values).toHaveLength(expected.length);
  expected.forEach((value, n) => expect(values[n]).toBeCloseTo(value, digits));
};

test('deviations by step are those of the published formulas', () => {
  // ARIMA(0,1,1): ψ_j = 1 + θ. AR(1): ψ_j = φ^j. Seasonal random walk: a new error each season.
  const none = { p: 0, d: 0, q: 0, seasonalP: 0, seasonalD: 0, seasonalQ: 0, seasonLength: 1, withConstant: false };
  const moving = { order: { ...none, d: 1, q: 1 }, coefficients: Float64Array.of(-0.4) };
  close(
    sarimaDeviations(moving, 4, 4),
    [0, 1, 2, 3].map((j) => 2 * Math.sqrt(1 + 0.36 * j)),
  );
  const regressive = { order: { ...none, p: 1 }, coefficients: Float64Array.of(0.8) };
  close(sarimaDeviations(regressive, 1, 3), [1, Math.sqrt(1.64), Math.sqrt(1.64 + 0.8 ** 4)]);
  const seasonal = { order: { ...none, seasonalD: 1, seasonLength: 2 }, coefficients: new Float64Array(0) };
  close(sarimaDeviations(seasonal, 1, 5), [1, 1, Math.SQRT2, Math.SQRT2, Math.sqrt(3)]);
  close(repeatDeviations(2, 1, 5), [1, 1, Math.SQRT2, Math.SQRT2, Math.sqrt(3)]);
  // Holt's linear trend: c_j = α + β·j. Damped, with a season of 2: γ is felt every second row.
  const holt = { error: 'A', trend: 'A', season: 'N' } as const;
  close(etsDeviations(holt, { alpha: 0.5, beta: 0.1, gamma: 0, phi: 1 }, 0, 1, 3), [
    1,
    Math.sqrt(1 + 0.6 ** 2),
    Math.sqrt(1 + 0.6 ** 2 + 0.7 ** 2),
  ]);
  const damped = { error: 'A', trend: 'Ad', season: 'A' } as const;
  const smoothing = { alpha: 0.5, beta: 0.1, gamma: 0.2, phi: 0.9 };
  close(etsDeviations(damped, smoothing, 2, 9, 3), [
    3,
    3 * Math.sqrt(1 + 0.59 ** 2),
    3 * Math.sqrt(1 + 0.59 ** 2 + (0.5 + 0.1 * (0.9 + 0.81) + 0.2) ** 2),
  ]);
  close(thetaDeviations(0.5, 1, 3), [1, Math.sqrt(1.25), Math.sqrt(1.5)]);
  expect(repeatDeviation(Float64Array.of(1, 3, NaN, 4, 8), 1)).toBeCloseTo(Math.sqrt((4 + 16) / 2), 12);
});

test('a hundred stratified paths have the quantiles of what they are drawn from, in mirrored pairs', () => {
  const uniform = stratifiedPaths(createRandom(3), 100, 2);
  const second = Float64Array.from({ length: 100 }, (_, path) => uniform[2 * path + 1]!).sort();
  second.forEach((value, at) => {
    expect(Math.floor(100 * value)).toBe(at);
    expect(value + second[99 - at]!).toBeCloseTo(1, 12);
  });
  const quantiles = new Float64Array(3);
  sampleQuantiles(second.map(normalQuantile), [0.1, 0.5, 0.9], quantiles, 0);
  close(quantiles, [-1.2816, 0, 1.2816], 1);
  // The k-th of n at (k − 1/3) / (n + 1/3).
  sampleQuantiles(Float64Array.of(1, 2, 4), [0.2, 0.5, 0.95], quantiles, 0);
  close(quantiles, [1, 2, 4]);
  sampleQuantiles(Float64Array.of(1, 2, 4), [0.35, 0.5, 0.65], quantiles, 0);
  close(quantiles, [1.5, 2, 3]);
});

test('simulated quantiles of multiplicative errors are those of their one-step distribution and known variance', () => {
  const smoothing = { alpha: 0.4, beta: 0, gamma: 0, phi: 0 };
  const spread = { error: 1, slopeMean: 0, slopeVariance: 0, seasonVariance: 0 };
  const kind = { error: 'M', trend: 'N', season: 'N' } as const;
  const model = { kind, smoothing, spread, seasonLength: 0, variance: 0.01, seed: 1 };
  const rules = openEtsRules(model, 6, 20);
  const window = Float64Array.of(100, 100, 100, 100, 100, 100);
  const out = new Float64Array(60);
  rules.quantiles!([0.1, 0.5, 0.9])(window, out);
  close(out.slice(0, 3), [100 - 12.816, 100, 100 + 12.816], 0);
  // θ_h = μ² + σ² Σ α² θ: variance (1 + σ²)·θ_h − μ² with θ_h = μ²·(1 + α²σ²)^(h − 1) (Hyndman et al. 2008, 6.3).
  const deviation = 100 * Math.sqrt(1.01 * (1 + 0.16 * 0.01) ** 19 - 1);
  expect((out[59]! - out[57]!) / (2 * 1.2816)).toBeGreaterThan(0.97 * deviation);
  expect((out[59]! - out[57]!) / (2 * 1.2816)).toBeLessThan(1.03 * deviation);
  const older = openEtsRules({ ...model, variance: null }, 6, 20);
  expect(older.quantiles).toBeNull();
});

test('a Theta season that multiplies widens its steps by its factors', () => {
  const factors = [0.5, 1, 1.5];
  const window = Float64Array.from({ length: 12 }, (_, t) => 10 * factors[t % 3]!);
  const out = new Float64Array(9);
  openThetaRules({ alpha: 0.5, seasonLength: 3, multiplies: true }, 1, 12, 3).quantiles!([0.25, 0.5, 0.75])(
    window,
    out,
  );
  const half = normalQuantile(0.75);
  [1, Math.sqrt(1.25), Math.sqrt(1.5)].forEach((deviation, h) => {
    const expected = [-half, 0, half].map((z) => factors[h]! * (10 + z * deviation));
    close(out.slice(3 * h, 3 * h + 3), expected, 9);
  });
  // A straight line is forecast half way by the drift: of slope 2 the level lags 2·(1 − ½^t), and 1·(1 − ½^t)·2 is led.
  expect(thetaVariance(0.5, Float64Array.of(0, 2, 4))).toBeCloseTo(((2 - 1) ** 2 + (4 - 1 - 1.5) ** 2) / 2, 12);
});

const normals = (seed: number): (() => number) => {
  const random = createRandom(seed);
  return () => random.normal();
};

function walk(rows: number): Float64Array {
  const draw = normals(5);
  let level = 0;
  return Float64Array.from({ length: rows }, () => {
    const error = draw();
    const value = level + error;
    level += 0.4 * error;
    return value;
  });
}

function regressive(rows: number): Float64Array {
  const draw = normals(6);
  let value = 0;
  return Float64Array.from({ length: rows }, () => (value = 0.7 * value + draw()));
}

function growing(rows: number): Float64Array {
  const draw = normals(7);
  let level = 500;
  return Float64Array.from({ length: rows }, (_, t) => {
    const season = 1 + 0.3 * Math.sin((2 * Math.PI * t) / 6);
    const error = 0.05 * draw();
    const value = level * season * (1 + error);
    level *= 1 + 0.1 * error;
    return value;
  });
}

const COVERED: readonly (readonly [string, Algorithm, Record<string, unknown>, Float64Array, number])[] = [
  ['ets ANN', ets, { model: 'ANN' }, walk(3000), 1],
  ['ets MNM', ets, { model: 'MNM' }, growing(3000), 6],
  ['arima AR(1)', arima, { search: false, order: [1, 0, 0] }, regressive(3000), 1],
  ['arima by search', arima, {}, walk(3000), 1],
  ['theta', theta, {}, walk(3000), 1],
];

test.each(COVERED)('%s covers what it says it does, at every step', async (_name, algorithm, given, values, season) => {
  const data = windowedData({ series: { a: values }, lookBack: 60, horizon: 6, seasonLength: season, test: 0.5 });
  const { model } = await algorithm.fit(
    data,
    resolveParameters(algorithm.hyperparameters, given, 'p'),
    trainingContext(),
  );
  const forecaster = await algorithm.restore(model);
  const quantiles = await forecaster.forecastQuantiles!(data.inputs, data.origins.test, [0.1, 0.9]);
  for (const step of [1, 6]) {
    let covered = 0;
    data.origins.test.forEach((origin, at) => {
      const [low, high] = quantiles.subarray((at * 6 + step - 1) * 2);
      const actual = values[origin + step]!;
      covered += actual >= low! && actual <= high! ? 1 : 0;
    });
    // Some 1,490 overlapping windows: three standard errors are 0.03 at one step, about twice that at six.
    expect(Math.abs(covered / data.origins.test.length - 0.8)).toBeLessThan(step === 1 ? 0.03 : 0.06);
  }
});

test('a model that failed is as sure as the season that is repeated in its place', async () => {
  const values = walk(400);
  const data = windowedData({ series: { a: values }, lookBack: 30, horizon: 3, seasonLength: 1 });
  const { model } = await ets.fit(
    data,
    resolveParameters(ets.hyperparameters, { model: 'ANN' }, 'p'),
    trainingContext(),
  );
  expect(model.facts['repeatDeviations']).toEqual([0]);
  const replaced = { ...model, facts: { ...model.facts, repeats: [1], repeatDeviations: [2] } };
  const forecaster = await ets.restore(replaced);
  const made = await forecaster.forecastQuantiles!(data.inputs, Int32Array.of(100), [0.5, 0.9]);
  const z = normalQuantile(0.9);
  const expected = [1, 2, 3].flatMap((h) => [values[100]!, values[100]! + 2 * Math.sqrt(h) * z]);
  close(made, expected, 9);
  const older = { ...model.facts, repeats: [1] };
  Reflect.deleteProperty(older, 'repeatDeviations');
  expect((await ets.restore({ ...replaced, facts: older })).forecastQuantiles).toBeUndefined();
});
