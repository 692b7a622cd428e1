import { classicalSeason, isSeasonal } from '#src/ml/algorithms/statistical/classical-season.js';
import { openThetaWindow } from '#src/ml/algorithms/statistical/theta-window.js';
import { theta } from '#src/ml/algorithms/theta.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { testNoise, trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

test('on a straight line the drift is half the slope, and the level lags behind', () => {
  const out = new Float64Array(3);
  openThetaWindow({ alpha: 0.5, seasonLength: 0, multiplies: false }, 4)(Float64Array.of(0, 2, 4, 6), out);
  // ℓ: 0, 1, 2.5, 4.25; b = 2; 1/α − (1 − α)^4/α = 1.875.
  expect([...out]).toEqual([4.25 + 1.875, 4.25 + 2.875, 4.25 + 3.875]);
});

test('classical decomposition gives back a season that adds or multiplies', () => {
  const added = Float64Array.from({ length: 24 }, (_, t) => 10 + 2 * t + [3, -1, -2, 0][t % 4]!);
  classicalSeason(added, 4, false)!.forEach((part, i) => expect(part).toBeCloseTo([3, -1, -2, 0][i]!, 12));
  const factors = [1.2, 0.9, 0.8, 1.1, 1];
  const multiplied = Float64Array.from({ length: 40 }, (_, t) => 50 * factors[t % 5]!);
  classicalSeason(multiplied, 5, true)!.forEach((part, i) => expect(part).toBeCloseTo(factors[i]!, 12));
  expect(classicalSeason(added.subarray(0, 7), 4, false)).toBeNull();
});

test('the seasonality test tells a season from noise', () => {
  const noise = testNoise(6);
  const flat = Float64Array.from({ length: 240 }, () => noise());
  const seasonal = flat.map((value, t) => value + Math.sin((2 * Math.PI * t) / 12));
  expect([isSeasonal(flat, 12), isSeasonal(seasonal, 12)]).toEqual([false, true]);
  expect(isSeasonal(seasonal.subarray(0, 20), 12)).toBe(false);
  expect(isSeasonal(new Float64Array(100).fill(2), 12)).toBe(false);
});

test('a season is found, multiplies where values are positive, and adds in a window where one is not', async () => {
  const noise = testNoise(2);
  const values = Float64Array.from(
    { length: 400 },
    (_, t) => (50 + 0.1 * t) * (1 + 0.3 * Math.sin((2 * Math.PI * t) / 6)) + noise(),
  );
  const data = windowedData({ series: { a: values }, lookBack: 24, horizon: 6, seasonLength: 6 });
  const context = trainingContext();
  const outcome = await theta.fit(data, resolveParameters(theta.hyperparameters, {}, 'p'), context);
  expect(outcome.model.facts['models']).toBe('theta multiplicative');
  expect(context.messages[0]).toMatch(/^Theta with multiplicative season of 6 rows, alpha 0\.\d+$/);
  expect(outcome.validationLoss!).toBeLessThan(12);
  const forecaster = await theta.restore(outcome.model);
  const dipped = { ...data.inputs, columns: [values.map((value, row) => (row === 300 ? -1 : value))] };
  const made = await forecaster.forecast(dipped, Int32Array.of(310));
  expect(made.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
});

test('without room for two seasons it goes without, or refuses what was asked for', async () => {
  const values = Float64Array.from({ length: 200 }, (_, t) => 2 + Math.sin((2 * Math.PI * t) / 12));
  const data = windowedData({ series: { a: values }, lookBack: 20, horizon: 2, seasonLength: 12 });
  const fitWith = (given: Record<string, unknown>) =>
    theta.fit(data, resolveParameters(theta.hyperparameters, given, 'p'), trainingContext());
  expect((await fitWith({})).model.facts['models']).toBe('theta');
  await expect(fitWith({ season: 'additive' })).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    details: { path: 'windows.lookBack', value: 20, minimum: 24 },
  });
});
