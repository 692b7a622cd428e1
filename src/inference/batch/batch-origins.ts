import type { AssetFrame } from '../../ml/frame/time-frame.js';
import { uniteTimes } from '../../ml/frame/join-times.js';
import type { ModelBundle } from '../../registry/index.js';
import type { BatchOrder } from './protocol.js';

/** Times that forecasts set out from: every `stride`-th time at which an asset that is not known in advance has a row. */
export function batchOrigins({ bundle, frames, fromMs, toMs, stride }: BatchOrder): Float64Array {
  const forming = frames.filter(({ asset }) => !knownFuture(bundle).includes(asset));
  const times = uniteTimes(forming.map(({ frame }) => frame.times));
  const within = times.filter((time) => (fromMs === null || time >= fromMs) && (toMs === null || time <= toMs));
  return within.filter((_, at) => at % stride === 0);
}

/** What the dataset had at a time: no row after it, but of assets that are known in advance. */
export function framesAt(frames: readonly AssetFrame[], timeMs: number, bundle: ModelBundle): AssetFrame[] {
  return frames.map((one) => {
    if (knownFuture(bundle).includes(one.asset)) return one;
    const { times, names, columns } = one.frame;
    const end = rowsUpTo(times, timeMs);
    const frame = { times: times.subarray(0, end), names, columns: columns.map((column) => column.subarray(0, end)) };
    return { ...one, frame };
  });
}

function knownFuture({ fitted }: ModelBundle): readonly string[] {
  return fitted.plan.knownFuture?.assets ?? [];
}

/** Binary search. */
function rowsUpTo(times: Float64Array, timeMs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
