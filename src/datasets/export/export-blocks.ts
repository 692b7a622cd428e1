import { assertDistinctNames, type TableColumn } from '../../common/tables/index.js';
import { uniteTimes } from '../../ml/frame/join-times.js';
import type { DatasetContent, ManifestedAsset, RowSlice } from '../dataset-content.js';
import { CHUNK_NUMBERS } from '../storage/chunk.js';

/** Values of a block: 16 MB, whatever the number of assets and columns. */
const BLOCK_VALUES = 2_000_000;

const TIME = 'time';
const ASSET = 'asset';

/** One row per time and asset, assets one after the other: `time`, `asset`, and every column that one of them has. */
export async function* longBlocks(
  content: DatasetContent,
  datasetId: string,
  assets: readonly ManifestedAsset[],
): AsyncGenerator<TableColumn[]> {
  const names = [...new Set(assets.flatMap(({ asset }) => asset.columns))];
  assertDistinctNames([TIME, ASSET, ...names]);
  for (const { asset, manifest } of assets) {
    for (let start = 0; start < manifest.rows; start += CHUNK_NUMBERS) {
      const end = Math.min(manifest.rows, start + CHUNK_NUMBERS);
      const { times, columns } = await content.readRows(datasetId, manifest, start, end);
      yield [
        { name: TIME, kind: 'time', values: times },
        { name: ASSET, kind: 'text', values: new Array<string>(times.length).fill(asset.id) },
        ...names.map((name): TableColumn => {
          const values = columns[manifest.columns.findIndex((column) => column.name === name)];
          return { name, kind: 'number', values: values ?? new Float64Array(times.length).fill(NaN) };
        }),
      ];
    }
  }
}

/**
 * One row per time that any of the assets has. A column is named after its asset where assets have but one, after itself
 * where there is one asset alone, and `{asset}_{column}` otherwise. What an asset lacks at a time is missing.
 */
export async function* wideBlocks(
  content: DatasetContent,
  datasetId: string,
  assets: readonly ManifestedAsset[],
): AsyncGenerator<TableColumn[]> {
  const named = assets.map(({ asset }) =>
    asset.columns.map((column) => {
      if (asset.columns.length === 1 && (assets.length > 1 || column === 'value')) return asset.id;
      return assets.length === 1 ? column : `${asset.id}_${column}`;
    }),
  );
  assertDistinctNames([TIME, ...named.flat()]);
  const axes = await readAxes(content, datasetId, assets);
  const times = uniteTimes([...new Set(axes)]);
  const width = Math.max(1, named.flat().length);
  const blockRows = Math.min(CHUNK_NUMBERS, Math.max(1, Math.floor(BLOCK_VALUES / width)));
  for (let start = 0; start < times.length; start += blockRows) {
    const block = times.slice(start, start + blockRows);
    const columns: TableColumn[] = [{ name: TIME, kind: 'time', values: block }];
    for (const [at, { manifest }] of assets.entries()) {
      const axis = axes[at] ?? new Float64Array(0);
      const first = lowerBound(axis, block[0] ?? NaN);
      const end = lowerBound(axis, (block[block.length - 1] ?? NaN) + 1);
      const slice = await content.readRows(datasetId, manifest, first, end);
      for (const [column, name] of (named[at] ?? []).entries()) {
        columns.push({ name, kind: 'number', values: placed(slice, column, block) });
      }
    }
    yield columns;
  }
}

/** Assets on one axis share the array: their times are in the same chunks. */
async function readAxes(
  content: DatasetContent,
  datasetId: string,
  assets: readonly ManifestedAsset[],
): Promise<Float64Array[]> {
  const known = new Map<string, Float64Array>();
  const axes: Float64Array[] = [];
  for (const { manifest } of assets) {
    const key = manifest.times.join();
    const axis =
      known.get(key) ?? (await content.readRows(datasetId, { ...manifest, columns: [] }, 0, manifest.rows)).times;
    known.set(key, axis);
    axes.push(axis);
  }
  return axes;
}

function placed({ times, columns }: RowSlice, column: number, block: Float64Array): Float64Array {
  const values = columns[column] ?? new Float64Array(0);
  if (times.length === block.length) return values;
  const spread = new Float64Array(block.length).fill(NaN);
  for (let row = 0, at = 0; row < times.length; row++) {
    while (block[at] !== times[row]) at++;
    spread[at] = values[row] ?? NaN;
  }
  return spread;
}

/** Index of the first time that is not before `time`. */
function lowerBound(times: Float64Array, time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? NaN) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
