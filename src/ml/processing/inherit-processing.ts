import { TrainyardError } from '../../common/errors/index.js';
import { smallGapRows } from './fill-small-gaps.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { FittedProcessing, LearnedRows, PartRows, ProcessingPlan, SeriesCalendar } from './processing-plan.js';

/**
 * The processing of a training that begins with the weights of a model: what these weights have learned to read. Input
 * columns, transforms, autoencoder and season are those of the origin, bit for bit; scaled anew, the same value would be
 * another number to them. Small gaps are filled as the new data ask for it: that gives values in original units.
 *
 * WARM_START_MISMATCH when the rows do not follow each other as the origin's did, LOOK_AHEAD when the origin has seen
 * rows that would score the new model.
 */
export function inheritProcessing(
  plan: ProcessingPlan,
  prepared: PreparedFrames,
  parts: PartRows,
  origin: FittedProcessing,
): FittedProcessing {
  const { series, calendar } = prepared;
  refuseOtherCalendar(calendar, origin.calendar);
  const { inputs, targets, future, autoencoder, seasonLength } = origin;
  const own = learnedRows(parts, series.times);
  const before = refuseLookAhead('the origin of the warm start', origin.learned, parts, series.times);
  return {
    format: 1,
    plan,
    inputs,
    targets,
    ...(future && { future }),
    ...(autoencoder && { autoencoder }),
    calendar,
    smallGapRows: smallGapRows(plan, series.times),
    imputations: prepared.imputations,
    seasonLength,
    learned: {
      trainEnd: Math.max(before.trainEnd, own.trainEnd),
      validationEnd: Math.max(before.validationEnd, own.validationEnd),
    },
  };
}

export function learnedRows({ train, validation }: PartRows, times: Float64Array): LearnedRows {
  const trainEnd = times[train.end - 1] ?? -Infinity;
  return { trainEnd, validationEnd: Math.max(trainEnd, times[validation.end - 1] ?? -Infinity) };
}

/**
 * LOOK_AHEAD unless a model that is built upon learned before the first row that scores the new one: its train part must
 * end before the validation part, and what its choices were made on before the test part.
 */
export function refuseLookAhead(
  what: string,
  learned: LearnedRows | undefined,
  { validation, test }: PartRows,
  times: Float64Array,
): LearnedRows {
  if (learned === undefined) {
    throw new TrainyardError(
      'LOOK_AHEAD',
      `It is not known up to when ${what} has learned, since it was trained before that was kept: train it again`,
      {},
    );
  }
  const seen = [
    { part: 'validation', rows: validation, end: learned.trainEnd, how: 'was trained on rows up to' },
    { part: 'test', rows: test, end: learned.trainEnd, how: 'was trained on rows up to' },
    { part: 'test', rows: test, end: learned.validationEnd, how: 'was chosen by its validation rows up to' },
  ].find(({ rows, end }) => rows.end > rows.start && end >= times[rows.start]!);
  if (seen === undefined) return learned;
  const begin = iso(times[seen.rows.start]!);
  throw new TrainyardError(
    'LOOK_AHEAD',
    `The ${seen.part} part begins at ${begin}, and ${what} ${seen.how} ${iso(seen.end)}: it would be scored on what it knows; move the split so that the part begins later, or take a model that learned from earlier rows`,
    { part: seen.part, begin, learnedUntil: iso(seen.end) },
  );
}

function refuseOtherCalendar(asked: SeriesCalendar, origin: SeriesCalendar): void {
  const mine = describeCalendar(asked);
  const its = describeCalendar(origin);
  if (mine === its) return;
  throw new TrainyardError(
    'WARM_START_MISMATCH',
    `The rows are ${mine}, those of the origin of the warm start ${its}: give data.step so that they follow each other alike, or train without training.warmStart`,
    { asked: mine, origin: its },
  );
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** In words, equal for calendars by which rows follow each other alike. */
export function describeCalendar({ unit, step, weekdays, irregular, monthEnd }: SeriesCalendar): string {
  const days = weekdays.length === 7 ? 'every day' : `on ${weekdays.map((day) => WEEKDAYS[day]).join(', ')}`;
  if (irregular) return `irregular, ${days}`;
  return `${step} ${unit === 'month' ? `months apart${monthEnd ? ' at their ends' : ''}` : 'ms apart'}, ${days}`;
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
