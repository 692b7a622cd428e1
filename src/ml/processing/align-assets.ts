import { TrainyardError } from '../../common/errors/index.js';
import { inferCalendar } from '../calendar/infer-calendar.js';
import { completeAxis } from '../frame/complete-axis.js';
import { intersectTimes, uniteTimes } from '../frame/join-times.js';
import { placeOnAxis } from '../frame/place-on-axis.js';
import type { AssetFrame, TimeFrame } from '../frame/time-frame.js';
import type { AxisPlan, PlannedAsset, ProcessingPlan, SeriesCalendar } from './processing-plan.js';
import { checkPartLengths, checkSplit, splitRows } from './split-rows.js';

/** The raw series on the common axis, one column per planned asset, and the calendar the axis was completed with. */
export interface AlignedSeries extends TimeFrame {
  readonly calendar: SeriesCalendar;
}

/**
 * Puts the main columns of all planned assets on one time axis.
 *
 * The join says whose times form the axis: those of any asset (`union`), of the targets, or of all at once
 * (`intersection`). A union loses no row: where an asset has none, it is NaN there. The axis is then completed to a row
 * for every time its calendar expects (`completeAxis`), except for an intersection, which asks for complete rows only.
 * Under `targets` the other assets' values between two rows count at the later one (`placeOnAxis`).
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
  const joined = within(joinedTimes(series, plan), plan.axis);
  if (joined.length === 0) throw noCommonRows(plan);
  const known = calendar ?? calendarOfTrain(joined, plan);
  const times = plan.axis.join === 'intersection' ? joined : completeAxis(joined, known);
  return {
    calendar: known,
    times,
    names: plan.assets.map((asset) => asset.id),
    columns: series.map((one) => placeOnAxis(one.times, one.values, times)),
  };
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

function calendarOfTrain(joined: Float64Array, plan: ProcessingPlan): SeriesCalendar {
  checkSplit(plan);
  const rows = splitRows(plan.split, joined);
  // A single time has no step, and is too short for any window.
  if (rows.train.end < 2) checkPartLengths(plan, rows);
  return inferCalendar(joined.subarray(0, rows.train.end));
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
