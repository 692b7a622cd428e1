import { averagePooling, interpolation, nhits } from '#src/ml/algorithms/nhits.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { seasonalSeries, trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

const applied = (values: readonly number[], matrix: Float32Array): number[] => {
  const to = matrix.length / values.length;
  return Array.from({ length: to }, (_, n) =>
    values.reduce((sum, value, row) => sum + value * matrix[row * to + n]!, 0),
  );
};

test('pooling averages from the end, so that only the oldest rows are fewer', () => {
  expect(applied([9, 1, 3, 5, 7], averagePooling(5, 2))).toEqual([9, 2, 6]);
  expect(applied([1, 2, 6], averagePooling(3, 5)).map((value) => Number(value.toFixed(6)))).toEqual([3]);
});

test('interpolation meets its knots at both ends and is straight between them', () => {
  expect(applied([2, 8], interpolation(2, 4)).map((value) => Number(value.toFixed(6)))).toEqual([2, 4, 6, 8]);
  expect(applied([1, 3, 2], interpolation(3, 5)).map((value) => Number(value.toFixed(6)))).toEqual([1, 2, 3, 2.5, 2]);
  expect(applied([4], interpolation(1, 3))).toEqual([4, 4, 4]);
});

test('stacks that are not numbered alike are refused', async () => {
  const data = windowedData({ series: seasonalSeries(120), lookBack: 12, horizon: 3 });
  const given = resolveParameters(nhits.hyperparameters, { pooling: [2, 1], downsampling: [2] }, 'here');
  await expect(nhits.fit(data, given, trainingContext())).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    message: 'pooling has 2 stacks and downsampling 1; give one number for each stack in both.',
  });
});
