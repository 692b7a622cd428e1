import { boosting } from '#src/ml/algorithms/boosting.js';
import { interpolateQuantiles } from '#src/ml/algorithms/boosting/interpolate-quantiles.js';
import {
  featureNames,
  featureWidths,
  planFeatures,
  writeFixed,
  writeStep,
  type SampleSource,
} from '#src/ml/algorithms/boosting/sample-features.js';
import { chooseSamples } from '#src/ml/algorithms/boosting/training-rows.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { seasonalSeries, testNoise, trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

const parametersOf = (given: Record<string, unknown>) =>
  resolveParameters(boosting.hyperparameters, { rounds: 60, maximumLeaves: 8, ...given }, 'algorithm.hyperparameters');

const seasonal = (rows = 400): WindowedData =>
  windowedData({ series: seasonalSeries(rows), lookBack: 26, horizon: 5, seasonLength: 12 });

async function testError(data: WindowedData, given: Record<string, unknown>): Promise<number> {
  const { model } = await boosting.fit(data, parametersOf(given), trainingContext());
  const forecasts = await (await boosting.restore(model)).forecast(data.inputs, data.origins.test, data.future);
  let [sum, at] = [0, 0];
  for (const origin of data.origins.test) {
    for (let step = 1; step <= data.horizon; step++) {
      for (const column of data.targets.columns) sum += (forecasts[at++]! - column[origin + step]!) ** 2;
    }
  }
  return sum / at;
}

describe('the columns of a sample', () => {
  const ramp = Float64Array.from({ length: 40 }, (_, row) => row * row);
  const promotion = Float64Array.from({ length: 40 }, (_, row) => row % 5);
  const data: WindowedData = {
    ...windowedData({ series: { y: ramp }, features: { RSI: promotion }, lookBack: 9, horizon: 6, seasonLength: 4 }),
    future: { names: ['promotion'], columns: [promotion] },
  };
  const plan = planFeatures(data, {
    isNormalised: true,
    lags: 3,
    featureColumns: [[1]],
    readsTarget: true,
    readsStep: true,
  });
  const source: SampleSource = {
    series: ramp,
    at: 20,
    origin: 20,
    target: 0,
    inputs: data.inputs,
    future: data.future,
  };

  it('have a name each', () => {
    const names = featureNames(plan, ['RSI'], ['promotion']);
    expect(names).toEqual([
      'lag 1',
      'lag 2',
      'mean of 4',
      'deviation of 4',
      'mean of 9',
      'deviation of 9',
      'RSI',
      'promotion at the origin',
      'target',
      'step',
      '1 seasons before',
      '2 seasons before',
      'promotion',
      'promotion a season before',
    ]);
    expect(featureWidths(plan)).toEqual({ fixed: 9, all: 14 });
  });

  it('are changes from the last value, features at the origin, and what is known of the forecast row', () => {
    const row = new Float64Array(14);
    writeFixed(plan, source, row, 0);
    expect([...row.slice(0, 2)]).toEqual([361 - 400, 324 - 400]);
    expect(row[2]).toBeCloseTo((289 + 324 + 361 + 400) / 4 - 400, 12);
    expect([...row.slice(6, 9)]).toEqual([0, 0, 0]);
    writeStep(plan, source, 2, 2, row, 9);
    // Row 22: one season before is 18, two are 14, promotions at 22 and 18.
    expect([...row.slice(9)]).toEqual([2, 324 - 400, 196 - 400, 2, 3]);
  });

  it('are missing where the season lies before the window', () => {
    const row = new Float64Array(14);
    // Row 25 needs two seasons to the window, 17, and the one before, 13, is the first of it; row 21 has 17 and 13.
    writeStep(plan, source, 5, 5, row, 9);
    expect([...row.slice(10, 12)]).toEqual([289 - 400, 169 - 400]);
    writeStep({ ...plan, lookBack: 7 }, source, 5, 5, row, 9);
    expect([...row.slice(10, 12)]).toEqual([289 - 400, NaN]);
  });
});

describe('the choice of samples', () => {
  const origins = Int32Array.from({ length: 50 }, (_, at) => 10 + at);

  it('takes all where they are few', () => {
    const { steps, targets, weights } = chooseSamples({ origins }, [0, 1], 4, 1_000, 1, 1);
    expect([steps.length, targets.reduce((a, b) => a + b, 0), weights]).toEqual([400, 200, null]);
    expect([...steps.slice(0, 5)]).toEqual([1, 2, 3, 4, 1]);
  });

  it('draws a step from each part of the horizon where they are many, and the same ones for a seed', () => {
    const list = chooseSamples({ origins }, [0], 720, 150, 1, 1);
    expect(list.steps).toHaveLength(150);
    for (let at = 0; at < 150; at++) expect(Math.floor((list.steps[at]! - 1) / 240)).toBe(at % 3);
    expect(chooseSamples({ origins }, [0], 720, 150, 1, 1)).toEqual(list);
    expect(chooseSamples({ origins }, [0], 720, 150, 2, 1).steps).not.toEqual(list.steps);
  });

  it('spreads windows evenly where there are too many, and leaves out those of no weight', () => {
    const weights = Float64Array.from(origins, (_, at) => (at < 30 ? 0 : at));
    const list = chooseSamples({ origins, weights }, [0], 3, 10, 1, 1);
    expect([...list.origins]).toEqual([40, 42, 44, 46, 48, 50, 52, 54, 56, 58]);
    expect([...list.weights!]).toEqual([30, 32, 34, 36, 38, 40, 42, 44, 46, 48]);
  });
});

