import type { SplitPlan } from '#src/ml/processing/processing-plan.js';
import { checkPartLengths, checkSplit, splitRows } from '#src/ml/processing/split-rows.js';
import { failureOf } from '../../../support/failure-of.js';
import { planOf } from '../../../support/plans.js';
import { DAY_MS, regularTimes } from '../../../support/series.js';

const times = regularTimes(100, DAY_MS);
const day = (row: number) => times[0]! + row * DAY_MS;
const byDate = (trainEnd: number, validationEnd: number, testEnd: number | null): SplitPlan => ({
  by: 'date',
  trainEnd: day(trainEnd),
  validationEnd: day(validationEnd),
  testEnd: testEnd === null ? null : day(testEnd),
});
const bounds = (split: SplitPlan) => {
  const { train, validation, test } = splitRows(split, times);
  return [train, validation, test].map(({ start, end }) => [start, end]);
};

describe('splitRows', () => {
  it('by ratio rounds the later parts down', () => {
    expect(bounds({ by: 'ratio', validation: 0.155, test: 0.209 })).toEqual([
      [0, 65],
      [65, 80],
      [80, 100],
    ]);
  });

  it('by date ends a part before its end, the test part with the data or before', () => {
    expect(bounds(byDate(60, 80, null))).toEqual([
      [0, 60],
      [60, 80],
      [80, 100],
    ]);
    expect(bounds(byDate(59.5, 80, 90))).toEqual([
      [0, 60],
      [60, 80],
      [80, 90],
    ]);
  });

  it('by windows gives the newest rows to the test windows, those before to validation', () => {
    const split: SplitPlan = { by: 'windows', validationWindows: 2, testWindows: 4, windowRows: 7 };
    expect(bounds(split)).toEqual([
      [0, 58],
      [58, 72],
      [72, 100],
    ]);
    // both gaps come off the earlier part: the windows stay
    expect(bounds({ ...split, purge: 3, embargo: 2 })).toEqual([
      [0, 48],
      [53, 67],
      [72, 100],
    ]);
    expect(bounds({ ...split, validationWindows: 0, purge: 3 })).toEqual([
      [0, 69],
      [69, 69],
      [72, 100],
    ]);
  });

  it('purges the end of the earlier part and embargoes the beginning of the later one', () => {
    expect(bounds({ ...byDate(60, 80, 90), purge: 5, embargo: 3 })).toEqual([
      [0, 55],
      [63, 75],
      [83, 90],
    ]);
    expect(bounds({ ...byDate(60, 60, 90), purge: 5, embargo: 3 })).toEqual([
      [0, 55],
      [60, 60],
      [63, 90],
    ]);
    expect(bounds({ by: 'ratio', validation: 0.1, test: 0.1, purge: 20, embargo: 30 })).toEqual([
      [0, 60],
      [90, 90],
      [100, 100],
    ]);
  });

  it('does not move with rows after its end', () => {
    expect(splitRows(byDate(20, 30, 40), times)).toEqual(splitRows(byDate(20, 30, 40), times.subarray(0, 41)));
  });
});

describe('checkSplit', () => {
  const check = (split: SplitPlan, start: number | null = null, end: number | null = null) =>
    checkSplit(planOf(['a'], { split, axis: { join: 'union', start, end } }));

  it('accepts what is in order, empty parts included', () => {
    expect(() => check(byDate(60, 60, 60), day(0), day(99))).not.toThrow();
    expect(() => check({ by: 'ratio', validation: 0, test: 0 })).not.toThrow();
  });

  it('refuses a test part inside the train part', () => {
    expect(failureOf(() => check(byDate(60, 50, null)))).toEqual({
      code: 'TEST_INSIDE_TRAIN',
      message:
        'The test part begins at 2020-02-20T00:00:00.000Z, inside the train part that ends at 2020-03-01T00:00:00.000Z: set split.validationEnd to 2020-03-01T00:00:00.000Z or later',
      details: { trainEnd: day(60), validationEnd: day(50) },
    });
  });

  it.each([
    [
      'split.testEnd 2020-01-31T00:00:00.000Z lies before split.validationEnd 2020-03-11T00:00:00.000Z',
      byDate(60, 70, 30),
      null,
      null,
    ],
    [
      'split.trainEnd 2020-01-11T00:00:00.000Z lies before data.start 2020-01-21T00:00:00.000Z',
      byDate(10, 70, 90),
      day(20),
      null,
    ],
    [
      'data.end 2020-01-11T00:00:00.000Z lies before data.start 2020-01-21T00:00:00.000Z',
      byDate(60, 70, 90),
      day(20),
      day(10),
    ],
  ])('%s', (message, split, start, end) => {
    expect(failureOf(() => check(split, start, end))).toMatchObject({ code: 'RANGE_INVERTED', message });
  });

  it('refuses shares that leave no train part', () => {
    expect(failureOf(() => check({ by: 'ratio', validation: 0.5, test: 0.5 }))).toMatchObject({
      code: 'PARAMETER_INVALID',
      message: 'split.validation 0.5 and split.test 0.5 must be shares of at least 0 and below 1 together',
    });
  });
});

describe('checkPartLengths', () => {
  const check = (split: SplitPlan, windows = { lookBack: 10, horizon: 5, stride: 1 }) =>
    checkPartLengths(planOf(['a'], { split, windows }), splitRows(split, times));

  it('accepts parts that hold one window', () => {
    expect(() => check(byDate(15, 20, 25))).not.toThrow();
    expect(() => check(byDate(15, 15, 15))).not.toThrow();
  });

  it.each([
    ['The train part has 14 rows, look-back 10 + horizon 5 needs 15', byDate(14, 20, 25)],
    ['The train part has 0 rows, look-back 10 + horizon 5 needs 15', byDate(-5, 20, 25)],
    ['The validation part has 4 rows, horizon 5 needs 5', byDate(15, 19, 25)],
    ['The test part has 3 rows, horizon 5 needs 5', byDate(15, 97, null)],
    ['The test part has 0 rows, horizon 5 needs 5', byDate(15, 110, 120)],
  ])('%s', (message, split) => {
    expect(failureOf(() => check(split))).toMatchObject({
      code: 'SERIES_TOO_SHORT',
      message: `${message}: shorten the windows, move the split or add data`,
    });
  });
});
