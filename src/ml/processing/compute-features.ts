import { TrainyardError } from '../../common/errors/index.js';
import { getFeatureStep } from '../features/feature-steps.js';
import { placeOnAxis } from '../frame/place-on-axis.js';
import type { AssetFrame, TimeFrame } from '../frame/time-frame.js';
import { fillCausally } from '../gaps/fill-causally.js';
import { getFrame } from './align-assets.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { PlannedAsset, PlannedFeature, ProcessingPlan, SeriesCalendar } from './processing-plan.js';
import { smallGapRows } from './fill-small-gaps.js';

/** All features of one asset, or all of the time axis: what one thread of the pool computes. */
export interface FeatureTask {
  readonly times: Float64Array;
  /** Null for features that depend on the time axis only. */
  readonly asset: string | null;
  /** The asset's main column after imputation; empty for the time axis. */
  readonly value: Float64Array;
  /** The asset's other columns on the same axis, imputed alike; null when it has none. */
  readonly otherColumns: TimeFrame | null;
  readonly features: readonly PlannedFeature[];
}

export interface FeatureColumns {
  /** `{asset}_{feature}`, or bare for the time axis. */
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
}

/** One task per asset that has features, in plan order, then one for the time axis if a feature needs it. */
export function featureTasks(
  plan: ProcessingPlan,
  filled: TimeFrame,
  frames: readonly AssetFrame[],
  limitRows: number = smallGapRows(plan, filled.times),
): FeatureTask[] {
  const { times } = filled;
  const ofAxis = plan.features.filter((feature) => getFeatureStep(feature.step).assetIndependent);
  const tasks = plan.assets.flatMap((asset, at): FeatureTask[] => {
    const features = plan.features.filter((one) => !ofAxis.includes(one) && one.assets.includes(asset.id));
    if (features.length === 0) return [];
    const otherColumns = alignOtherColumns(plan, frames, asset, times, limitRows);
    return [{ times, asset: asset.id, value: filled.columns[at]!, otherColumns, features }];
  });
  if (ofAxis.length === 0) return tasks;
  return [...tasks, { times, asset: null, value: new Float64Array(0), otherColumns: null, features: ofAxis }];
}

function alignOtherColumns(
  plan: ProcessingPlan,
  frames: readonly AssetFrame[],
  asset: PlannedAsset,
  times: Float64Array,
  limitRows: number,
): TimeFrame | null {
  const { frame } = getFrame(frames, asset);
  const others = frame.names.filter((name) => name !== asset.column);
  if (others.length === 0) return null;
  const columns = others.map((name) => {
    const placed = placeOnAxis(frame.times, frame.columns[frame.names.indexOf(name)]!, times);
    return fillCausally(placed, plan.gaps, limitRows);
  });
  return { times, names: others, columns };
}

/** Runs the feature steps of one task, here or in a thread: pure, so it does not matter where. */
export function computeFeatures(task: FeatureTask): FeatureColumns {
  const { times, asset, otherColumns } = task;
  const input = {
    times,
    value: asset === null ? new Float64Array(times.length).fill(NaN) : task.value,
    column: (name: string) => otherColumns?.columns[otherColumns.names.indexOf(name)],
  };
  const made = task.features.flatMap((feature) => getFeatureStep(feature.step).compute(input, feature.parameters));
  return {
    names: made.map((column) => (asset === null ? column.name : `${asset}_${column.name}`)),
    columns: made.map((column) => column.values),
  };
}

/** Puts together what the steps of the processing made; `computed[i]` belongs to `tasks[i]`. */
export function assemblePreparedFrames(
  calendar: SeriesCalendar,
  series: TimeFrame,
  filled: TimeFrame,
  tasks: readonly Pick<FeatureTask, 'asset'>[],
  computed: readonly FeatureColumns[],
): PreparedFrames {
  const names = computed.flatMap((columns) => columns.names);
  const repeated = [...filled.names, ...names].find((name, at, all) => all.indexOf(name) !== at);
  if (repeated !== undefined) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `Two input columns are named ${repeated}: plan each feature once, and name no asset like another one's feature`,
      { column: repeated },
    );
  }
  return {
    calendar,
    series: { times: series.times, names: series.names, columns: series.columns },
    filled,
    features: { times: series.times, names, columns: computed.flatMap((columns) => columns.columns) },
    featureAssets: computed.flatMap((columns, at) => columns.names.map(() => tasks[at]!.asset)),
  };
}
