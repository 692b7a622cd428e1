import { TrainyardError } from '../../common/errors/index.js';
import { inferCalendar } from '../calendar/infer-calendar.js';
import { inferOffset, inferStep } from '../calendar/infer-step.js';
import { stepText } from '../calendar/step-duration.js';
import { completeAxis } from '../frame/complete-axis.js';
import { intersectTimes, uniteTimes } from '../frame/join-times.js';
import { placeOnAxis } from '../frame/place-on-axis.js';
import { periodEnds, resample } from '../frame/resample.js';
import type { AssetFrame, TimeFrame } from '../frame/time-frame.js';
import type { AxisPlan, PlannedAsset, ProcessingPlan, SeriesCalendar } from './processing-plan.js';
import { checkPartLengths, checkSplit, splitRows } from './split-rows.js';

/** The raw series on the common axis, one column per planned asset, and the calendar the axis was completed with. */
export interface AlignedSeries extends TimeFrame {
  readonly calendar: SeriesCalendar;
  /** What was done to the times, for the execution's log. */
  readonly notes: readonly string[];
}

/**
 * Puts the main columns of all planned assets on one time axis.
 *
 * The join says whose times form the axis: those of any asset (`union`), of the targets, or of all at once
 * (`intersection`). A union loses no row: where an asset has none, it is NaN there. The axis is then completed to a row
 * for every time its calendar expects (`completeAxis`), except for an intersection, which asks for complete rows only.
 * Under `targets` the other assets' values between two rows count at the later one (`placeOnAxis`).
 *
 * Assets that are known in advance (`knownFuture`) do not form the axis: they are placed on that of the others, which ends
 * with the last row at which one of these has a value. What comes later are the rows that a forecast knows of.
 *
 * With a grid (`axis.step`), the periods in which assets have rows take the place of the times, and a row holds what
 * came in its period, up to its own time. A period is over when a row at or after its end is known; the last one, which
 * may go on, has no row yet.
 *
 * `calendar`: the one to complete with; online it comes from `FittedProcessing`. Left out, it is inferred from the train
 * part, so that later times do not change earlier rows.
 */
export function alignAssets(
  frames: readonly AssetFrame[],
  plan: ProcessingPlan,
  calendar?: SeriesCalendar,
): AlignedSeries {
  const series = plan.assets.map((asset) => mainSeries(frames, asset));
  const forming = formingSeries(series, plan);
  const observed = within(joinedTimes(forming, plan), plan.axis);
  if (observed.length === 0) throw noCommonRows(plan);
  const known = calendar ?? calendarOfTrain(forming, observed, plan);
  const times = known.grid === undefined ? completed(observed, known, plan) : gridTimes(forming, known, plan);
  if (times.length === 0) throw noCommonRows(plan);
  return {
    calendar: known,
    times,
    names: plan.assets.map((asset) => asset.id),
    columns: series.map((one) => placeSeries(one.times, one.values, times, known, plan.axis)),
    notes: describeTimes(observed, times, known, plan),
  };
}

/** A series on the common axis: aggregated by periods where the axis is a grid of them, else see `placeOnAxis`. */
export function placeSeries(
  times: Float64Array,
  values: Float64Array,
  axis: Float64Array,
  calendar: SeriesCalendar,
  { aggregation = 'mean', start }: AxisPlan,
): Float64Array {
  if (calendar.grid === undefined) return placeOnAxis(times, values, axis);
  const first = start === null ? 0 : times.findIndex((time) => time >= start);
  const from = first < 0 ? times.length : first;
  return resample(times.subarray(from), values.subarray(from), axis, gridOf(calendar, calendar.grid), aggregation);
}

function completed(joined: Float64Array, calendar: SeriesCalendar, plan: ProcessingPlan): Float64Array {
  return plan.axis.join === 'intersection' ? joined : completeAxis(joined, calendar);
}

function gridTimes(series: readonly MainSeries[], calendar: SeriesCalendar, plan: ProcessingPlan): Float64Array {
  const grid = gridOf(calendar, calendar.grid!);
  const inRange = series.map((one) => ({ ...one, times: within(one.times, plan.axis) }));
  const newest = Math.max(...inRange.map(({ times }) => times[times.length - 1] ?? -Infinity));
  const periods = inRange.map((one) => ({ ...one, times: periodEnds(one.times, grid) }));
  const over = joinedTimes(periods, plan).filter((end) => end <= newest);
  return over.length === 0 ? over : completed(over, calendar, plan);
}

function gridOf({ step }: SeriesCalendar, { offset }: { readonly offset: number }) {
  return { stepMs: step, offset };
}

/** The series whose times form the axis, up to the last row that any of them has a value in. */
function formingSeries(series: readonly MainSeries[], { knownFuture }: ProcessingPlan): readonly MainSeries[] {
  if (knownFuture === undefined || knownFuture.assets.length === 0) return series;
  const forming = series.filter(({ id }) => !knownFuture.assets.includes(id));
  const newest = Math.max(...forming.map(({ times, values }) => times[values.findLastIndex(isNumber)] ?? -Infinity));
  return forming.map(({ id, times, values }) => {
    const end = times.findLastIndex((time) => time <= newest) + 1;
    return { id, times: times.subarray(0, end), values: values.subarray(0, end) };
  });
}

