import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import type { FitOutcome } from '#src/ml/algorithms/algorithm.js';
import { ridge } from '#src/ml/algorithms/ridge.js';
import { sampleWeights } from '#src/ml/windows/sample-weights.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { seasonalSeries, testNoise, trainingContext, windowedData } from '../../../support/synthetic-windows.js';

const defaults = (given: Record<string, unknown> = {}): ParameterValues =>
  resolveParameters(ridge.hyperparameters, given, 'algorithm.hyperparameters');

/** Gauss-Jordan on the written-out normal equations: slow, plain, another method than the code under test. */
function solvePlainly(x: number[][], y: number[][], lambda: number): number[][] {
  const p = x[0]!.length;
  const trace = x.reduce((sum, row) => sum + row.reduce((s, v) => s + v * v, 0), 0);
  const system = Array.from({ length: p }, (_, i) => [
    ...Array.from(
      { length: p },
      (_, j) => x.reduce((s, r) => s + r[i]! * r[j]!, 0) + (i === j ? (lambda * trace) / p : 0),
    ),
    ...y[0]!.map((_, h) => x.reduce((s, r, n) => s + r[i]! * y[n]![h]!, 0)),
  ]);
  for (let c = 0; c < p; c++) {
    const pivot = system
      .slice(c)
      .reduce((best, row, at) => (Math.abs(row[c]!) > Math.abs(system[best]![c]!) ? at + c : best), c);
    [system[c], system[pivot]] = [system[pivot]!, system[c]!];
    for (let r = 0; r < p; r++) {
      if (r === c) continue;
      const factor = system[r]![c]! / system[c]![c]!;
      system[r] = system[r]!.map((value, at) => value - factor * system[c]![at]!);
    }
  }
  return system.map((row, c) => row.slice(p).map((value) => value / row[c]!));
}

async function testError(data: WindowedData, outcome: FitOutcome): Promise<number> {
  const forecaster = await ridge.restore(outcome.model);
  const forecasts = await forecaster.forecast(data.inputs, data.origins.test);
  let at = 0;
  let sum = 0;
  for (const origin of data.origins.test) {
    for (let h = 1; h <= data.horizon; h++) {
      for (const column of data.targets.columns) sum += (forecasts[at++]! - column[origin + h]!) ** 2;
    }
  }
  return sum / at;
}

test.each([
  ['stride 1', 1, [] as number[]],
  ['stride 3', 3, []],
  ['windows broken by a gap', 1, [60, 61]],
])('with %s the weights are those of the written-out least squares to 1e-9', async (_name, stride, gap) => {
  const series = seasonalSeries(240);
  for (const row of gap) for (const column of Object.values(series)) column[row] = Number.NaN;
  const data = windowedData({ series, lookBack: 9, horizon: 4, stride });
  const outcome = await ridge.fit(data, defaults({ lambdas: [0.02] }), trainingContext());
  const x: number[][] = [];
  const y: number[][] = [];
  for (const column of data.targets.columns) {
    for (const t of data.origins.train) {
      x.push(Array.from(column.subarray(t - 8, t), (value) => value - column[t]!));
      y.push(Array.from(column.subarray(t + 1, t + 5), (value) => value - column[t]!));
    }
  }
  const expected = solvePlainly(x, y, 0.02);
  const { shape, data: weights } = outcome.model.tensors['weights/0']!;
  expect(shape).toEqual([4, 8]);
  for (let i = 0; i < 8; i++) {
    for (let h = 0; h < 4; h++) expect(Math.abs(weights[h * 8 + i]! - expected[i]![h]!)).toBeLessThan(1e-9);
  }
  let loss = 0;
  x.forEach((row, n) => {
    for (let h = 0; h < 4; h++) loss += (row.reduce((s, v, i) => s + v * expected[i]![h]!, 0) - y[n]![h]!) ** 2;
  });
  expect(outcome.loss).toBeCloseTo(loss / (4 * x.length), 10);
});

