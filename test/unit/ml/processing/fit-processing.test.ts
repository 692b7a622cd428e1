import { applyProcessing } from '#src/ml/processing/apply-processing.js';
import { fitProcessing } from '#src/ml/processing/fit-processing.js';
import { forecastsOfTarget, openTargetInverses } from '#src/ml/processing/invert-targets.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import type { AssetFrame } from '#src/ml/frame/time-frame.js';
import type { FittedProcessing, ProcessingPlan } from '#src/ml/processing/processing-plan.js';
import { failureOf } from '../../../support/failure-of.js';
import { assetFrame, planOf } from '../../../support/plans.js';
import { DAY_MS, HOUR_MS, differingRows, randomWalk, regularTimes } from '../../../support/series.js';

const fit = (plan: ProcessingPlan, frames: readonly AssetFrame[]) => fitProcessing(plan, prepareFrames(plan, frames));
const times = regularTimes(100, HOUR_MS);
const noImputation = planOf(['a'], { gaps: { largeShare: 0, imputation: 'forward-fill', neighbours: 1 } });
const ramp = assetFrame(
  'a',
  times,
  times.map((_, row) => row),
);

describe('fitProcessing', () => {
  it('scales with the train part, counts windows and knows calendar and season', () => {
    const { fitted, data, parts } = fit(planOf(['a']), [ramp]);
    expect(parts.train).toEqual({ start: 0, end: 60 });
    // 0…59: mean 29.5, variance (60² − 1) / 12.
    expect(fitted.inputs).toEqual([
      { name: 'a', asset: 'a', transform: 'standard', state: { mean: 29.5, deviation: Math.sqrt(3599 / 12) } },
    ]);
    expect(fitted.targets).toEqual([{ asset: 'a', input: 0, transform: 'standard', state: fitted.inputs[0]!.state }]);
    expect(data.targets.columns[0]![99]).toBe((99 - 29.5) / Math.sqrt(3599 / 12));
    expect([data.origins.train.length, data.origins.validation.length, data.origins.test.length]).toEqual([56, 19, 19]);
    expect(fitted).toMatchObject({ format: 1, smallGapRows: 6, seasonLength: 24, calendar: { step: HOUR_MS } });
    expect(data).toMatchObject({ lookBack: 3, horizon: 2, seasonLength: 24, targets: { names: ['a'], inputs: [0] } });
    expect(JSON.parse(JSON.stringify(fitted))).toEqual(fitted);
  });

  it('takes the season of the plan when it has one', () => {
    expect(fit(planOf(['a'], { seasonLength: 11 }), [ramp]).data.seasonLength).toBe(11);
  });

  it('orders inputs: series in plan order, then features; targets in the order they were asked for', () => {
    const plan = planOf(['a', 'b'], {
      targets: ['b', 'a'],
      features: [
        { step: 'calendar', parameters: {}, assets: [] },
        { step: 'sma', parameters: { window: 3 }, assets: ['b', 'a'] },
        { step: 'lags', parameters: { lags: [1, 2] }, assets: ['b'] },
      ],
    });
    const { fitted, data } = fit(plan, [assetFrame('b', times, randomWalk(100, 1)), ramp]);
    const cycles = ['hour', 'weekday', 'day_of_month', 'month'].flatMap((cycle) => [`${cycle}_sin`, `${cycle}_cos`]);
    expect(data.inputs.names).toEqual(['a', 'b', 'a_SMA_3', 'b_SMA_3', 'b_LAG_1', 'b_LAG_2', ...cycles]);
    expect(fitted.inputs.map((input) => input.asset)).toEqual([
      'a',
      'b',
      'a',
      'b',
      'b',
      'b',
      ...cycles.map(() => null),
    ]);
    expect(data.inputs.assets).toEqual(fitted.inputs.map((input) => input.asset));
    expect(data.targets).toMatchObject({ names: ['b', 'a'], inputs: [1, 0] });
    // a_SMA_3 is 1…58 in rows 2…59 of the train part.
    expect(data.inputs.columns[2]![2]).toBeCloseTo((1 - 29.5) / Math.sqrt((58 ** 2 - 1) / 12), 12);
  });

  it('leaves out calendar columns that cannot vary at the step', () => {
    const daily = assetFrame('a', regularTimes(100, DAY_MS), randomWalk(100, 2));
    const { data } = fit(planOf(['a'], { features: [{ step: 'calendar', parameters: {}, assets: [] }] }), [daily]);
    expect(data.inputs.names.filter((name) => name.startsWith('hour'))).toEqual([]);
    expect(data.inputs.names).toContain('weekday_sin');
  });

  it('imputes small gaps, masks what lasts longer, and marks what was observed', () => {
    const holed = times.map((_, row) => ((row >= 10 && row < 14) || (row >= 30 && row < 40) ? NaN : row % 9));
    const { data, fitted } = fit(planOf(['a'], { scaling: { inputs: 'none', targets: 'none' } }), [
      assetFrame('a', times, holed),
    ]);
    expect(fitted.smallGapRows).toBe(6);
    expect([...data.targets.columns[0]!.subarray(9, 15)]).toEqual([0, 0, 0, 0, 0, 5]);
    expect([...data.targets.columns[0]!.subarray(29, 41)]).toEqual([2, 2, 2, 2, 2, 2, 2, NaN, NaN, NaN, NaN, 4]);
    expect(data.targets.observed[0]!.reduce((sum, value) => sum + value, 0)).toBe(86);
    // Rows 36…39 are masked: no origin looks back on them (36…41) or forecasts them (34…38).
    const origins = [...data.origins.train];
    expect(origins.filter((origin) => origin >= 30 && origin <= 45)).toEqual([30, 31, 32, 33, 42, 43, 44, 45]);
  });

  it('fits scalers on observed values, not on imputed ones', () => {
    const values = times.map((_, row) => (row >= 10 && row < 16 ? NaN : row));
    const { fitted } = fit(planOf(['a'], { scaling: { inputs: 'min-max', targets: 'standard' } }), [
      assetFrame('a', times, values),
    ]);
    const observed = [...values.subarray(0, 60)].filter((value) => !Number.isNaN(value));
    const mean = observed.reduce((sum, value) => sum + value, 0) / 54;
    expect(fitted.targets[0]!.state['mean']).toBeCloseTo(mean, 12);
    expect(fitted.inputs[0]!.state).toEqual({ minimum: 0, maximum: 59 });
  });

  it.each<[string, string, readonly number[]]>([
    [
      'SERIES_EMPTY',
      'a has no observed value in the 60 rows of the train part (40 in all): leave it out or move the split',
      [...Array<number>(60).fill(NaN), ...randomWalk(40, 3)],
    ],
    [
      'SERIES_CONSTANT',
      'Target a is 7 in all 59 observed rows of the train part, there is nothing to learn: leave it out of the targets or move the split',
      [NaN, ...Array<number>(59).fill(7), ...randomWalk(40, 3)],
    ],
    [
      'WINDOWS_NONE',
      'No window of 3 + 2 rows in the 20 rows of the test part is complete; a lacks most values, 20: shorten the windows, raise gaps.largeShare, or leave that column out',
      [...randomWalk(80, 3), ...Array<number>(20).fill(NaN)],
    ],
  ])('%s', (code, message, values) => {
    expect(failureOf(() => fit(noImputation, [assetFrame('a', times, values)]))).toMatchObject({ code, message });
  });

  it('names the feature that never warms up', () => {
    const plan = planOf(['a'], { features: [{ step: 'sma', parameters: { window: 80 }, assets: ['a'] }] });
    expect(failureOf(() => fit(plan, [ramp]))).toMatchObject({
      code: 'WINDOWS_NONE',
      details: { part: 'train', rows: 60, column: 'a_SMA_80', missing: 60 },
    });
  });

  it('refuses a feature that is planned twice', () => {
    const sma = { step: 'sma', parameters: { window: 3 }, assets: ['a'] };
    expect(failureOf(() => prepareFrames(planOf(['a'], { features: [sma, sma] }), [ramp]))).toMatchObject({
      code: 'PARAMETER_INVALID',
      message:
        "Two input columns are named a_SMA_3: plan each feature once, and name no asset like another one's feature",
    });
  });
});

