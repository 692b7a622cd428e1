import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { drift } from '#src/ml/algorithms/drift.js';
import { historicMean } from '#src/ml/algorithms/historic-mean.js';
import { naive } from '#src/ml/algorithms/naive.js';
import { seasonalNaive } from '#src/ml/algorithms/seasonal-naive.js';
import { trainingContext, windowedData } from '../../../support/synthetic-windows.js';

const counting = Float64Array.from({ length: 60 }, (_, t) => t);
const sawtooth = Float64Array.from({ length: 60 }, (_, t) => t % 4);

test('naive repeats the last value for every step and target', async () => {
  const data = windowedData({ series: { up: counting, saw: sawtooth }, lookBack: 5, horizon: 3 });
  const outcome = await naive.fit(data, {}, trainingContext());
  const forecaster = await naive.restore(outcome.model);
  const forecasts = await forecaster.forecast(data.inputs, Int32Array.of(10, 33));
  expect([...forecasts]).toEqual([10, 2, 10, 2, 10, 2, 33, 1, 33, 1, 33, 1]);
  expect(outcome).toMatchObject({ engine: 'none', iterations: 0, bestEpoch: null, stopReason: 'completed' });
});

test('the loss of naive on a straight line is the mean of 1, 4 and 9', async () => {
  const data = windowedData({ series: { up: counting }, lookBack: 5, horizon: 3 });
  const { loss, validationLoss } = await naive.fit(data, {}, trainingContext());
  expect(loss).toBeCloseTo(14 / 3, 12);
  expect(validationLoss).toBeCloseTo(14 / 3, 12);
});

test('without validation windows the validation loss is null', async () => {
  const data = windowedData({ series: { up: counting }, lookBack: 5, horizon: 3, validation: 0 });
  expect((await naive.fit(data, {}, trainingContext())).validationLoss).toBeNull();
});

test('seasonal naive repeats the last season, beyond its own length too', async () => {
  const data = windowedData({ series: { saw: sawtooth }, lookBack: 6, horizon: 10, seasonLength: 4 });
  const outcome = await seasonalNaive.fit(data, { seasonLength: 0 }, trainingContext());
  const forecaster = await seasonalNaive.restore(outcome.model);
  expect([...(await forecaster.forecast(data.inputs, Int32Array.of(13)))]).toEqual([2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
  expect(outcome.loss).toBe(0);
});

test('a season longer than the look-back is refused with the limit and the remedy', async () => {
  const data = windowedData({ series: { saw: sawtooth }, lookBack: 6, horizon: 2, seasonLength: 24 });
  await expect(seasonalNaive.fit(data, { seasonLength: 0 }, trainingContext())).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    message:
      'seasonal-naive repeats a season of 24 rows, but the look-back is 6 rows; set windows.lookBack to 24 or more, ' +
      'or a shorter seasonLength.',
    details: { path: 'windows.lookBack', value: 6, minimum: 24 },
  });
});

test('inputs and targets that are scaled differently are related by a straight line', async () => {
  const data = windowedData({ series: { up: counting }, lookBack: 5, horizon: 2 });
  const scaled = { ...data, targets: { ...data.targets, columns: [counting.map((value) => value / 10 - 1)] } };
  const outcome = await naive.fit(scaled, {}, trainingContext());
  const forecaster = await naive.restore(outcome.model);
  const [first] = await forecaster.forecast(scaled.inputs, Int32Array.of(20));
  expect(first).toBeCloseTo(1, 12);
});

test('a target that is no straight line of its own input is refused', async () => {
  const data = windowedData({ series: { up: counting }, lookBack: 5, horizon: 2 });
  const curved = { ...data, targets: { ...data.targets, columns: [counting.map((value) => Math.log1p(value))] } };
  await expect(naive.fit(curved, {}, trainingContext())).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    details: { path: 'scaling.targets', target: 'up' },
  });
});

test('an unknown algorithm is named together with the choices', () => {
  expect(() => getAlgorithm('prophet')).toThrow(/There is no algorithm "prophet"; choose one of naive, seasonal-naive/);
});

test('drift carries the mean change of the window on', async () => {
  const data = windowedData({ series: { up: counting, saw: sawtooth }, lookBack: 5, horizon: 3 });
  const outcome = await drift.fit(data, {}, trainingContext());
  const forecaster = await drift.restore(outcome.model);
  // Rows 6 … 10 of the sawtooth are 2, 3, 0, 1, 2; rows 7 … 11 are 3, 0, 1, 2, 3.
  expect([...(await forecaster.forecast(data.inputs, Int32Array.of(10, 9)))]).toEqual([
    11, 2, 12, 2, 13, 2, 10, 1, 11, 1, 12, 1,
  ]);
});

test('historic mean forecasts the mean of the window', async () => {
  const data = windowedData({ series: { up: counting, saw: sawtooth }, lookBack: 5, horizon: 2 });
  const outcome = await historicMean.fit(data, {}, trainingContext());
  const forecaster = await historicMean.restore(outcome.model);
  expect([...(await forecaster.forecast(data.inputs, Int32Array.of(10)))]).toEqual([8, 1.6, 8, 1.6]);
  expect(outcome).toMatchObject({ engine: 'none', iterations: 0, stopReason: 'completed' });
});

test('drift over one row and baselines of changes are refused with the remedy', async () => {
  const short = windowedData({ series: { up: counting }, lookBack: 1, horizon: 2 });
  await expect(drift.fit(short, {}, trainingContext())).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    message: expect.stringContaining('set windows.lookBack to 2 or more') as string,
    details: { path: 'windows.lookBack', value: 1, minimum: 2 },
  });
  const changes = { ...short, targets: { ...short.targets, isPositional: true } };
  await expect(historicMean.fit(changes, {}, trainingContext())).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    details: { path: 'scaling.targets', algorithm: 'historic-mean' },
  });
});
