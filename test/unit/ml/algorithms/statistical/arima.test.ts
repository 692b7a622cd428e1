import { arima } from '#src/ml/algorithms/arima.js';
import { chooseDifferences, kpss, seasonalStrength } from '#src/ml/algorithms/statistical/differencing.js';
import { ConditionalSeries, fitSarima } from '#src/ml/algorithms/statistical/sarima-fit.js';
import {
  difference,
  differenceLags,
  isAllowed,
  multiplyLags,
  sarimaName,
  type SarimaOrder,
} from '#src/ml/algorithms/statistical/sarima-model.js';
import { openSarimaWindow } from '#src/ml/algorithms/statistical/sarima-window.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { testNoise, trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

function orderOf(given: Partial<SarimaOrder>): SarimaOrder {
  const none = { p: 0, d: 0, q: 0, seasonalP: 0, seasonalD: 0, seasonalQ: 0, seasonLength: 1, withConstant: false };
  return { ...none, ...given };
}

/** Nearly normal: the sum of twelve uniforms on (−1, 1), variance 4. */
function gaussian(seed: number): () => number {
  const noise = testNoise(seed);
  return () => Array.from({ length: 12 }, noise).reduce((sum, value) => sum + value, 0) / 2;
}

test('polynomials are multiplied out', () => {
  const { lags, weights } = multiplyLags(Float64Array.of(0.5), Float64Array.of(0.4), 12, -1);
  expect(lags).toEqual([1, 12, 13]);
  expect(weights).toEqual([0.5, 0.4, -0.2]);
  const moving = multiplyLags(Float64Array.of(-0.3), Float64Array.of(-0.6), 4, 1);
  expect([moving.lags, moving.weights]).toEqual([
    [1, 4, 5],
    [-0.3, -0.6, 0.18],
  ]);
});

test('a seasonal and a plain difference of a line with a season is 0, and the lags rebuild it', () => {
  const lags = differenceLags(orderOf({ d: 1, seasonalD: 1, seasonLength: 4 }));
  expect(lags).toEqual({ lags: [1, 4, 5], weights: [1, 1, -1] });
  const values = Float64Array.from({ length: 20 }, (_, t) => 3 * t + [1, 5, 2, 8][t % 4]!);
  const moves = difference(values, lags);
  expect([...moves.subarray(0, 5)].every(Number.isNaN)).toBe(true);
  moves.subarray(5).forEach((move) => expect(move).toBeCloseTo(0, 12));
});

test('coefficients of a simulated SARIMA(1,0,1)(1,0,0)[4] with mean are found', () => {
  const draw = gaussian(11);
  const [phi, seasonal, ma, mean] = [0.6, 0.4, 0.5, 20];
  const z = new Float64Array(4000);
  let before = 0;
  for (let t = 5; t < z.length; t++) {
    const e = draw();
    z[t] = phi * z[t - 1]! + seasonal * z[t - 4]! - phi * seasonal * z[t - 5]! + e + ma * before;
    before = e;
  }
  const values = z.map((value) => value + mean);
  const order = orderOf({ p: 1, q: 1, seasonalP: 1, seasonLength: 4, withConstant: true });
  const fit = fitSarima(order, new ConditionalSeries(values, 5, 5))!;
  // [φ, Φ, θ], standard errors about 0.015.
  expect(fit.coefficients[0]).toBeCloseTo(phi, 1);
  expect(Math.abs(fit.coefficients[1]! - seasonal)).toBeLessThan(0.04);
  expect(Math.abs(fit.coefficients[2]! - ma)).toBeLessThan(0.05);
  expect(Math.abs(fit.mean - mean)).toBeLessThan(0.7);
  expect(fit.variance).toBeCloseTo(1, 0);
});

test('a fit is a minimum of the conditional sum: no neighbour has a smaller one', () => {
  const draw = gaussian(5);
  let level = 0;
  const values = Float64Array.from({ length: 300 }, (_, t) => (level += draw()) + 3 * Math.sin((2 * Math.PI * t) / 6));
  const order = orderOf({ d: 1, q: 1, seasonalD: 1, seasonalQ: 1, p: 1, seasonLength: 6 });
  const moves = difference(values, differenceLags(order));
  const fit = fitSarima(order, new ConditionalSeries(moves, 8, 0))!;
  const squares = ([phi, theta, seasonal]: readonly number[]): number => {
    const w = [...moves].filter((move) => !Number.isNaN(move));
    const e: number[] = [];
    w.forEach((move, t) => {
      const [e1, e6, e7] = [1, 6, 7].map((lag) => e[t - lag] ?? 0) as [number, number, number];
      e.push(move - phi! * (w[t - 1] ?? 0) - theta! * e1 - seasonal! * e6 - theta! * seasonal! * e7);
    });
    return e.reduce((sum, value) => sum + value * value, 0);
  };
  const found = [...fit.coefficients];
  const least = squares(found);
  expect(least / (fit.variance * 293)).toBeCloseTo(1, 8);
  for (const i of [0, 1, 2]) {
    for (const by of [-1e-3, 1e-3]) {
      const other = found.map((value, at) => (at === i ? value + by : value));
      if (isAllowed(order, Float64Array.from(other))) expect(squares(other)).toBeGreaterThan(least);
    }
  }
});