describe('applyProcessing', () => {
  const bars = {
    asset: 'a',
    assetClass: null,
    frame: { times, names: ['value', 'volume'], columns: [randomWalk(100, 5), randomWalk(100, 6)] },
  };
  const plan = planOf(['a', 'b'], {
    axis: { join: 'union', start: times[5]!, end: times[89]! },
    features: [
      { step: 'ema', parameters: { window: 4 }, assets: ['a', 'b'] },
      { step: 'calendar', parameters: {}, assets: [] },
    ],
  });
  const frames = [bars, assetFrame('b', times, randomWalk(100, 7))];

  it('goes on after the end of the training, byte-equal up to it', () => {
    const { fitted, data } = fit(plan, frames);
    const online = applyProcessing(fitted, frames);
    expect(online.times).toEqual(times.subarray(5));
    expect(online.origin).toBe(94);
    expect(online.inputs.names).toEqual(data.inputs.names);
    online.inputs.columns.forEach((column, at) => {
      expect(differingRows(column.subarray(0, 85), data.inputs.columns[at]!)).toEqual([]);
    });
  });

  it('works with fitted processing that went through JSON', () => {
    const { fitted } = fit(plan, frames);
    const restored = JSON.parse(JSON.stringify(fitted)) as FittedProcessing;
    const [first, second] = [applyProcessing(fitted, frames), applyProcessing(restored, frames)];
    first.inputs.columns.forEach((column, at) => expect(differingRows(column, second.inputs.columns[at]!)).toEqual([]));
  });

  it('refuses a window with a large gap, naming column and rows', () => {
    const { fitted } = fit(planOf(['a', 'b']), frames);
    const late = [bars, assetFrame('b', times.subarray(0, 92), randomWalk(92, 7))];
    expect(failureOf(() => applyProcessing(fitted, late))).toEqual({
      code: 'WINDOW_INVALID',
      message:
        'b lacks 2 of the 3 rows from 2020-01-05T01:00:00.000Z to 2020-01-05T03:00:00.000Z that the model looks back on: the gap is too large to impute, or a feature has not warmed up; append the missing rows',
      details: {
        column: 'b',
        missing: 2,
        lookBack: 3,
        from: '2020-01-05T01:00:00.000Z',
        to: '2020-01-05T03:00:00.000Z',
      },
    });
  });

  it('refuses less data than the look-back', () => {
    const { fitted } = fit(planOf(['a']), [bars]);
    expect(failureOf(() => applyProcessing(fitted, [assetFrame('a', times.subarray(0, 2), [1, 2])]))).toMatchObject({
      code: 'WINDOW_INVALID',
      message: 'The model looks back on 3 rows, the data has 2',
    });
  });
});

describe('openTargetInverses', () => {
  it('turn [horizon, targets] back into original units', () => {
    const { fitted } = fit(
      planOf(['a', 'b'], { targets: ['b', 'a'], scaling: { inputs: 'none', targets: 'min-max' } }),
      [
        ramp,
        assetFrame(
          'b',
          times,
          times.map((_, row) => 1000 - 10 * row),
        ),
      ],
    );
    const inverses = openTargetInverses(fitted, { times, columns: [times, times] });
    const invert = (...scaled: number[]) =>
      inverses.map((inverse, target) => [
        ...inverse(forecastsOfTarget(Float64Array.from(scaled), target, inverses.length), Int32Array.of(50)),
      ]);
    expect(invert(0, 0, 1, 1, 0.5, NaN)).toEqual([
      [410, 1000, 705],
      [0, 59, NaN],
    ]);
    expect(() => invert(1, 2, 3)).toThrow('3 values are not whole rows of 2 targets');
  });
});
