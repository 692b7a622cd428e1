import type { Forecaster } from '#src/ml/algorithms/algorithm.js';
import { mlp } from '#src/ml/algorithms/mlp.js';
import { patchTransformer } from '#src/ml/algorithms/patch-transformer.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { seasonalSeries, testNoise, trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

const LOOK_BACK = 12;
const ROWS = 240;

const dataOf = (series: Record<string, Float64Array>, feature = false): WindowedData => {
  const noise = testNoise(2);
  const own = (): Float64Array => Float64Array.from({ length: ROWS }, noise);
  return windowedData({
    series,
    ...(feature && { features: { alpha_RSI: own(), beta_RSI: own() } }),
    lookBack: LOOK_BACK,
    horizon: 3,
  });
};

async function fitted(given: Record<string, unknown>, data: WindowedData, algorithm = mlp): Promise<Forecaster> {
  const parameters = { normalisation: 'instance', epochs: 3, learningRate: 0.01, ...given };
  const { model } = await algorithm.fit(
    data,
    resolveParameters(algorithm.hyperparameters, parameters, 'here'),
    trainingContext(),
  );
  return algorithm.restore(model);
}

const PATCHES = { patchLength: 4, stride: 2, width: 4, heads: 2, blocks: 1, feedForward: 8 };

test.each([
  ['joint', mlp, { units: [8], channels: 'joint' }, false],
  ['shared', mlp, { units: [8], channels: 'shared' }, false],
  ['shared with features', mlp, { units: [8], channels: 'shared' }, true],
  ['patches', patchTransformer, PATCHES, false],
] as const)(
  '%s: a window at another level and scale has the same forecast there',
  async (_name, algorithm, given, feature) => {
    const series = seasonalSeries(ROWS);
    const data = dataOf(series, feature);
    const forecaster = await fitted(given, data, algorithm);
    const moved = {
      ...data.inputs,
      columns: data.inputs.columns.map((column, c) => (c < 2 ? column.map((value) => 8 * value - 20) : column)),
    };
    const origins = Int32Array.of(60, 100, 200);
    const before = await forecaster.forecast(data.inputs, origins);
    const after = await forecaster.forecast(moved, origins);
    // Float32 at a level of 20; the variance has 1e-5 added in either unit.
    const differences = before.map((value, at) => Math.abs(after[at]! - (8 * value - 20)));
    expect(Math.max(...differences)).toBeLessThan(2e-3);
    expect(Math.max(...before) - Math.min(...before)).toBeGreaterThan(0.1);
    forecaster.dispose();
  },
);

test('a window without any variation is forecast to stay as it is', async () => {
  const data = dataOf(seasonalSeries(ROWS));
  const forecaster = await fitted({ units: [8] }, data);
  const constant = { ...data.inputs, columns: data.inputs.columns.map((_, c) => new Float64Array(ROWS).fill(2 + c)) };
  const forecast = await forecaster.forecast(constant, Int32Array.of(50));
  expect([...forecast].map((value) => Number(value.toFixed(5)))).toEqual([2, 3, 2, 3, 2, 3]);
  forecaster.dispose();
});

test('it learns: half the error of the window mean, which it begins near', async () => {
  const data = dataOf(seasonalSeries(ROWS));
  const forecaster = await fitted({ units: [24], epochs: 40, batchSize: 32 }, data);
  const { test: origins } = data.origins;
  const forecast = await forecaster.forecast(data.inputs, origins);
  let [error, ofMean] = [0, 0];
  origins.forEach((origin, n) => {
    data.targets.columns.forEach((column, k) => {
      const mean = column.slice(origin - LOOK_BACK + 1, origin + 1).reduce((sum, value) => sum + value, 0) / LOOK_BACK;
      for (let h = 0; h < 3; h++) {
        error += Math.abs(forecast[(n * 3 + h) * 2 + k]! - column[origin + 1 + h]!);
        ofMean += Math.abs(mean - column[origin + 1 + h]!);
      }
    });
  });
  expect(error / ofMean).toBeLessThan(0.5);
  forecaster.dispose();
});
