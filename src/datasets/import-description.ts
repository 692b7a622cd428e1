import { TrainyardError } from '../common/errors/index.js';
import type { AssetRecord, DescribedAsset, StoredReading } from './dataset.js';
import type { FileReading } from './rows/reading.js';
import type { EncodedAsset } from './storage/encode-asset.js';

/** What people say of assets, beside their rows. */
export interface AssetNotes {
  readonly assetClass?: string;
  readonly assetClasses?: Readonly<Record<string, string>>;
  readonly assetDescriptions?: Readonly<Record<string, string>>;
}

/** `ASSET_UNKNOWN`: a class or description for an asset that the files do not have would be lost silently. */
export function assertNotesFit({ assetClasses, assetDescriptions }: AssetNotes, ids: ReadonlySet<string>): void {
  for (const [option, notes] of Object.entries({ assetClasses, assetDescriptions })) {
    const unknown = Object.keys(notes ?? {}).find((id) => !ids.has(id));
    if (unknown === undefined) continue;
    const known = [...ids].slice(0, 10).join(', ');
    throw new TrainyardError(
      'ASSET_UNKNOWN',
      `${option} names "${unknown}", and the file has no such asset; it has ${known}${ids.size > 10 ? ` and ${ids.size - 10} more` : ''}`,
      { option, asset: unknown },
    );
  }
}

/** `before`: the assets as an earlier version has them. */
export function describeAssets(
  encoded: readonly EncodedAsset[],
  notes: AssetNotes,
  before: ReadonlyMap<string, AssetRecord>,
): DescribedAsset[] {
  return encoded.map((asset) => {
    const old = before.get(asset.id);
    return {
      ...asset,
      assetClass: notes.assetClasses?.[asset.id] ?? old?.assetClass ?? notes.assetClass ?? null,
      description: notes.assetDescriptions?.[asset.id] ?? old?.description ?? null,
      missingRows: asset.summary.axis.missingRows,
    };
  });
}

export function rangeOf(assets: readonly AssetRecord[]): { start: number; end: number } {
  return {
    start: assets.reduce((start, asset) => Math.min(start, asset.start), Infinity),
    end: assets.reduce((end, asset) => Math.max(end, asset.end), -Infinity),
  };
}

/** Without the names of all files: there may be thousands, and one item holds the record. */
export function storedReading({ format, delimiter, time, assetColumn, rows, duplicates }: FileReading): StoredReading {
  return { format, delimiter, time, assetColumn, rows, duplicates };
}
