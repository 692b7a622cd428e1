import type { DatasetRecord, DescribedAsset } from './dataset.js';
import type { StoredDataset } from './datasets.repository.js';
import type { FileReading } from './rows/reading.js';

/** What came of an import or append. `dataset` is null after a dry run. */
export interface ImportResult {
  readonly record: DatasetRecord;
  readonly dataset: StoredDataset | null;
  readonly reading: FileReading;
  /** The assets that the files had rows for, as they are now. */
  readonly assets: readonly DescribedAsset[];
  /** Versions that had the same content before. */
  readonly sameContent: readonly DatasetRecord[];
  /** True when the idempotency key has created the dataset before, and nothing was done now. */
  readonly replayed: boolean;
}