describe('with weighted windows', () => {
  const series = seasonalSeries(300);
  const drawn = testNoise(8);
  const features = {
    alpha_RSI: Float64Array.from({ length: 300 }, () => 5 + drawn()),
    beta_RSI: Float64Array.from({ length: 300 }, () => 5 + drawn()),
  };
  const made = (options: { validation?: number } = {}): WindowedData => {
    const data = windowedData({ series, features, lookBack: 9, horizon: 4, ...options });
    return { ...data, inputs: { ...data.inputs, assets: ['alpha', 'beta', 'alpha', 'beta'] } };
  };
  const times = (at: number): number => [1, 3, 0, 2][at % 4]!;
  const repeated = (origins: Int32Array): Int32Array =>
    Int32Array.from([...origins].flatMap((origin, at) => Array.from({ length: times(at) }, () => origin)));

  test.each([
    ['shared', { shared: true, exogenous: 'origin' }],
    ['one for each', { shared: false, exogenous: 'auto' }],
  ])('whole weights are windows that are there so many times, weights %s', async (_name, given) => {
    const data = made();
    const weights = Float64Array.from(data.origins.train, (_, at) => times(at));
    const weighted = await ridge.fit({ ...data, weights }, defaults(given), trainingContext());
    const train = repeated(data.origins.train);
    const again = { ...data, origins: { ...data.origins, train }, weights: new Float64Array(train.length).fill(1) };
    const expected = await ridge.fit(again, defaults(given), trainingContext());
    expect(weighted.model.facts).toEqual(expected.model.facts);
    expect(weighted.loss).toBeCloseTo(expected.loss, 9);
    expect(weighted.validationLoss).toBeCloseTo(expected.validationLoss!, 9);
    for (const [name, { data: values }] of Object.entries(expected.model.tensors)) {
      const apart = weighted.model.tensors[name]!.data.map((value, at) => Math.abs(value - values[at]!));
      expect(Math.max(...apart)).toBeLessThan(1e-9);
    }
    // And they do make a difference.
    const plain = await ridge.fit(data, defaults(given), trainingContext());
    expect(Math.abs(plain.loss - weighted.loss)).toBeGreaterThan(1e-5);
  });

  test('a half-life of a billion rows is none, where train windows choose lambda too', async () => {
    for (const data of [made(), made({ validation: 0 })]) {
      const weights = sampleWeights(data.origins.train, 1e9);
      const weighted = await ridge.fit({ ...data, weights }, defaults(), trainingContext());
      const plain = await ridge.fit(data, defaults(), trainingContext());
      expect(weighted.model.facts).toEqual(plain.model.facts);
      for (const [name, { data: values }] of Object.entries(plain.model.tensors)) {
        const apart = weighted.model.tensors[name]!.data.map((value, at) => Math.abs(value - values[at]!));
        expect(Math.max(...apart)).toBeLessThan(1e-6);
      }
    }
  });
});

test('the validation loss it reports is the error of its forecasts on the validation windows', async () => {
  const data = windowedData({ series: seasonalSeries(400), lookBack: 24, horizon: 6 });
  const outcome = await ridge.fit(data, defaults(), trainingContext());
  const onValidation = { ...data, origins: { ...data.origins, test: data.origins.validation } };
  expect(outcome.validationLoss).toBeCloseTo(await testError(onValidation, outcome), 10);
  expect(outcome).toMatchObject({ engine: 'closed-form', iterations: 9, stopReason: 'completed', bestEpoch: null });
});

test('an autoregressive series is forecast to its noise', async () => {
  const noise = testNoise(5);
  const series = new Float64Array(2000);
  for (let t = 2; t < 2000; t++) series[t] = 1.6 * series[t - 1]! - 0.8 * series[t - 2]! + 0.1 * noise();
  const data = windowedData({ series: { ar: series }, lookBack: 16, horizon: 1 });
  const outcome = await ridge.fit(data, defaults(), trainingContext());
  // Uniform noise on ±0.1 has variance 0.01/3.
  expect(await testError(data, outcome)).toBeLessThan(1.06 * (0.01 / 3));
});

test('each target has its own weights and lambda when they are not shared', async () => {
  const data = windowedData({ series: seasonalSeries(300), lookBack: 12, horizon: 3 });
  const outcome = await ridge.fit(data, defaults({ shared: false }), trainingContext());
  expect(Object.keys(outcome.model.tensors)).toEqual(['weights/0', 'weights/1']);
  expect(outcome.model.facts['lambdas']).toHaveLength(2);
  const alone = windowedData({ series: seasonalSeries(300), targets: ['beta'], lookBack: 12, horizon: 3 });
  const second = await ridge.fit(alone, defaults(), trainingContext());
  expect(outcome.model.tensors['weights/1']).toEqual(second.model.tensors['weights/0']);
});

