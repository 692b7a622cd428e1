import type { AssetFrame, TimeFrame } from '../ml/frame/time-frame.js';
import type { ModelBundle } from '../registry/index.js';
import { finiteOrNull, invalid, readTimes, type ExplicitWindow } from './forecast-input.js';
import { isoTextOf } from './iso-times.js';
import type { KnownFutureRows } from './prediction.js';

/**
 * Frames in which the rows of known-future assets from the first time of `future` on are those of the caller; null
 * leaves them as they are. `WINDOW_INVALID` says what is missing, superfluous, or not after what is forecast from.
 */
export function withFuture(
  frames: readonly AssetFrame[],
  future: ExplicitWindow | null,
  { fitted }: ModelBundle,
): readonly AssetFrame[] {
  if (future === null) return frames;
  const known = fitted.plan.knownFuture?.assets ?? [];
  const unknown = Object.keys(future.series).filter((name) => !known.includes(name));
  const missing = known.filter((name) => !(name in future.series));
  if (unknown.length > 0 || missing.length > 0) {
    throw invalid(
      (known.length === 0
        ? 'The model knows no asset in advance'
        : `The model knows ${known.join(', ')} in advance, and future.series must have them all`) +
        (missing.length > 0 ? `; missing: ${missing.join(', ')}` : '') +
        (unknown.length > 0 ? `; unknown: ${unknown.join(', ')}` : ''),
      { needed: known, missing, unknown },
    );
  }
  const stamps = readTimes(future.times, 'future.times');
  const begin = stamps[0] ?? Infinity;
  const newest = newestOrigin(frames, known, fitted.plan.assets);
  if (begin <= newest) {
    throw invalid(
      `future.times[0] = ${future.times[0]} does not come after ${new Date(newest).toISOString()}, the last row that is forecast from`,
      { time: future.times[0], origin: new Date(newest).toISOString() },
    );
  }
  const columns = new Map(fitted.plan.assets.map(({ id, column }) => [id, column]));
  return frames.map((one) => {
    const values = future.series[one.asset];
    if (values === undefined) return one;
    if (values.length !== stamps.length) {
      throw invalid(`future.series.${one.asset} has ${values.length} values for ${stamps.length} times`, {
        asset: one.asset,
      });
    }
    const kept = rowsUpTo(one.frame, begin, false);
    const column = columns.get(one.asset);
    const given = Float64Array.from(values, (value) => value ?? NaN);
    const missingRows = new Float64Array(values.length).fill(NaN);
    return {
      ...one,
      frame: {
        times: joined(kept.times, stamps),
        names: kept.names,
        columns: kept.columns.map((before, at) => joined(before, kept.names[at] === column ? given : missingRows)),
      },
    };
  });
}

/** The frames up to the origin, where assets that are known in advance have rows after it. */
export function framesUpTo(
  frames: readonly AssetFrame[],
  origin: number,
  { fitted }: ModelBundle,
): readonly AssetFrame[] {
  if ((fitted.plan.knownFuture?.assets.length ?? 0) === 0) return frames;
  return frames.map((one) => ({ ...one, frame: rowsUpTo(one.frame, origin, true) }));
}

export function rowsOfFrame({ times, names, columns }: TimeFrame): KnownFutureRows {
  return {
    times: Array.from(times, isoTextOf),
    series: Object.fromEntries(names.map((name, at) => [name, Array.from(columns[at]!, finiteOrNull)])),
  };
}

/** The last time at which an asset that is not known in advance has a value. */
function newestOrigin(
  frames: readonly AssetFrame[],
  known: readonly string[],
  assets: ModelBundle['fitted']['plan']['assets'],
): number {
  const columns = new Map(assets.map(({ id, column }) => [id, column]));
  const newest = frames.map(({ asset, frame }) => {
    if (known.includes(asset)) return -Infinity;
    const values = frame.columns[frame.names.indexOf(columns.get(asset) ?? '')];
    return frame.times[values?.findLastIndex((value) => !Number.isNaN(value)) ?? -1] ?? -Infinity;
  });
  return Math.max(...newest);
}

/** Rows before `time`, and at it where `inclusive`. */
function rowsUpTo({ times, names, columns }: TimeFrame, time: number, inclusive: boolean): TimeFrame {
  const end = times.findLastIndex((one) => one < time || (inclusive && one === time)) + 1;
  return { times: times.subarray(0, end), names, columns: columns.map((column) => column.subarray(0, end)) };
}

function joined(before: Float64Array, after: Float64Array): Float64Array {
  const all = new Float64Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}
