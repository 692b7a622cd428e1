import { pathNoise } from '#src/ml/algorithms/deepar/path-noise.js';
import { prepareSequence, sequenceSamples } from '#src/ml/algorithms/deepar/sequence-samples.js';
import { copySamples } from '#src/ml/algorithms/neural/network-samples.js';
import { prepareLayout } from '#src/ml/algorithms/neural/sample-layout.js';
import { studentTQuantiles } from '#src/ml/metrics/student-t-quantile.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { windowedData } from '../../../../support/synthetic-windows.js';

/** Two assets with a feature each, and a covariate known in advance. */
function smallData(): WindowedData {
  const rows = 40;
  const ramp = (factor: number, offset: number): Float64Array =>
    Float64Array.from({ length: rows }, (_, t) => factor * t + offset);
  const data = windowedData({
    series: { a: ramp(1, 0), b: ramp(-2, 100) },
    features: { a_RSI: ramp(0.1, 0), b_RSI: ramp(0.2, 0) },
    targets: ['a', 'b'],
    lookBack: 5,
    horizon: 3,
    seasonLength: 2,
  });
  return {
    ...data,
    inputs: { ...data.inputs, assets: ['a', 'b', 'a', 'b'] },
    future: { names: ['holiday'], columns: [ramp(10, 0)], assets: ['holiday'] },
  };
}

const fetched = (source: Parameters<typeof copySamples>[0], sample: number): number[][] => {
  const values = new Float32Array(source.width * source.length);
  copySamples(source, Int32Array.of(sample), 2, values);
  return Array.from({ length: source.length }, (_, row) =>
    [...values.subarray(row * source.width, (row + 1) * source.width)].map((value) => Math.round(1e4 * value) / 1e4),
  );
};

test('a step reads what is known at its row, and the true value after it is its target', () => {
  const data = smallData();
  const { layout } = prepareLayout(data, 'shared');
  const shape = prepareSequence(data, layout, { lag: 2, normalisation: 'last-value' });
  // Windows of a: deviations −2 … 2 of the mean, so 1.2 in the mean; of b twice that.
  expect(shape.meanScale).toBeCloseTo(1.8, 12);
  const samples = sequenceSamples(data, layout, shape);
  expect(samples.targetWeights).toBeUndefined();
  // Of b, origin 10: rows 6 … 10 with mean 84 and scale 2.4. Steps from row 7 on, the first whose season before is there.
  const steps = fetched(samples.inputs[0]!, 10 * 2 + 1);
  const log = Math.round(1e4 * Math.log(2.4 / 1.8)) / 1e4;
  const x = (row: number): number => Math.round(1e4 * ((100 - 2 * row - 84) / 2.4)) / 1e4;
  expect(steps).toEqual([
    // Newest value, the one two rows before the next, scale, feature, whether it is held, covariate of the next row, asset.
    [x(7), x(6), log, 1.4, 0, 80, 0, 1],
    [x(8), x(7), log, 1.6, 0, 90, 0, 1],
    [x(9), x(8), log, 1.8, 0, 100, 0, 1],
    [x(10), x(9), log, 2, 0, 110, 0, 1],
    [x(11), x(10), log, 2, 1, 120, 0, 1],
    [x(12), x(11), log, 2, 1, 130, 0, 1],
  ]);
  const change = Math.round(1e4 * (-2 / 2.4)) / 1e4;
  expect(fetched(samples.targets, 10 * 2 + 1)).toEqual([[change], [change], [change]]);
});

test('the mean absolute value of the window is the unit of the paper', () => {
  const data = smallData();
  const { layout } = prepareLayout(data, 'shared');
  const shape = prepareSequence(data, layout, { lag: 1, normalisation: 'mean-absolute' });
  const samples = sequenceSamples(data, layout, shape);
  // Of a, origin 10: mean of 6 … 10 is 8.
  expect(fetched(samples.targets, 10 * 2)).toEqual([11, 12, 13].map((value) => [value / 8]));
  expect(fetched(samples.inputs[0]!, 10 * 2)[0]![0]).toBe(6 / 8);
});

test('no loss is taken of values that were not observed', () => {
  const data = smallData();
  data.targets.observed[0]!.fill(0, 10, 13);
  const { layout } = prepareLayout(data, 'shared');
  const shape = prepareSequence(data, layout, { lag: 1, normalisation: 'last-value' });
  const samples = sequenceSamples(data, layout, shape);
  const counted = fetched(samples.targetWeights!, 10 * 2).flat();
  // Rows 11 … 13; what counts counts a little more, so that the mean of all train samples is 1.
  expect(counted.map((value) => value > 1)).toEqual([false, false, true]);
  let sum = 0;
  for (const sample of samples.train)
    sum +=
      fetched(samples.targetWeights!, sample)
        .flat()
        .reduce((a, b) => a + b) / 3;
  expect(sum / samples.train.length).toBeCloseTo(1, 3);
});

test('the random numbers of a step are those of the distribution, spread evenly, in mirrored pairs', () => {
  const paths = 200;
  for (const seed of [1, 2]) {
    const [logs, cosines] = pathNoise('student-t', paths, 2, seed);
    const values = Float64Array.from({ length: paths }, (_, path) => {
      const at = paths + path;
      return Math.sqrt(5 * (Math.exp(logs![at]! / 5) - 1)) * cosines![at]!;
    });
    for (let path = 0; path < 100; path++) expect(values[path]! + values[path + 100]!).toBe(0);
    values.sort();
    for (const level of [0.1, 0.25, 0.75, 0.9]) {
      expect(Math.abs(values[Math.round(level * paths)]! - studentTQuantiles(level)(5))).toBeLessThan(0.15);
    }
    const [normal] = pathNoise('gaussian', paths, 2, seed);
    const second = normal!.slice(paths).sort();
    expect(second[20]).toBeCloseTo(-1.28, 1);
    expect(second[180]).toBeCloseTo(1.28, 1);
  }
  expect(pathNoise('student-t', 21, 3, 4)).toEqual(pathNoise('student-t', 21, 3, 4));
  expect(pathNoise('student-t', 21, 3, 4)).not.toEqual(pathNoise('student-t', 21, 3, 5));
});
