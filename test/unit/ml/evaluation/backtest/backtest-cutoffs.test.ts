import { backtestCutoffs } from '#src/ml/evaluation/backtest/backtest-cutoffs.js';
import { refitWindows } from '#src/ml/evaluation/backtest/refit-window.js';
import { prepareFrames } from '#src/ml/processing/prepare-frames.js';
import { splitRows } from '#src/ml/processing/split-rows.js';
import type { SplitPlan } from '#src/ml/processing/processing-plan.js';
import { failureOf } from '../../../../support/failure-of.js';
import { assetFrame, planOf } from '../../../../support/plans.js';
import { HOUR_MS, regularTimes } from '../../../../support/series.js';

const ONCE = { windows: 3, step: 4, refit: false, trainRows: null };
/** 100 rows: train 0–69, validation 70–84, test 85–99. */
const SPLIT: SplitPlan = { by: 'ratio', validation: 0.15, test: 0.15 };
const TIMES = regularTimes(100, HOUR_MS);
const PARTS = splitRows(SPLIT, TIMES);

describe('the cut-offs of a backtest', () => {
  it('are counted back from the last row of the test part', () => {
    // Rows 97–99 are forecast from 96, the others 4 and 8 rows before.
    expect([...backtestCutoffs(ONCE, PARTS, SPLIT, 3)]).toEqual([88, 92, 96]);
    expect([...backtestCutoffs({ ...ONCE, windows: 1 }, PARTS, SPLIT, 15)]).toEqual([84]);
  });

  it('stay in the test part without refit, and behind the train part with one', () => {
    expect(failureOf(() => backtestCutoffs({ ...ONCE, windows: 5 }, PARTS, SPLIT, 3))).toMatchObject({
      code: 'BACKTEST_DOES_NOT_FIT',
      message:
        'backtest.windows=5 with a step of 4 and a horizon of 3 needs 19 rows in the test part, which a backtest without refit stays in; there are 15, enough for 4: ask for backtest.windows of at most 4, a smaller backtest.step or a larger test part, or for backtest.refit, which may go back to the end of the train part',
      details: { value: 5, limit: 4, needed: 19, rows: 15 },
    });
    const refit = { ...ONCE, windows: 7, refit: true };
    expect([...backtestCutoffs(refit, PARTS, SPLIT, 3)]).toEqual([72, 76, 80, 84, 88, 92, 96]);
    expect(failureOf(() => backtestCutoffs({ ...refit, windows: 8 }, PARTS, SPLIT, 3))).toMatchObject({
      code: 'BACKTEST_DOES_NOT_FIT',
      details: { value: 8, limit: 7, needed: 31, rows: 30 },
    });
  });

  it('keep purge and embargo behind the train part', () => {
    const split: SplitPlan = { ...SPLIT, purge: 2, embargo: 3 };
    const parts = splitRows(split, TIMES);
    expect(parts.train.end).toBe(68);
    // 68 + 5 is the first row that may be forecast, so 72 the first cut-off.
    const refit = { ...ONCE, windows: 7, refit: true };
    expect([...backtestCutoffs(refit, parts, split, 3)]).toEqual([72, 76, 80, 84, 88, 92, 96]);
    expect(failureOf(() => backtestCutoffs({ ...refit, windows: 25, step: 1 }, parts, split, 4))).toMatchObject({
      details: { limit: 24 },
    });
  });
});

describe('the windows of a backtest with refit', () => {
  const values = Float64Array.from({ length: 100 }, (_, row) => Math.sin(row));
  const windowsOf = (split: SplitPlan, trainRows: number | null, windows = 2) => {
    const plan = planOf(['a'], { split, windows: { lookBack: 5, horizon: 3, stride: 1 } });
    const prepared = prepareFrames(plan, [assetFrame('a', TIMES, values)]);
    const made = refitWindows(plan, { ...ONCE, windows, refit: true, trainRows }, prepared, splitRows(split, TIMES));
    return made.map((window) => {
      const frames = [assetFrame('a', TIMES, values)];
      const own = prepareFrames(window.plan, frames).series.times;
      const parts = splitRows(window.plan.split, own);
      const at = (range: { start: number; end: number }) =>
        [own[range.start]!, own[range.end - 1]!].map((time) => TIMES.indexOf(time));
      return {
        ...window,
        rows: own.length,
        train: at(parts.train),
        validation: at(parts.validation),
        test: at(parts.test),
      };
    });
  };

  it('expand from the first row, with the share of validation of the main split', () => {
    // 93 rows up to the first cut-off: ⌊93 · 15 / 85⌋ = 16 of them validation.
    expect(windowsOf(SPLIT, null)).toMatchObject([
      { cutoff: 92, rows: 96, trainRows: 77, validationRows: 16, train: [0, 76], validation: [77, 92], test: [93, 95] },
      {
        cutoff: 96,
        rows: 100,
        trainRows: 80,
        validationRows: 17,
        train: [0, 79],
        validation: [80, 96],
        test: [97, 99],
      },
    ]);
  });

  it('slide with a length of rows', () => {
    expect(windowsOf(SPLIT, 40)).toMatchObject([
      { cutoff: 92, rows: 43, trainRows: 33, validationRows: 7, train: [53, 85], validation: [86, 92], test: [93, 95] },
      { cutoff: 96, rows: 43, trainRows: 33, validationRows: 7, train: [57, 89], validation: [90, 96], test: [97, 99] },
    ]);
  });

  it('leave out purge and embargo before the validation part and before the cut-off', () => {
    // Parts of 68, 10 and 12 rows; rows 0–91 less 5 before the cut-off and 5 before validation: ⌊83 · 10 / 78⌋ = 10.
    expect(windowsOf({ ...SPLIT, purge: 2, embargo: 3 }, null)).toMatchObject([
      { cutoff: 92, trainRows: 73, validationRows: 10, train: [0, 72], validation: [78, 87], test: [93, 95] },
      { cutoff: 96, trainRows: 76, validationRows: 11, train: [0, 75], validation: [81, 91], test: [97, 99] },
    ]);
  });

  it('are refused when they would not hold a window', () => {
    expect(failureOf(() => windowsOf(SPLIT, 9))).toMatchObject({
      code: 'BACKTEST_DOES_NOT_FIT',
      message:
        'The 9 rows up to a cut-off of the backtest give 8 train and 1 validation rows; look-back 5 + horizon 3 needs 8, and a validation part 3: raise backtest.trainRows, shorten the windows, or ask for fewer backtest.windows',
    });
    expect(failureOf(() => windowsOf(SPLIT, 95))).toMatchObject({
      code: 'BACKTEST_DOES_NOT_FIT',
      details: { path: 'backtest.trainRows', value: 95, limit: 93 },
    });
  });
});
