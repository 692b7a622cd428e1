import { TrainyardError } from '../common/errors/index.js';
import type { FileReading } from './rows/reading.js';
import type { AssetRecord, DatasetRecord } from './dataset.js';
import type { ParsedFile, ParsedFileAsset } from './import-worker/protocol.js';

/**
 * Whether the rows of a file can follow those of a version: known assets (unless new ones are allowed), the same columns,
 * the same reading of time, later times.
 */
export function assertAppends(
  file: ParsedFile,
  newest: DatasetRecord,
  assets: ReadonlyMap<string, AssetRecord>,
  newAssets: boolean,
): void {
  assertSameZone(file.reading, newest);
  for (const added of file.assets) {
    const asset = assets.get(added.id);
    if (asset !== undefined) {
      assertSameColumns(added, asset);
      assertAfter(added, asset);
    } else if (!newAssets) {
      throw new TrainyardError(
        'ASSET_UNKNOWN',
        `dataset "${newest.name}" has no asset "${added.id}": correct the name, or state newAssets=true`,
        { asset: added.id, assets: [...assets.keys()].slice(0, 100) },
      );
    }
  }
}

function assertSameZone({ time }: FileReading, newest: DatasetRecord): void {
  const before = newest.reading.time;
  if (time.zoneAssumed === before.zoneAssumed) return;
  const name = ({ zone, zoneAssumed }: FileReading['time']) => (zoneAssumed ? 'no time zone' : `the zone ${zone}`);
  throw new TrainyardError(
    'TIME_ZONES_MIXED',
    `the appended timestamps, such as "${time.example.text}", have ${name(time)}, and those of the dataset, such as ` +
      `"${before.example.text}", have ${name(before)}: write them alike`,
    { appended: time.example.text, existing: before.example.text },
  );
}

function assertSameColumns(added: ParsedFileAsset, asset: AssetRecord): void {
  const unknown = added.columns.find((name) => !asset.columns.includes(name));
  const missing = asset.columns.find((name) => !added.columns.includes(name));
  if (unknown === undefined && missing === undefined) return;
  const what = unknown === undefined ? `the column "${missing}" is missing` : `there is no column "${unknown}"`;
  throw new TrainyardError(
    'COLUMN_UNKNOWN',
    `${what}: asset "${asset.id}" has the columns ${asset.columns.map((name) => `"${name}"`).join(', ')}, and appended rows need exactly these`,
    { asset: asset.id, column: unknown ?? missing, columns: asset.columns },
  );
}

function assertAfter(added: ParsedFileAsset, asset: AssetRecord): void {
  if (added.start > asset.end) return;
  const first = new Date(added.start).toISOString();
  const last = new Date(asset.end).toISOString();
  throw new TrainyardError(
    'APPEND_NOT_AFTER',
    `the first appended row of "${asset.id}" is of ${first} and its last row is of ${last}: append only rows after that`,
    { asset: asset.id, first, last },
  );
}