describe('features at the origin', () => {
  /** The next change of the series is announced by a feature that its past does not hold. */
  function announced(assets: readonly (string | null)[] | undefined): WindowedData {
    const noise = testNoise(9);
    const signal = Float64Array.from({ length: 400 }, noise);
    const series = new Float64Array(400);
    for (let t = 1; t < 400; t++) series[t] = series[t - 1]! + signal[t - 1]!;
    const data = windowedData({
      series: { price: series },
      features: { price_NEWS: signal, weekday: Float64Array.from({ length: 400 }, (_, t) => t % 7) },
      lookBack: 6,
      horizon: 1,
    });
    return { ...data, inputs: { ...data.inputs, assets } };
  }
  const assets = ['price', 'price', null];

  test('are used where they lower the validation error, and the log says so', async () => {
    const context = trainingContext();
    const data = announced(assets);
    const outcome = await ridge.fit(data, defaults({ lambdas: [1e-6, 1e-3] }), context);
    expect(await testError(data, outcome)).toBeLessThan(1e-6);
    expect(outcome.model.facts).toMatchObject({ withFeatures: [1], featureColumns: [1, 2] });
    expect(context.messages.join()).toMatch(/Features at the origin are used: error .* with, 0\.\d+ without them/);
  });

  test('are left out, with a warning, when exogenous is none', async () => {
    const context = trainingContext();
    const data = announced(assets);
    const outcome = await ridge.fit(data, defaults({ exogenous: 'none' }), context);
    expect(await testError(data, outcome)).toBeGreaterThan(0.2);
    expect(outcome.model.tensors['weights/0']!.shape).toEqual([1, 5]);
    expect(context.messages[0]).toBe(
      "ridge does not read 2 of 3 input columns (price_NEWS, weekday): it takes the targets' own series, since " +
        'exogenous is none.',
    );
  });

  test('are left out when they are noise', async () => {
    const data = windowedData({
      series: { alpha: seasonalSeries(300)['alpha']! },
      features: { alpha_NOISE: Float64Array.from({ length: 300 }, testNoise(3)) },
      lookBack: 12,
      horizon: 6,
    });
    const withAssets = { ...data, inputs: { ...data.inputs, assets: ['alpha', 'alpha'] } };
    const auto = await ridge.fit(withAssets, defaults(), trainingContext());
    const origin = await ridge.fit(withAssets, defaults({ exogenous: 'origin' }), trainingContext());
    expect(auto.validationLoss).toBeLessThanOrEqual(origin.validationLoss!);
    expect(origin.model.facts['withFeatures']).toEqual([1]);
  });
});

test('without validation windows the last train windows choose lambda and all of them are solved', async () => {
  const context = trainingContext();
  const data = windowedData({ series: seasonalSeries(300), lookBack: 12, horizon: 3, validation: 0 });
  const outcome = await ridge.fit(data, defaults(), context);
  expect(outcome.validationLoss).toBeNull();
  expect(context.messages[0]).toMatch(/^No validation windows: the last \d+ train windows choose lambda\.$/);
  const lambda = (outcome.model.facts['lambdas'] as number[])[0];
  const direct = await ridge.fit(data, defaults({ lambdas: [lambda] }), trainingContext());
  expect(outcome.model.tensors).toEqual(direct.model.tensors);
});

test('a runtime that is over ends normally with the best candidate so far', async () => {
  const data = windowedData({ series: seasonalSeries(300), lookBack: 12, horizon: 3 });
  const outcome = await ridge.fit(data, defaults(), trainingContext({ maxRuntimeMs: 10, elapsedMs: () => 11 }));
  expect(outcome).toMatchObject({ stopReason: 'budget', iterations: 1 });
  expect(outcome.model.facts['lambdas']).toEqual([1e-4]);
});

test('an exactly repeated series keeps finite weights although its equations are singular', async () => {
  const series = { saw: Float64Array.from({ length: 200 }, (_, t) => t % 4) };
  const data = windowedData({ series, lookBack: 12, horizon: 4 });
  const outcome = await ridge.fit(data, defaults({ lambdas: [1e-9, 1e-6] }), trainingContext());
  expect(await testError(data, outcome)).toBeLessThan(1e-9);
});
