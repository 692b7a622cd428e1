import { TrainyardError } from '../../common/errors/index.js';
import type { PartRows, ProcessingPlan, RowRange, SplitPlan } from './processing-plan.js';

/**
 * The rows of each part, chronologically and without overlap; rows after the test part belong to none.
 * By ratio the shares of n rows are rounded down and the train part takes the rest; by date a part ends before its end;
 * by windows the test part is the last testWindows · windowRows rows, and the validation part as many before as its own.
 *
 * Between two parts, `purge` and `embargo` rows belong to neither: nothing is fitted on them, trained on them or scored.
 * They are known at a later origin, and a look-back may read them. Both are terms of López de Prado, "Advances in
 * Financial Machine Learning", 2018, section 7.4, read for parts that follow each other in time:
 *
 * - purge takes rows from the end of the earlier part. There it removes train observations whose labels overlap those of
 *   the test part; train windows lie in their part as a whole, so no label does here. What it protects against is
 *   labels that lie next to each other: neighbouring values are alike, and a model that learned the one knows much of
 *   the other.
 * - embargo takes rows from the beginning of the later part. There it drops train observations that follow a test part;
 *   none does here. What it protects against are windows that look back on rows the model was fitted on: with an embargo
 *   of look-back rows no scored window does.
 *
 * By windows both come off the earlier part, so that the number of scored windows stays what was asked for.
 */
export function splitRows(split: SplitPlan, times: Float64Array): PartRows {
  const { validationStart, testStart, end } = borders(split, times);
  const { purge = 0, embargo = 0 } = split;
  if (purge + embargo === 0) return parts(validationStart, testStart, end);
  const gap = purge + embargo;
  if (split.by === 'windows') {
    const validationEnd = Math.max(0, testStart - gap);
    const start = Math.max(0, validationEnd - split.validationWindows * split.windowRows);
    return {
      train: { start: 0, end: Math.max(0, start - (split.validationWindows === 0 ? 0 : gap)) },
      validation: { start, end: validationEnd },
      test: { start: testStart, end },
    };
  }
  const later = (start: number, stop: number): number => Math.min(start + embargo, stop);
  const train = { start: 0, end: Math.max(0, validationStart - purge) };
  const test = { start: later(testStart, end), end };
  // Without a validation part there is one border, and one gap.
  if (testStart === validationStart) return { train, validation: { start: testStart, end: testStart }, test };
  const start = later(validationStart, testStart);
  return { train, validation: { start, end: Math.max(start, testStart - purge) }, test };
}

interface Borders {
  readonly validationStart: number;
  readonly testStart: number;
  readonly end: number;
}

function borders(split: SplitPlan, times: Float64Array): Borders {
  const length = times.length;
  if (split.by === 'windows') {
    const testStart = Math.max(0, length - split.testWindows * split.windowRows);
    const validationStart = Math.max(0, testStart - split.validationWindows * split.windowRows);
    return { validationStart, testStart, end: length };
  }
  if (split.by === 'ratio') {
    const testStart = length - Math.floor(length * split.test);
    const validationStart = testStart - Math.floor(length * split.validation);
    return { validationStart: Math.max(0, validationStart), testStart, end: length };
  }
  const validationStart = firstRowFrom(times, split.trainEnd);
  const testStart = firstRowFrom(times, split.validationEnd);
  const end = split.testEnd === null ? length : firstRowFrom(times, split.testEnd);
  return { validationStart, testStart, end };
}

function parts(validationStart: number, testStart: number, end: number): PartRows {
  return {
    train: { start: 0, end: validationStart },
    validation: { start: validationStart, end: testStart },
    test: { start: testStart, end },
  };
}

/** The first row at or after a time; binary search. */
function firstRowFrom(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Refuses a split whose dates or shares contradict each other, before any row is looked at. */
export function checkSplit(plan: Pick<ProcessingPlan, 'split' | 'axis'>): void {
  const { split, axis } = plan;
  if (axis.start !== null && axis.end !== null) refuseInverted('data.start', axis.start, 'data.end', axis.end);
  if (split.by === 'windows') {
    const { testWindows, validationWindows, windowRows } = split;
    if (windowRows >= 1 && testWindows >= 0 && validationWindows >= 0) return;
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `split.validationWindows ${validationWindows} and split.testWindows ${testWindows} must be counts of windows of at least one row, not of ${windowRows}`,
      { path: 'split', validationWindows, testWindows, windowRows },
    );
  }
  if (split.by === 'ratio') {
    const { validation, test } = split;
    if (validation >= 0 && test >= 0 && validation + test < 1) return;
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `split.validation ${validation} and split.test ${test} must be shares of at least 0 and below 1 together`,
      { path: 'split', validation, test },
    );
  }
  const { trainEnd, validationEnd, testEnd } = split;
  if (validationEnd < trainEnd) {
    throw new TrainyardError(
      'TEST_INSIDE_TRAIN',
      `The test part begins at ${iso(validationEnd)}, inside the train part that ends at ${iso(trainEnd)}: set split.validationEnd to ${iso(trainEnd)} or later`,
      { trainEnd, validationEnd },
    );
  }
  if (testEnd !== null) refuseInverted('split.validationEnd', validationEnd, 'split.testEnd', testEnd);
  if (axis.start !== null) refuseInverted('data.start', axis.start, 'split.trainEnd', trainEnd);
}

function refuseInverted(startName: string, start: number, endName: string, end: number): void {
  if (end >= start) return;
  throw new TrainyardError('RANGE_INVERTED', `${endName} ${iso(end)} lies before ${startName} ${iso(start)}`, {
    start,
    end,
  });
}

/**
 * Refuses parts that are too short for one window: the train part needs look-back and horizon, the others the horizon
 * (their windows look back into the part before). A part that was asked to be empty may be.
 */
export function checkPartLengths(plan: ProcessingPlan, rows: PartRows): void {
  const { lookBack, horizon } = plan.windows;
  const { split } = plan;
  refuseShort('train', rows.train, lookBack + horizon, `look-back ${lookBack} + horizon ${horizon}`);
  const [emptyValidation, emptyTest] = emptyParts(split);
  if (!emptyValidation) refuseShort('validation', rows.validation, horizon, `horizon ${horizon}`);
  if (!emptyTest) refuseShort('test', rows.test, horizon, `horizon ${horizon}`);
}

/** Whether validation and test were asked to be empty. */
function emptyParts(split: SplitPlan): readonly [boolean, boolean] {
  switch (split.by) {
    case 'ratio':
      return [split.validation === 0, split.test === 0];
    case 'date':
      return [split.validationEnd === split.trainEnd, split.testEnd === split.validationEnd];
    case 'windows':
      return [split.validationWindows === 0, split.testWindows === 0];
  }
}

function refuseShort(part: string, range: RowRange, needed: number, because: string): void {
  const rows = range.end - range.start;
  if (rows >= needed) return;
  throw new TrainyardError(
    'SERIES_TOO_SHORT',
    `The ${part} part has ${rows} rows, ${because} needs ${needed}: shorten the windows, move the split or add data`,
    { part, rows, needed },
  );
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
