import type { Prediction } from '../inference/index.js';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import { changesOf } from '../ml/drift/reference-distribution.js';
import type { PlannedAsset } from '../ml/processing/processing-plan.js';

/** Recent values of one input and their changes, in the order of time; NaN where a row was not observed. */
export interface RecentInput {
  readonly values: Float64Array;
  readonly changes: Float64Array;
}

/**
 * What predictions were made from, by asset. Windows that overlap are of the same rows: each time counts once. A change is
 * one between neighbouring rows of one window, so that windows far apart make none.
 */
export function inputsOfPredictions(predictions: readonly Prediction[]): ReadonlyMap<string, RecentInput> {
  const byAsset = new Map<string, { readonly values: Map<string, number>; readonly changes: Map<string, number> }>();
  for (const { window } of predictions) {
    for (const [asset, series] of Object.entries(window.series)) {
      let known = byAsset.get(asset);
      if (known === undefined) byAsset.set(asset, (known = { values: new Map(), changes: new Map() }));
      for (const [row, time] of window.times.entries()) {
        const value = series[row] ?? NaN;
        known.values.set(time, value);
        if (row > 0) known.changes.set(time, value - (series[row - 1] ?? NaN));
      }
    }
  }
  return new Map(
    [...byAsset].map(([asset, { values, changes }]) => [asset, { values: inOrder(values), changes: inOrder(changes) }]),
  );
}

/** The rows of an asset after a time, at most the newest `most`. */
export function inputsOfRows(
  { frame }: AssetFrame,
  { column }: PlannedAsset,
  afterMs: number,
  most: number,
): RecentInput {
  const all = frame.columns[frame.names.indexOf(column)]!;
  const after = frame.times.findLastIndex((time) => time <= afterMs) + 1;
  const begin = Math.max(after, all.length - most);
  return { values: all.slice(begin), changes: changesOf(all.subarray(Math.max(0, begin - 1))) };
}

function inOrder(byTime: ReadonlyMap<string, number>): Float64Array {
  const times = [...byTime.keys()].sort();
  return Float64Array.from(times, (time) => byTime.get(time)!);
}