test('AR(1) with a mean forecasts μ + φ^h (y − μ), a random walk with drift a line', () => {
  const out = new Float64Array(3);
  const ar = { order: orderOf({ p: 1, withConstant: true }), mean: 10, coefficients: Float64Array.of(0.5) };
  openSarimaWindow(ar, 4)(Float64Array.of(9, 12, 11, 14), out);
  expect([...out]).toEqual([12, 11, 10.5]);
  const drift = { order: orderOf({ d: 1, withConstant: true }), mean: 2, coefficients: new Float64Array(0) };
  openSarimaWindow(drift, 3)(Float64Array.of(1, 0, 7), out);
  expect([...out]).toEqual([9, 11, 13]);
});

test('ARIMA(0,1,1) forecasts as exponential smoothing with alpha = 1 + θ', () => {
  const noise = testNoise(2);
  const window = Float64Array.from({ length: 200 }, () => noise());
  const out = new Float64Array(2);
  openSarimaWindow({ order: orderOf({ d: 1, q: 1 }), mean: 0, coefficients: Float64Array.of(-0.7) }, 200)(window, out);
  const level = window.reduce((smoothed, value) => smoothed + 0.3 * (value - smoothed));
  expect(out[0]).toBeCloseTo(level, 10);
  expect(out[1]).toBeCloseTo(level, 10);
});

test('differences: none for noise, one for a walk, a seasonal one for a strong season', () => {
  const draw = gaussian(3);
  const noise = Float64Array.from({ length: 400 }, () => draw());
  let level = 0;
  const walk = noise.map((value) => (level += value));
  const seasonal = noise.map((value, t) => value + 10 * Math.sin((2 * Math.PI * t) / 12));
  expect(kpss(noise)).toBeLessThan(0.463);
  expect(kpss(walk)).toBeGreaterThan(0.463);
  expect(kpss(new Float64Array(50).fill(0.1))).toBe(0);
  expect(seasonalStrength(seasonal, 12)).toBeGreaterThan(0.9);
  expect(seasonalStrength(noise, 12)).toBeLessThan(0.3);
  expect(chooseDifferences(noise, 12, 2, 1)).toEqual({ d: 0, seasonalD: 0 });
  expect(chooseDifferences(walk, 12, 2, 1)).toEqual({ d: 1, seasonalD: 0 });
  expect(chooseDifferences(seasonal, 12, 2, 1)).toEqual({ d: 0, seasonalD: 1 });
});

test('gaps in the train part begin a new run and count for nothing', () => {
  const draw = gaussian(9);
  let z = 0;
  const values = Float64Array.from({ length: 3000 }, () => (z = 0.7 * z + draw()));
  const holed = values.map((value, row) => (row % 500 < 40 ? NaN : value));
  const series = new ConditionalSeries(holed, 1, 1);
  expect([series.runs.length, series.count]).toEqual([6, 6 * 459]);
  const fit = fitSarima(orderOf({ p: 1 }), series)!;
  expect(Math.abs(fit.coefficients[0]! - 0.7)).toBeLessThan(0.03);
});

test('the search finds an autoregression, names it in the state and in the log', async () => {
  const draw = gaussian(21);
  const y = new Float64Array(900);
  for (let t = 2; t < y.length; t++) y[t] = 1.2 * y[t - 1]! - 0.6 * y[t - 2]! + draw();
  const data = windowedData({ series: { a: y }, lookBack: 20, horizon: 4, seasonLength: 1 });
  const context = trainingContext();
  const outcome = await arima.fit(data, resolveParameters(arima.hyperparameters, {}, 'p'), context);
  expect(outcome.model.facts['models']).toMatch(/^ARIMA\([23],0,\d\)/);
  expect(outcome.iterations).toBeGreaterThan(5);
  expect(context.messages.some((message) => /^ARIMA\(.*\) of \d+ models, AICc/.test(message))).toBe(true);
});

test('orders that a window cannot hold, and too many differences, are refused with the remedy', async () => {
  const values = Float64Array.from({ length: 200 }, (_, t) => Math.sin(t));
  const data = windowedData({ series: { a: values }, lookBack: 26, horizon: 2, seasonLength: 12 });
  const fitWith = (given: Record<string, unknown>) =>
    arima.fit(data, resolveParameters(arima.hyperparameters, { search: false, ...given }, 'p'), trainingContext());
  await expect(fitWith({ order: [1, 1, 0], seasonalOrder: [2, 1, 0] })).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    message: expect.stringContaining('ARIMA(1,1,0)(2,1,0)[12] needs 39 rows to forecast') as string,
    details: { path: 'windows.lookBack', value: 26, minimum: 39 },
  });
  await expect(fitWith({ order: [1, 3, 0] })).rejects.toMatchObject({
    details: { path: 'algorithm.hyperparameters.order', value: 3, maximum: 2 },
  });
  await expect(fitWith({ seasonalOrder: [0, 1, 1], seasonLength: 20 })).rejects.toMatchObject({
    details: { path: 'windows.lookBack', minimum: 40 },
  });
  expect(sarimaName(orderOf({ p: 2, d: 1, withConstant: true }))).toBe('ARIMA(2,1,0) with drift');
});
