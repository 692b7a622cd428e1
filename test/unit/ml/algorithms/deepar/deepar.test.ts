import { deepar } from '#src/ml/algorithms/deepar.js';
import { seasonalNaive } from '#src/ml/algorithms/seasonal-naive.js';
import { createRandom } from '#src/ml/engine/random.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

const SMALL = { layers: 1, cells: 12, dropout: 0, learningRate: 0.01, learningRateSchedule: 'cosine', batchSize: 64 };
const LEVELS = [0.1, 0.5, 0.9];

async function quantilesOf(data: WindowedData, given: Record<string, unknown>): Promise<Float64Array> {
  const values = resolveParameters(deepar.hyperparameters, { ...SMALL, ...given }, 'p');
  const { model } = await deepar.fit(data, values, trainingContext());
  const forecaster = await deepar.restore(model);
  const quantiles = await forecaster.forecastQuantiles!(data.inputs, data.origins.test, LEVELS);
  forecaster.dispose();
  return quantiles;
}

/** Changes that carry on: Δ[t] = 0.6·Δ[t − 1] + e, e standard normal, of which every conditional quantile is known. */
function carriedChanges(rows: number): Float64Array {
  const random = createRandom(3);
  let [value, change] = [50, 0];
  return Float64Array.from({ length: rows }, () => {
    change = 0.6 * change + random.normal();
    return (value += change);
  });
}

test('quantiles are the conditional ones of a process whose noise is known, and cover what they say', async () => {
  const values = carriedChanges(4500);
  const horizon = 4;
  const data = windowedData({ series: { a: values }, lookBack: 16, horizon, seasonLength: 1, test: 0.25 });
  const found = await quantilesOf(data, { epochs: 12, likelihood: 'gaussian' });
  for (const step of [1, 4]) {
    // ψ_j = 1 + 0.6 + … + 0.6^j.
    const psi = Array.from({ length: step }, (_, j) => (1 - 0.6 ** (j + 1)) / 0.4);
    const deviation = Math.sqrt(psi.reduce((sum, value) => sum + value * value, 0));
    const carried = (0.6 * (1 - 0.6 ** step)) / 0.4;
    const off = [0, 0, 0];
    let covered = 0;
    data.origins.test.forEach((origin, at) => {
      const own = found.subarray((at * horizon + step - 1) * 3);
      const mean = values[origin]! + carried * (values[origin]! - values[origin - 1]!);
      [-1.2816, 0, 1.2816].forEach((z, n) => (off[n] = off[n]! + (own[n]! - mean - z * deviation) / deviation));
      covered += values[origin + step]! >= own[0]! && values[origin + step]! <= own[2]! ? 1 : 0;
    });
    const count = data.origins.test.length;
    // In deviations of the true distribution, on average over the test part.
    off.forEach((sum) => expect(Math.abs(sum / count)).toBeLessThan(0.1));
    expect(Math.abs(covered / count - 0.8)).toBeLessThan(0.05);
  }
});

test('on two seasonal assets its pinball loss is far below that of the seasonal naive forecast', async () => {
  const random = createRandom(9);
  const make = (phase: number, size: number): Float64Array =>
    Float64Array.from(
      { length: 900 },
      (_, t) => size * (10 + 3 * Math.sin((2 * Math.PI * (t + phase)) / 12) + random.normal()),
    );
  const series = { a: make(0, 1), b: make(5, 20) };
  const data = windowedData({ series, lookBack: 24, horizon: 12, seasonLength: 12 });
  const own = await quantilesOf({ ...data, inputs: { ...data.inputs, assets: ['a', 'b'] } }, { epochs: 12 });
  const naive = await seasonalNaive.fit(data, { seasonLength: 0 }, trainingContext());
  const repeated = await (await seasonalNaive.restore(naive.model)).forecast(data.inputs, data.origins.test);
  const losses = { own: [0, 0], naive: [0, 0] };
  const pinball = (level: number, error: number): number => (error > 0 ? level * error : (level - 1) * error);
  data.origins.test.forEach((origin, at) => {
    for (let h = 0; h < 12; h++) {
      for (const k of [0, 1]) {
        const actual = data.targets.columns[k]![origin + h + 1]!;
        const cell = (at * 12 + h) * 2 + k;
        LEVELS.forEach((level, n) => {
          losses.own[k] = losses.own[k]! + pinball(level, actual - own[cell * 3 + n]!);
          losses.naive[k] = losses.naive[k]! + pinball(level, actual - repeated[cell]!);
        });
      }
    }
  });
  for (const k of [0, 1]) expect(losses.own[k]! / losses.naive[k]!).toBeLessThan(0.65);
});

test('its point forecast is the median of the futures it draws, the same for the same seed', async () => {
  const data = windowedData({ series: { a: carriedChanges(300) }, lookBack: 8, horizon: 3, seasonLength: 1 });
  const values = resolveParameters(deepar.hyperparameters, { ...SMALL, epochs: 1 }, 'p');
  const { model } = await deepar.fit(data, values, trainingContext());
  expect(model.facts).toMatchObject({ samples: 100, samplingSeed: 1, lag: 1, loss: 'student-t' });
  const forecaster = await deepar.restore(model);
  const origins = data.origins.test.slice(0, 7);
  const median = await forecaster.forecast(data.inputs, origins);
  const quantiles = await forecaster.forecastQuantiles!(data.inputs, origins, LEVELS);
  expect(median).toEqual(Float64Array.from({ length: 21 }, (_, cell) => quantiles[3 * cell + 1]!));
  const other = await deepar.restore({ ...model, facts: { ...model.facts, samplingSeed: 2 } });
  expect(await other.forecast(data.inputs, origins)).not.toEqual(median);
  for (const each of [forecaster, other]) each.dispose();
});
