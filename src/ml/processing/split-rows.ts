import { TrainyardError } from '../../common/errors/index.js';
import type { PartRows, ProcessingPlan, RowRange, SplitPlan } from './processing-plan.js';

/**
 * The rows of each part, chronologically and without overlap; rows after the test part belong to none.
 * By ratio the shares of n rows are rounded down and the train part takes the rest; by date a part ends before its end.
 */
export function splitRows(split: SplitPlan, times: Float64Array): PartRows {
  const length = times.length;
  if (split.by === 'ratio') {
    const testStart = length - Math.floor(length * split.test);
    const validationStart = testStart - Math.floor(length * split.validation);
    return parts(Math.max(0, validationStart), testStart, length);
  }
  const validationStart = firstRowFrom(times, split.trainEnd);
  const testStart = firstRowFrom(times, split.validationEnd);
  const end = split.testEnd === null ? length : firstRowFrom(times, split.testEnd);
  return parts(validationStart, testStart, end);
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
  const emptyValidation = split.by === 'ratio' ? split.validation === 0 : split.validationEnd === split.trainEnd;
  const emptyTest = split.by === 'ratio' ? split.test === 0 : split.testEnd === split.validationEnd;
  if (!emptyValidation) refuseShort('validation', rows.validation, horizon, `horizon ${horizon}`);
  if (!emptyTest) refuseShort('test', rows.test, horizon, `horizon ${horizon}`);
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
