import { TrainyardError } from '../../common/errors/index.js';
import { getFeatureStep } from '../features/feature-steps.js';
import type { AssetFrame, TimeFrame } from '../frame/time-frame.js';
import { laterSettled, type SettledAt } from '../gaps/settled-rows.js';
import { getFrame, placeSeries, type AlignedSeries } from './align-assets.js';
import { blockRequests, computeBlock, type BlockRequest, type FeatureBlock } from './feature-blocks.js';
import type { FeatureTask } from './feature-task.js';
import type { PreparedFrames } from './prepared-frames.js';
import type { PlannedAsset, PlannedFeature, ProcessingPlan } from './processing-plan.js';
import { fillColumns, type FilledSeries, type FixedFilling } from './fill-small-gaps.js';

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
  const requests = blockRequests(task);
  return namedColumns(
    task,
    requests,
    requests.map((request) => computeBlock(task, request).block),
  );
}

/** The columns of a task's blocks under the names that the processing gives them; `blocks[i]` answers `requests[i]`. */
export function namedColumns(
  { asset }: Pick<FeatureTask, 'asset'>,
  requests: readonly BlockRequest[],
  blocks: readonly FeatureBlock[],
): FeatureColumns {
  return {
    names: blocks.flatMap(({ names }, at) =>
      names.map((name) => columnName(asset, name, requests[at]?.reference ?? undefined)),
    ),
    columns: blocks.flatMap(({ columns }) => columns),
    notes: blocks.flatMap(({ notes }) => notes.map((note) => (asset === null ? note : `${asset}: ${note}`))),
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
