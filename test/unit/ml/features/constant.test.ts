import { constant } from '#src/ml/features/constant.js';
import { lstm } from '#src/ml/algorithms/lstm.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { failureOf } from '../../../support/failure-of.js';
import { testNoise, trainingContext, windowedData } from '../../../support/synthetic-windows.js';

const input = (...values: number[]) => ({
  times: Float64Array.from(values, (_, row) => row * 86_400_000),
  value: Float64Array.from(values),
  column: () => undefined,
});

test('is the number in every row, where the series is missing too', () => {
  const [column] = constant.compute(input(1, NaN, 3), { label: 'class_FX', value: 0.25 });
  expect(column!.name).toBe('class_FX');
  expect([...column!.values]).toEqual([0.25, 0.25, 0.25]);
});

test('refuses a label that is no name', () => {
  const failure = failureOf(() => constant.compute(input(1), { label: 'a b', value: 1 }));
  expect(failure).toMatchObject({ code: 'PARAMETER_INVALID', details: { path: 'constant.label', value: 'a b' } });
});

/**
 * Two assets whose one-row windows look alike and go on in opposite ways: v′ = ±0.9·v + noise. Only who they are tells
 * what follows.
 */
test('one network for two assets learns from it which asset it sees', async () => {
  const noise = testNoise(3);
  const series = (sign: number): Float64Array => {
    const values = new Float64Array(900);
    for (let t = 1; t < values.length; t++) values[t] = sign * 0.9 * values[t - 1]! + noise();
    return values;
  };
  const rows = 900;
  const column = (value: number): Float64Array => new Float64Array(rows).fill(value);
  const data = windowedData({
    series: { alpha: series(1), beta: series(-1) },
    features: { alpha_class_FX: column(1), beta_class_FX: column(0) },
    lookBack: 1,
    horizon: 1,
  });
  const assets = ['alpha', 'beta', 'alpha', 'beta'];
  const lossWith = async (known: boolean): Promise<number> => {
    const given = {
      ...data,
      inputs: {
        names: known ? data.inputs.names : data.inputs.names.slice(0, 2),
        columns: known ? data.inputs.columns : data.inputs.columns.slice(0, 2),
        assets: known ? assets : assets.slice(0, 2),
      },
    };
    const hyperparameters = resolveParameters(
      lstm.hyperparameters,
      { channels: 'shared', normalisation: 'none', units: [8], epochs: 15, batchSize: 32, learningRate: 0.02 },
      'algorithm.hyperparameters',
    );
    return (await lstm.fit(given, hyperparameters, trainingContext())).validationLoss!;
  };
  // The noise is uniform on ±1, of variance 1/3; without the class the best forecast is 0, of variance 1/3/(1 − 0.81).
  expect(await lossWith(true)).toBeLessThan(0.45);
  expect(await lossWith(false)).toBeGreaterThan(1);
});
