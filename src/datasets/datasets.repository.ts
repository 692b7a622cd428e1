import { Injectable } from '@nestjs/common';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { ASSET_TABLE, DATASET_TABLE, type AssetItem, type DatasetItem } from './dataset.entity.js';
import type { AssetRecord, DatasetRecord } from './dataset.js';

const NEWEST = 'newest';
const LISTED = 'dataset';

/** The newest version as read; replacing or deleting it needs it back. */
export interface StoredDataset extends DatasetRecord {
  readonly stored: Stored<DatasetItem>;
}

/** Dataset versions and their assets. */
@Injectable()
export class DatasetsRepository {
  constructor(
    @InjectTable(DATASET_TABLE) private readonly datasets: Table<DatasetItem>,
    @InjectTable(ASSET_TABLE) private readonly assets: Table<AssetItem>,
  ) {}

  /** Makes version 1 visible; its assets and chunks must be there. */
  async create(record: DatasetRecord): Promise<StoredDataset> {
    return readStored(await this.datasets.create(newestItem(record)));
  }

  async findNewest(datasetId: string): Promise<StoredDataset | null> {
    const stored = await this.datasets.find({ datasetId, item: NEWEST });
    return stored === null ? null : readStored(stored);
  }

  /** An older version; the newest is not among them. */
  async findOlder(datasetId: string, version: number): Promise<DatasetRecord | null> {
    const stored = await this.datasets.find({ datasetId, item: versionKey(version) });
    return stored === null ? null : readRecord(stored);
  }

  async listOlder(datasetId: string): Promise<DatasetRecord[]> {
    const older: DatasetRecord[] = [];
    for await (const item of this.datasets.queryAll({ partition: datasetId, sort: { beginsWith: 'v' } })) {
      older.push(readRecord(item));
    }
    return older;
  }

  /**
   * Makes `next` the newest version; `CONFLICT` when `current` no longer is. The copy of `current` is written first: it
   * says nothing new, so a crash in between leaves everything as it was.
   */
  async replaceNewest(current: StoredDataset, next: DatasetRecord): Promise<StoredDataset> {
    const { stored, ...record } = current;
    await this.datasets.put({ ...newestItem(record), item: versionKey(current.version), listed: undefined });
    return readStored(await this.datasets.update(stored, newestItem(next)));
  }

  /** From here on the dataset does not exist; what it leaves is removed by `deleteOlder` and its like. */
  async deleteNewest(current: StoredDataset): Promise<void> {
    await this.datasets.delete({ datasetId: current.datasetId, item: NEWEST }, current.stored.version);
  }

  async deleteOlder(older: readonly DatasetRecord[]): Promise<void> {
    await this.datasets.deleteMany(older.map(({ datasetId, version }) => ({ datasetId, item: versionKey(version) })));
  }

  /** Newest dataset first. */
  async list(request: PageRequest): Promise<Page<StoredDataset>> {
    const page = await this.datasets.query({ index: 'listed', partition: LISTED, descending: true, ...request });
    return { items: page.items.map(readStored), cursor: page.cursor };
  }

  /** Versions of any dataset with these rows; at most twenty. */
  async listByContent(contentHash: string): Promise<DatasetRecord[]> {
    const { items } = await this.datasets.query({ index: 'content', partition: contentHash, limit: 20 });
    return items.map(readRecord);
  }

  async putAssets(record: DatasetRecord, assets: readonly AssetRecord[]): Promise<void> {
    await this.assets.putMany(assets.map((asset) => assetItem(record, asset)));
  }

  /** By id. */
  async listAssets(generation: string): Promise<AssetRecord[]> {
    const assets: AssetRecord[] = [];
    for await (const item of this.assets.queryAll({ partition: generation })) assets.push(readAsset(item));
    return assets;
  }

  /** Those that exist, in no particular order. */
  async findAssets(generation: string, ids: readonly string[]): Promise<AssetRecord[]> {
    const found = await this.assets.findMany(ids.map((asset) => ({ generation, asset })));
    return found.map(readAsset);
  }

  async deleteAssets(generation: string): Promise<void> {
    const assets = await this.listAssets(generation);
    await this.assets.deleteMany(assets.map(({ id }) => ({ generation, asset: id })));
  }
}

/** Sorts by number: ten digits. */
function versionKey(version: number): string {
  return `v${String(version).padStart(10, '0')}`;
}

function newestItem({ version, ...facts }: DatasetRecord): DatasetItem {
  return { ...facts, item: NEWEST, listed: LISTED, datasetVersion: version };
}

function readRecord({
  item: _item,
  listed: _listed,
  version: _writes,
  datasetVersion,
  ...facts
}: Stored<DatasetItem>): DatasetRecord {
  return { ...facts, version: datasetVersion };
}

function readStored(stored: Stored<DatasetItem>): StoredDataset {
  return { ...readRecord(stored), stored };
}

function assetItem({ generation, datasetId, version }: DatasetRecord, asset: AssetRecord): AssetItem {
  return {
    generation,
    asset: asset.id,
    datasetId,
    datasetVersion: version,
    assetClass: asset.assetClass ?? undefined,
    description: asset.description ?? undefined,
    startDate: new Date(asset.start).toISOString(),
    endDate: new Date(asset.end).toISOString(),
    start: asset.start,
    end: asset.end,
    rows: asset.rows,
    missingRows: asset.missingRows ?? undefined,
    columns: asset.columns,
    manifestHash: asset.manifestHash,
    manifestChunks: asset.manifestChunks,
    summaryChunks: asset.summaryChunks,
  };
}

function readAsset(item: AssetItem): AssetRecord {
  return {
    id: item.asset,
    assetClass: item.assetClass ?? null,
    description: item.description ?? null,
    columns: item.columns,
    rows: item.rows,
    missingRows: item.missingRows ?? null,
    start: item.start,
    end: item.end,
    manifestHash: item.manifestHash,
    manifestChunks: item.manifestChunks,
    summaryChunks: item.summaryChunks,
  };
}
