import { TrainyardError } from '../../../common/errors/index.js';
import { labelsOfTarget, UNLABELLED } from '../../windows/direction-labels.js';
import type { WindowedData } from '../../windows/windowed-data.js';
import type { SampleList } from './training-rows.js';

/** The direction of each sample, UNLABELLED where its change was not observed. */
export function sampleLabels(list: SampleList, data: WindowedData): Float64Array {
  const labels = new Float64Array(list.origins.length);
  for (const target of new Set(list.targets)) {
    const own = Int32Array.from(list.targets.keys()).filter((at) => list.targets[at] === target);
    const origins = Int32Array.from(new Set(own.map((at) => list.origins[at]!)));
    const place = new Map(Array.from(origins, (origin, at) => [origin, at]));
    const ofTarget = labelsOfTarget(data, target, origins);
    for (const at of own) {
      labels[at] = ofTarget[place.get(list.origins[at]!)! * data.horizon + list.steps[at]! - 1]!;
    }
  }
  return labels;
}

/** Without the samples that have no direction; `WINDOWS_NONE` where there are samples and none has one. */
export function labelledOnly(list: SampleList, data: WindowedData): SampleList {
  const labels = sampleLabels(list, data);
  if (!labels.includes(UNLABELLED)) return list;
  const kept = Int32Array.from(labels.keys()).filter((at) => labels[at] !== UNLABELLED);
  if (kept.length === 0) {
    throw new TrainyardError(
      'WINDOWS_NONE',
      `None of the ${labels.length} changes that the windows forecast has both its ends observed: enlarge the part, or ` +
        'leave out the targets with gaps',
      { samples: labels.length },
    );
  }
  const take = (of: Int32Array): Int32Array => kept.map((at) => of[at]!);
  return {
    origins: take(list.origins),
    targets: take(list.targets),
    steps: take(list.steps),
    weights: list.weights && Float64Array.from(kept, (at) => list.weights![at]!),
  };
}
