import { averaging, dlinear } from '#src/ml/algorithms/dlinear.js';
import { nlinear } from '#src/ml/algorithms/nlinear.js';
import { ridge } from '#src/ml/algorithms/ridge.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { seasonalSeries, trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

const averaged = (values: readonly number[], length: number): number[] => {
  const matrix = averaging(values.length, length);
  return values.map((_, t) => values.reduce((sum, value, i) => sum + value * matrix[i * values.length + t]!, 0));
};

test('the moving average repeats the ends of the window, as in the source', () => {
  // Of [3, 3 | 3, 6, 9, 12 | 12, 12], by hand.
  expect(averaged([3, 6, 9, 12], 5).map((value) => Number(value.toFixed(6)))).toEqual([4.8, 6.6, 8.4, 10.2]);
  // An even length has one row more after than before.
  expect(averaged([3, 6, 9, 12], 2).map((value) => Number(value.toFixed(6)))).toEqual([4.5, 7.5, 10.5, 12]);
  // Longer than the window on both sides: (9·3 + 6 + 9 + 10·12) / 21 at the third value.
  expect(averaged([3, 6, 9, 12], 21)[2]).toBeCloseTo((9 * 3 + 6 + 9 + 10 * 12) / 21, 5);
});

test('the average is a layer that is not trained, and its weights are stored', async () => {
  const data = windowedData({ series: seasonalSeries(240), lookBack: 12, horizon: 3 });
  const given = { movingAverage: 5, epochs: 3, learningRate: 0.01 };
  const { model } = await dlinear.fit(
    data,
    resolveParameters(dlinear.hyperparameters, given, 'here'),
    trainingContext(),
  );
  expect(model.tensors['trend/kernel']!.data).toEqual(averaging(12, 5));
});

test('NLinear comes to what ridge solves for, to a hundredth of the loss', async () => {
  const data = windowedData({ series: seasonalSeries(700), lookBack: 24, horizon: 4 });
  const exact = await ridge.fit(
    data,
    resolveParameters(ridge.hyperparameters, { lambdas: [1e-6], exogenous: 'none', shared: true }, 'here'),
    trainingContext(),
  );
  const given = { epochs: 200, patience: 0, learningRate: 0.01, learningRateSchedule: 'cosine', batchSize: 64 };
  const trained = await nlinear.fit(data, resolveParameters(nlinear.hyperparameters, given, 'here'), trainingContext());
  // The kept epoch is that of the best validation, so the training loss is near the optimum and never below it.
  expect(trained.loss / exact.loss).toBeGreaterThan(0.98);
  expect(trained.validationLoss! / exact.validationLoss!).toBeLessThan(1.02);
});

test('linear networks start from zeros, so that an unvaried part of the window adds no noise', async () => {
  const series = Float64Array.from({ length: 240 }, (_, t) => Math.sin(t / 40));
  const data = windowedData({ series: { slow: series }, lookBack: 12, horizon: 3 });
  for (const algorithm of [nlinear, dlinear]) {
    const given = { epochs: 1, learningRate: 1e-5, batchSize: 4096 };
    const { model } = await algorithm.fit(
      data,
      resolveParameters(algorithm.hyperparameters, given, 'here'),
      trainingContext(),
    );
    const trained = Object.entries(model.tensors).filter(
      ([name]) => !name.startsWith('trend/') && name.endsWith('kernel'),
    );
    const largest = trained
      .filter(([name]) => !name.startsWith('level/'))
      .flatMap(([, { data: values }]) => Array.from(values, Math.abs));
    // One step of Adam moves a weight by the learning rate.
    expect(Math.max(...largest) / 1e-5).toBeCloseTo(1, 2);
  }
});
