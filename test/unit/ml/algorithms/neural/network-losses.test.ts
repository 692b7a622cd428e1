import { mlp } from '#src/ml/algorithms/mlp.js';
import { lossOf, LOSS_PARAMETERS } from '#src/ml/algorithms/neural/loss-parameters.js';
import { pointReader, quantileReader } from '#src/ml/algorithms/neural/network-outputs.js';
import { createRandom } from '#src/ml/engine/random.js';
import { studentTQuantiles } from '#src/ml/metrics/student-t-quantile.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

/** A raw value that softplus turns into `value`. */
const raw = (value: number): number => Math.log(Math.expm1(value));

test('a normal forecast has the quantiles of its mean and deviation', () => {
  const into = new Float64Array(4);
  quantileReader({ name: 'gaussian' }, [0.1, 0.5, 0.975])!(Float32Array.of(9, 3, raw(2)), 1, into, 1);
  expect([...into].map((value) => Number(value.toFixed(4)))).toEqual([0, 0.4369, 3, 6.9199]);
});

test('a Student t forecast has those of its location, scale and degrees of freedom', () => {
  const into = new Float64Array(2);
  quantileReader({ name: 'student-t' }, [0.5, 0.9])!(Float32Array.of(-1, raw(0.5), raw(3)), 0, into, 0);
  expect(into[0]).toBeCloseTo(-1, 6);
  expect(into[1]).toBeCloseTo(-1 + 0.5 * studentTQuantiles(0.9)(5), 5);
});

test('trained quantiles are met, those between and beyond follow the normal distribution, and crossed ones are sorted', () => {
  const loss = { name: 'quantile', levels: [0.1, 0.5, 0.9] } as const;
  const read = quantileReader(loss, [0.025, 0.1, 0.3, 0.5, 0.9, 0.99])!;
  const into = new Float64Array(6);
  // Those of a normal distribution with mean 4 and deviation 2, in the wrong order.
  read(Float32Array.of(4 + 2 * 1.2815515655, 4, 4 - 2 * 1.2815515655), 0, into, 0);
  const z = [-1.9599639845, -1.2815515655, -0.5244005127, 0, 1.2815515655, 2.326347874];
  into.forEach((value, n) => expect(value).toBeCloseTo(4 + 2 * z[n]!, 5));
  expect(pointReader(loss)(Float32Array.of(1, 2, 7), 0)).toBe(2);
  expect(pointReader({ name: 'quantile', levels: [0.25, 0.75] })(Float32Array.of(1, 2), 0)).toBeCloseTo(1.5, 6);
});

test('losses of a point have no quantiles', () => {
  for (const name of ['mse', 'mae'] as const) expect(quantileReader({ name }, [0.5])).toBeNull();
});

test('levels that do not ascend are refused with both of them', () => {
  const given = resolveParameters(LOSS_PARAMETERS, { loss: 'quantile', quantileLevels: [0.1, 0.9, 0.5] }, 'here');
  expect(() => lossOf(given)).toThrow(/0\.5 comes after 0\.9/);
});

/** Changes are 0.5·N(0, 1) for even rows and 2·N(0, 1) for odd ones, and a column tells which comes next. */
function unevenNoise(): WindowedData {
  const random = createRandom(5, 1);
  const rows = 1500;
  const alpha = Float64Array.from({ length: rows }, (_, t) => (t % 2 === 0 ? 0.5 : 2) * random.normal());
  const parity = Float64Array.from({ length: rows }, (_, t) => t % 2);
  return windowedData({ series: { alpha }, features: { parity }, targets: ['alpha'], lookBack: 4, horizon: 2 });
}

test.each(['quantile', 'gaussian', 'student-t'])(
  'the spread that %s learns covers what it says, in quiet rows as in wild ones',
  async (loss) => {
    const data = unevenNoise();
    const given = { loss, normalisation: 'none', units: [16], epochs: 40, batchSize: 64, learningRate: 0.01 };
    const context = trainingContext();
    const outcome = await mlp.fit(data, resolveParameters(mlp.hyperparameters, given, 'here'), context);
    expect(outcome).toMatchObject({ lossName: loss, model: { facts: { loss } } });
    const forecaster = await mlp.restore(outcome.model);
    const quantiles = await forecaster.forecastQuantiles!(data.inputs, data.origins.test, [0.1, 0.9]);
    const covered = [0, 0];
    const widths = [0, 0];
    data.origins.test.forEach((origin, at) => {
      for (let step = 0; step < 2; step++) {
        const [low, high] = quantiles.slice((at * 2 + step) * 2, (at * 2 + step) * 2 + 2) as unknown as [
          number,
          number,
        ];
        const value = data.targets.columns[0]![origin + 1 + step]!;
        const wild = (origin + 1 + step) % 2;
        covered[wild]! += value >= low && value <= high ? 1 : 0;
        widths[wild]! += high - low;
      }
    });
    forecaster.dispose();
    const each = data.origins.test.length;
    // Four out of five, give or take three deviations of a count of about 220.
    for (const count of covered) expect(Math.abs(count / each - 0.8)).toBeLessThan(0.09);
    // 2·1.2816 deviations of 0.5 and 2.
    expect(Math.abs(widths[0]! / each - 1.28)).toBeLessThan(0.3);
    expect(Math.abs(widths[1]! / each - 5.13)).toBeLessThan(0.9);
  },
);
