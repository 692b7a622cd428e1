import { TrainyardError } from '../../common/errors/index.js';
import type { TableColumn } from '../../common/tables/index.js';
import type { AssetFrame } from '../../ml/frame/time-frame.js';
import { alignAssets } from '../../ml/processing/align-assets.js';
import { featureTasks, namedColumns } from '../../ml/processing/compute-features.js';
import { blockAddresses, featureSetHash } from '../../ml/processing/feature-address.js';
import { blockRequests, computeBlock } from '../../ml/processing/feature-blocks.js';
import { fillSmallGaps } from '../../ml/processing/fill-small-gaps.js';
import type { ProcessingPlan } from '../../ml/processing/processing-plan.js';
import type { AddressedBlock } from '../feature-pack.js';

/** What a feature set is made of once more. */
export interface FeatureTableOrder {
  readonly hash: string;
  readonly datasetContentHash: string;
  readonly plan: ProcessingPlan;
  /** Of the dataset version that the set is of. */
  readonly frames: readonly AssetFrame[];
  /** Blocks that need not be computed. */
  readonly known: readonly AddressedBlock[];
}

/** The columns of a feature set behind the times of its rows. */
export interface FeatureTable {
  readonly times: Float64Array;
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
}

/**
 * The columns of a feature set as the execution had them that made it: the blocks that the store has, the others computed
 * again. FEATURE_SET_OUTDATED when this version of the steps would not make the same.
 */
export function makeFeatureTable(order: FeatureTableOrder): FeatureTable {
  const { hash, datasetContentHash, plan, frames } = order;
  const series = alignAssets(frames, plan);
  const tasks = featureTasks(plan, series, fillSmallGaps(series, plan), frames);
  const addresses = blockAddresses(tasks);
  if (featureSetHash(plan, datasetContentHash, addresses) !== hash) {
    throw new TrainyardError(
      'FEATURE_SET_OUTDATED',
      `Feature set ${hash} was made by an earlier version of its steps, and not all of its columns are kept: run its template again and export the set of that execution`,
      { hash },
    );
  }
  const known = new Map(order.known.map(({ address, block }) => [address, block]));
  const made = tasks.map((task, ofTask) => {
    const requests = blockRequests(task);
    const blocks = requests.map(
      (request, at) => known.get(addresses[ofTask]?.[at]?.address ?? '') ?? computeBlock(task, request).block,
    );
    return namedColumns(task, requests, blocks);
  });
  return {
    times: series.times,
    names: made.flatMap(({ names }) => names),
    columns: made.flatMap(({ columns }) => columns),
  };
}

/** Numbers that are written at once. */
const BLOCK_VALUES = 500_000;

/** The table in blocks of rows, the column `time` first. */
export function* rowBlocks({ times, names, columns }: FeatureTable): Generator<TableColumn[]> {
  const rows = Math.max(1, Math.floor(BLOCK_VALUES / (1 + columns.length)));
  for (let start = 0; start < times.length; start += rows) {
    const end = start + rows;
    yield [
      { name: 'time', kind: 'time', values: times.subarray(start, end) },
      ...columns.map((column, at): TableColumn => ({
        name: names[at] ?? '',
        kind: 'number',
        values: column.subarray(start, end),
      })),
    ];
  }
}
