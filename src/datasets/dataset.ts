import type { ReadingOptions, FileReading } from './rows/reading.js';
import type { AssetSummary } from './storage/encode-asset.js';

/** What other rooms know of a dataset version. Times in milliseconds UTC. */
export interface DatasetVersion {
  readonly datasetId: string;
  readonly name: string;
  readonly version: number;
  /** SHA-256 over the assets' rows, see `storage/manifest.ts`. */
  readonly contentHash: string;
  /** By id. */
  readonly assets: readonly DatasetAsset[];
  readonly createdAt: string;
}

export interface DatasetAsset {
  readonly id: string;
  readonly assetClass: string | null;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Times of the first and the last row. */
  readonly start: number;
  readonly end: number;
}

/** A version without its assets, as kept under its dataset. */
export interface DatasetRecord {
  readonly datasetId: string;
  readonly name: string;
  readonly description: string;
  readonly version: number;
  /** Key of the version's assets: written before the version is visible, so that two appends never share one. */
  readonly generation: string;
  readonly contentHash: string;
  readonly assetCount: number;
  /** Rows of all files of the dataset. */
  readonly rows: number;
  readonly start: number;
  readonly end: number;
  readonly options: ReadingOptions;
  /** How the last file was read. */
  readonly reading: StoredReading;
  /** When the dataset, and when this version was made. */
  readonly createdAt: string;
  readonly versionCreatedAt: string;
  readonly createdBy: string;
}

/** The names of the columns are those of the assets. What is optional is missing in datasets of earlier versions. */
export type StoredReading = Pick<FileReading, 'delimiter' | 'time' | 'assetColumn' | 'rows'> &
  Partial<Pick<FileReading, 'format' | 'duplicates'>>;

/** An asset of a version with where its rows are. */
export interface AssetRecord extends DatasetAsset {
  readonly description: string | null;
  /** Null when the rows keep to no step. */
  readonly missingRows: number | null;
  readonly manifestHash: string;
  readonly manifestChunks: readonly string[];
  readonly summaryChunks: readonly string[];
}

export interface DescribedAsset extends AssetRecord {
  readonly summary: AssetSummary;
}
