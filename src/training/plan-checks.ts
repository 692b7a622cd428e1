import { TrainyardError } from '../common/errors/index.js';
import type { AxisPlan, SplitPlan, WindowPlan } from '../ml/processing/processing-plan.js';

/** What a split says, by itself: shares, dates or counts in range, and the rows between its parts. */
export function checkBorders(plan: SplitPlan): void {
  wholeInRange('split.purge', plan.purge ?? 0, 0, 1_000_000);
  wholeInRange('split.embargo', plan.embargo ?? 0, 0, 1_000_000);
  switch (plan.by) {
    case 'ratio':
      return checkRatios(plan.validation, plan.test);
    case 'date':
      return checkDates(plan.trainEnd, plan.validationEnd, plan.testEnd);
    case 'windows':
      wholeInRange('split.testWindows', plan.testWindows, 1, 10_000);
      wholeInRange('split.validationWindows', plan.validationWindows, 0, 10_000);
  }
}

function checkRatios(validation: number, test: number): void {
  inRange('split.validation', validation, 0.01, 0.98);
  inRange('split.test', test, 0.01, 0.98);
  if (validation + test >= 1) {
    throw invalid('split.validation + split.test', validation + test, 'must leave rows to the train part: less than 1');
  }
}

/** train < validation < test, strictly: a part that begins before the one before it ends sees its answers. */
function checkDates(trainEnd: number, validationEnd: number, testEnd: number | null): void {
  if (trainEnd < validationEnd && (testEnd === null || validationEnd < testEnd)) return;
  throw new TrainyardError(
    'TEST_INSIDE_TRAIN',
    `The parts must follow each other: split.trainEnd=${iso(trainEnd)} < split.validationEnd=${iso(validationEnd)}${
      testEnd === null ? '' : ` < split.testEnd=${iso(testEnd)}`
    }`,
    { trainEnd: iso(trainEnd), validationEnd: iso(validationEnd), testEnd: testEnd === null ? null : iso(testEnd) },
  );
}

export function refuseRepeated(path: string, ids: readonly string[]): void {
  const repeated = ids.find((id, at) => ids.indexOf(id) !== at);
  if (repeated !== undefined) throw invalid(path, repeated, 'names an asset twice');
}

export function inRange(path: string, value: number, minimum: number, maximum: number): void {
  if (value >= minimum && value <= maximum) return;
  throw invalid(path, value, `must be from ${minimum} to ${maximum}`, { minimum, maximum });
}

export function wholeInRange(path: string, value: number, minimum: number, maximum: number, variable?: string): void {
  if (!Number.isInteger(value) || value < minimum) {
    throw invalid(path, value, `must be a whole number from ${minimum} to ${maximum}`, { minimum, maximum });
  }
  if (value <= maximum) return;
  if (variable !== undefined) throw exceeded(path, value, 'rows', maximum, variable);
  throw invalid(path, value, `must be a whole number from ${minimum} to ${maximum}`, { minimum, maximum });
}

export function invalid(
  path: string,
  value: unknown,
  rule: string,
  limits: Record<string, number> = {},
): TrainyardError {
  return new TrainyardError('PARAMETER_INVALID', `${path}=${JSON.stringify(value)} ${rule}`, {
    path,
    value,
    ...limits,
  });
}

export function exceeded(path: string, value: number, unit: string, limit: number, variable: string): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    `${path} asks for ${value} ${unit}, the limit is ${limit}: ask for fewer, or raise ${variable}`,
    { path, value, limit, variable },
  );
}

export function inverted(endPath: string, end: number, startPath: string, start: number): TrainyardError {
  return new TrainyardError('RANGE_INVERTED', `${endPath}=${iso(end)} must be later than ${startPath}=${iso(start)}`, {
    end: iso(end),
    start: iso(start),
  });
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** What a split and the range of the data, and a split by windows and the horizon, ask of each other. */
export function checkSplitInRange({ start, end }: AxisPlan, split: SplitPlan, { horizon }: WindowPlan): void {
  if (split.by === 'windows' && split.windowRows !== horizon) {
    throw invalid('split.windowRows', split.windowRows, `must be windows.horizon, ${horizon}`);
  }
  if (split.by !== 'date') return;
  const { trainEnd, validationEnd } = split;
  if (start !== null && trainEnd <= start) throw inverted('split.trainEnd', trainEnd, 'data.start', start);
  if (end !== null && end < validationEnd) throw inverted('data.end', end, 'split.validationEnd', validationEnd);
}

/** What a feature step needs besides the main column of an asset. */
export function checkRequiredColumns(
  step: string,
  { id: asset, columns }: { readonly id: string; readonly columns: readonly string[] },
  required: readonly string[],
): void {
  const missing = required.filter((name) => !columns.some((column) => column.toLowerCase() === name.toLowerCase()));
  if (missing.length === 0) return;
  throw new TrainyardError(
    'COLUMN_UNKNOWN',
    `Feature step ${step} needs the column${missing.length > 1 ? 's' : ''} ${missing.join(' and ')} of asset ${asset}, which has ${columns.join(', ')}: import ${missing.length > 1 ? 'them' : 'it'}, or leave the step out for this asset`,
    { step, asset, missing, known: columns },
  );
}