describe('boosting', () => {
  it('forecasts as well step by step from its own forecasts as with the step as a column', async () => {
    const data = seasonal();
    const spread = 0.9;
    for (const strategy of ['direct', 'recursive']) {
      for (const shared of [true, false])
        expect(await testError(data, { strategy, shared })).toBeLessThan(0.25 * spread);
    }
  });

  it('minimises what it is told to: with outliers the absolute loss stays nearer to the rest', async () => {
    const noise = testNoise(3);
    const series = seasonalSeries(400)['alpha']!.map((value) => (noise() > 0.94 ? value + 12 : value));
    const data = windowedData({ series: { alpha: series }, lookBack: 26, horizon: 3, seasonLength: 12 });
    const medianError = async (loss: string): Promise<number> => {
      const { model } = await boosting.fit(data, parametersOf({ loss, normalisation: 'none' }), trainingContext());
      const forecasts = await (await boosting.restore(model)).forecast(data.inputs, data.origins.test);
      const errors = forecasts.map((value, at) =>
        Math.abs(value - series[data.origins.test[Math.floor(at / 3)]! + 1 + (at % 3)]!),
      );
      return errors.sort()[Math.floor(errors.length / 2)]!;
    };
    const squared = await medianError('squared');
    expect(await medianError('absolute')).toBeLessThan(0.8 * squared);
    expect(await medianError('huber')).toBeLessThan(0.9 * squared);
  });

  it('gives quantiles that hold about as many values as they say', async () => {
    const data = seasonal(900);
    const { model } = await boosting.fit(data, parametersOf({ loss: 'quantile' }), trainingContext());
    const forecaster = await boosting.restore(model);
    const quantiles = await forecaster.forecastQuantiles!(data.inputs, data.origins.test, [0.1, 0.5, 0.9]);
    const inside = [0, 0, 0];
    let at = 0;
    for (const origin of data.origins.test) {
      for (let step = 1; step <= 5; step++) {
        for (const column of data.targets.columns) {
          for (let level = 0; level < 3; level++) if (column[origin + step]! <= quantiles[at++]!) inside[level]!++;
        }
      }
    }
    const shares = inside.map((count) => count / (at / 3));
    [0.1, 0.5, 0.9].forEach((level, n) => expect(Math.abs(shares[n]! - level)).toBeLessThan(0.12));
    expect(await forecaster.forecast(data.inputs, data.origins.test)).toEqual(
      quantiles.filter((_, position) => position % 3 === 1),
    );
  });

  it('stops early and keeps the trees up to the best round', async () => {
    const context = trainingContext();
    const noise = testNoise(2);
    const walk = Float64Array.from({ length: 300 }, () => noise());
    const data = windowedData({ series: { walk }, lookBack: 12, horizon: 2 });
    const outcome = await boosting.fit(data, parametersOf({ rounds: 400, patience: 12 }), context);
    expect(outcome.stopReason).toBe('early-stopping');
    expect(outcome.iterations).toBeLessThan(100);
    const rounds = outcome.model.tensors['trees/0/leafCounts']!.shape[0]!;
    expect(outcome.iterations - rounds).toBe(12);
    expect(outcome.bestEpoch).toBe(Math.ceil(rounds / 10));
    expect(context.records.at(-1)!.validationLoss).toBeGreaterThanOrEqual(outcome.validationLoss!);
  });

  it('says which columns it gains from', async () => {
    const context = trainingContext();
    await boosting.fit(seasonal(), parametersOf({}), context);
    expect(context.messages[0]).toMatch(/^1 ensemble over 31 columns learn from \d+ samples\.$/);
    expect(context.messages[1]).toMatch(/^Most of the gain is from (1|2) seasons before \d+ % in \d+ splits, /);
  });

  it('refuses a quantile loss that goes on from its own forecasts, and levels out of order', async () => {
    const fit = (given: Record<string, unknown>) =>
      boosting.fit(seasonal(), parametersOf({ loss: 'quantile', ...given }), trainingContext());
    await expect(fit({ strategy: 'recursive' })).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      message:
        'A quantile of one step says nothing of the quantiles of later ones: use strategy direct with the quantile loss.',
    });
    await expect(fit({ levels: [0.1, 0.1] })).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      message: 'levels ascend, and 0.1 comes after 0.1; put them in order, each once.',
    });
  });
});

describe('quantiles between trained levels', () => {
  it('are sorted, linear in the log odds and go straight on', () => {
    expect([...interpolateQuantiles(Float64Array.of(3, 1, 2), [0.1, 0.5, 0.9], [0.1, 0.5, 0.9])]).toEqual([1, 2, 3]);
    const odds = Math.log(0.75 / 0.25) / Math.log(9);
    const made = interpolateQuantiles(Float64Array.of(1, 2, 3), [0.1, 0.5, 0.9], [0.25, 0.75, 0.99]);
    expect(made[0]).toBeCloseTo(2 - odds, 12);
    expect(made[1]).toBeCloseTo(2 + odds, 12);
    expect(made[2]).toBeCloseTo(2 + Math.log(99) / Math.log(9), 12);
    expect([...interpolateQuantiles(Float64Array.of(4, 5), [0.5], [0.1, 0.9])]).toEqual([4, 4, 5, 5]);
  });
});
