import { TrainyardError } from '../../common/errors/index.js';
import type { FeatureInput } from '../features/feature-step.js';
import { getFeatureStep } from '../features/feature-steps.js';
import type { AssetFrame, TimeFrame } from '../frame/time-frame.js';
import { laterSettled, type SettledAt } from '../gaps/settled-rows.js';
import { getFrame, placeSeries, type AlignedSeries } from './align-assets.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { PlannedAsset, PlannedFeature, ProcessingPlan } from './processing-plan.js';
import { fillColumns, type FilledSeries, type FixedFilling } from './fill-small-gaps.js';

/** All features of one asset, or all of the time axis: what one thread of the pool computes. */
export interface FeatureTask {
  readonly times: Float64Array;
  /** Null for features that depend on the time axis only. */
  readonly asset: string | null;
  /** The asset's main column after imputation; empty for the time axis. */
  readonly value: Float64Array;
  /** The asset's other columns on the same axis, imputed alike; null when it has none. */
  readonly otherColumns: FilledSeries | null;
  /** The assets that pair features of this one are compared with; null when there are none. */
  readonly references: TimeFrame | null;
  readonly features: readonly PlannedFeature[];
}

export interface FeatureColumns {
  /** `{asset}_{feature}`, or bare for the time axis. */
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
  /** What a user should read of the computation, each with its asset and step. */
  readonly notes: readonly string[];
}

/** One task per asset that has features, in plan order, then one for the time axis if a feature needs it. */
export function featureTasks(
  plan: ProcessingPlan,
  { calendar, times }: Pick<AlignedSeries, 'calendar' | 'times'>,
  filled: TimeFrame,
  frames: readonly AssetFrame[],
  fixed?: FixedFilling,
): FeatureTask[] {
  const ofAxis = plan.features.filter((feature) => getFeatureStep(feature.step).scope === 'axis');
  const tasks = plan.assets.flatMap((asset, at): FeatureTask[] => {
    const features = plan.features.filter((one) => !ofAxis.includes(one) && one.assets.includes(asset.id));
    if (features.length === 0) return [];
    const otherColumns = alignOtherColumns(plan, frames, asset, { times, calendar }, fixed);
    const references = referenceColumns(filled, asset.id, features);
    return [{ times, asset: asset.id, value: filled.columns[at]!, otherColumns, references, features }];
  });
  if (ofAxis.length === 0) return tasks;
  const axis = { times, asset: null, value: new Float64Array(0), otherColumns: null, references: null };
  return [...tasks, { ...axis, features: ofAxis }];
}

function referenceColumns(filled: TimeFrame, asset: string, features: readonly PlannedFeature[]): TimeFrame | null {
  const wanted = new Set(features.flatMap(({ references = [] }) => references));
  const names = filled.names.filter((name) => wanted.has(name) && name !== asset);
  if (names.length === 0) return null;
  return { times: filled.times, names, columns: names.map((name) => filled.columns[filled.names.indexOf(name)]!) };
}

function alignOtherColumns(
  plan: ProcessingPlan,
  frames: readonly AssetFrame[],
  asset: PlannedAsset,
  { times, calendar }: Pick<AlignedSeries, 'calendar' | 'times'>,
  fixed?: FixedFilling,
): FilledSeries | null {
  const { frame } = getFrame(frames, asset);
  const others = frame.names.filter((name) => name !== asset.column);
  if (others.length === 0) return null;
  const columns = others.map((name) => {
    const values = frame.columns[frame.names.indexOf(name)]!;
    return placeSeries(frame.times, values, times, calendar, plan.axis);
  });
  const keys = others.map((name) => `${asset.id}/${name}`);
  return fillColumns({ times, names: others, columns, keys }, { calendar }, plan, fixed);
}

/** Runs the feature steps of one task, here or in a thread: pure, so it does not matter where. */
export function computeFeatures(task: FeatureTask): FeatureColumns {
  const made = task.features.map((feature) => computeFeature(task, feature));
  return {
    names: made.flatMap(({ names }) => names),
    columns: made.flatMap(({ columns }) => columns),
    notes: made.flatMap(({ notes }) => notes),
  };
}

function computeFeature(task: FeatureTask, feature: PlannedFeature): FeatureColumns {
  const { times, asset, otherColumns, references } = task;
  const step = getFeatureStep(feature.step);
  const input: FeatureInput = {
    times,
    value: asset === null ? new Float64Array(times.length).fill(NaN) : task.value,
    column(name) {
      const at = otherColumns?.names.findIndex((other) => other.toLowerCase() === name.toLowerCase()) ?? -1;
      return at < 0 ? undefined : otherColumns?.columns[at];
    },
  };
  const notes: string[] = [];
  const note = (message: string): unknown => notes.push(asset === null ? message : `${asset}: ${message}`);
  if (step.scope !== 'pair') {
    const made = step.compute(input, feature.parameters, note);
    return {
      names: made.map(({ name }) => columnName(asset, name)),
      columns: made.map(({ values }) => values),
      notes,
    };
  }
  const pairs = (feature.references ?? []).flatMap((reference) => {
    const at = references?.names.indexOf(reference) ?? -1;
    if (at < 0) return [];
    const pair = { ...input, reference: { asset: reference, value: references!.columns[at]! } };
    return step.compute(pair, feature.parameters, note).map(({ name, values }) => ({ name, reference, values }));
  });
  return {
    names: pairs.map(({ name, reference }) => columnName(asset, name, reference)),
    columns: pairs.map(({ values }) => values),
    notes,
  };
}

/** `{asset}_{column}`, `{asset}_{column}_{reference}` for a pair, or bare for the time axis. */
function columnName(asset: string | null, column: string, reference?: string): string {
  const named = asset === null ? column : `${asset}_${column}`;
  return reference === undefined ? named : `${named}_${reference}`;
}

/** The names of the columns that a planned feature makes, in their order. */
export function plannedColumnNames({ step: name, parameters, assets, references = [] }: PlannedFeature): string[] {
  const step = getFeatureStep(name);
  const columns = step.columnNames(parameters);
  switch (step.scope) {
    case 'axis':
      return [...columns];
    case 'asset':
      return assets.flatMap((asset) => columns.map((column) => columnName(asset, column)));
    case 'pair':
      return assets.flatMap((asset) =>
        references
          .filter((reference) => reference !== asset)
          .flatMap((reference) => columns.map((column) => columnName(asset, column, reference))),
      );
  }
}

/** Puts together what the steps of the processing made; `computed[i]` belongs to `tasks[i]`. */
export function assemblePreparedFrames(
  { calendar, notes, ...series }: AlignedSeries,
  { imputations, settledAt, ...filled }: FilledSeries,
  tasks: readonly Pick<FeatureTask, 'asset' | 'otherColumns'>[],
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
    imputations: Object.assign(
      {},
      imputations,
      ...tasks.map(({ otherColumns }) => otherColumns?.imputations ?? {}),
    ) as FilledSeries['imputations'],
    settledAt: tasks.reduce(
      (settled: SettledAt, { otherColumns }) => laterSettled(settled, otherColumns?.settledAt ?? null),
      settledAt,
    ),
    notes: [...notes, ...computed.flatMap((columns) => columns.notes)],
  };
}