function isNumber(value: number): boolean {
  return !Number.isNaN(value);
}

interface MainSeries {
  readonly id: string;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** The frame of a planned asset; ASSET_UNKNOWN when the data does not have it. */
export function getFrame(frames: readonly AssetFrame[], asset: PlannedAsset): AssetFrame {
  const found = frames.find((frame) => frame.asset === asset.id);
  if (found !== undefined) return found;
  const known = frames.map((frame) => frame.asset);
  throw new TrainyardError('ASSET_UNKNOWN', `The data has no asset ${asset.id}; it has ${known.join(', ') || 'none'}`, {
    asset: asset.id,
    known,
  });
}

function mainSeries(frames: readonly AssetFrame[], asset: PlannedAsset): MainSeries {
  const { frame } = getFrame(frames, asset);
  const values = frame.columns[frame.names.indexOf(asset.column)];
  if (values === undefined) {
    throw new TrainyardError(
      'COLUMN_UNKNOWN',
      `Asset ${asset.id} has no column ${asset.column}; it has ${frame.names.join(', ')}`,
      { asset: asset.id, column: asset.column, known: frame.names },
    );
  }
  return { id: asset.id, times: frame.times, values };
}

function joinedTimes(series: readonly MainSeries[], plan: ProcessingPlan): Float64Array {
  switch (plan.axis.join) {
    case 'union':
      return uniteTimes(series.map((one) => one.times));
    case 'targets':
      return uniteTimes(series.filter((one) => plan.targets.includes(one.id)).map((one) => one.times));
    case 'intersection':
      return intersectTimes(series.map((one) => one.times));
  }
}

function within(times: Float64Array, { start, end }: AxisPlan): Float64Array {
  if (start === null && end === null) return times;
  return times.filter((time) => (start === null || time >= start) && (end === null || time <= end));
}

function calendarOfTrain(series: readonly MainSeries[], joined: Float64Array, plan: ProcessingPlan): SeriesCalendar {
  checkSplit(plan);
  const rows = splitRows(plan.split, joined);
  // A single time has no step, and is too short for any window.
  if (rows.train.end < 2) checkPartLengths(plan, rows);
  const train = joined.subarray(0, rows.train.end);
  const { step = null } = plan.axis;
  const inferred = inferCalendar(train);
  if (step === null || (step === 'auto' && !inferred.irregular)) return inferred;
  const stepMs = step === 'auto' ? targetStep(series, train, plan) : step;
  const grid = { offset: inferOffset(train, stepMs) };
  return { unit: 'milliseconds', step: stepMs, weekdays: [0, 1, 2, 3, 4, 5, 6], irregular: false, grid };
}

/** The finest step among the targets, each from its own times: those of several assets together have none. */
function targetStep(series: readonly MainSeries[], train: Float64Array, plan: ProcessingPlan): number {
  const [from, to] = [train[0]!, train[train.length - 1]!];
  const steps = series
    .filter(({ id }) => plan.targets.includes(id))
    .map(({ times }) => times.filter((time) => time >= from && time <= to))
    .filter((times) => times.length >= 2)
    .map(inferStep);
  return steps.length === 0 ? inferStep(train) : Math.min(...steps);
}

function describeTimes(
  observed: Float64Array,
  times: Float64Array,
  calendar: SeriesCalendar,
  { axis }: ProcessingPlan,
): string[] {
  const { grid, step, irregular, unit } = calendar;
  if (grid !== undefined) {
    const why = axis.step === 'auto' ? 'Irregular times, inferred step' : 'Step asked for by data.step:';
    return [
      `${why} ${stepText(step)}: ${observed.length} rows are put on a regular grid of ${times.length} periods, each the ${axis.aggregation ?? 'mean'} of what came in it and known at its end; periods without a row are missing`,
    ];
  }
  if (irregular) {
    return [
      `Irregular times, median step ${stepText(step)}: they stay as they are and have no missing rows; data.step puts them on a regular grid`,
    ];
  }
  const name = unit === 'month' ? `${step} month${step === 1 ? '' : 's'}` : stepText(step);
  const added = times.length - observed.length;
  return added === 0 ? [] : [`Regular times, step ${name}: ${added} missing rows were inserted`];
}

function noCommonRows(plan: ProcessingPlan): TrainyardError {
  const { join, start, end } = plan.axis;
  const iso = (time: number | null) => (time === null ? 'open' : new Date(time).toISOString());
  return new TrainyardError(
    'SERIES_EMPTY',
    `The join ${join} of ${plan.assets.length} assets has no row between ${iso(start)} and ${iso(end)}: widen data.start and data.end, or choose another join`,
    { join, start, end },
  );
}
