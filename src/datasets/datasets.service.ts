import { Injectable, Logger } from '@nestjs/common';
import { TrainyardError } from '../common/errors/index.js';
import { assertIfMatch } from '../common/http/index.js';
import type { Page, PageRequest } from '../common/page.js';
import type { TableBlocks } from '../common/tables/index.js';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import type { GapThresholds } from '../ml/gaps/gap-table.js';
import { DatasetCleaner } from './dataset-cleaner.js';
import { DatasetContent } from './dataset-content.js';
import type { AssetRecord, DatasetRecord, DatasetVersion, DescribedAsset } from './dataset.js';
import { DatasetsRepository, type StoredDataset } from './datasets.repository.js';
import { longBlocks, wideBlocks } from './export/export-blocks.js';
import { ExclusiveWork } from './exclusive-work.js';
import { gapTables, type AssetGaps } from './gap-tables.js';
import { ImportsRepository } from './imports.repository.js';

/** Ids of what uses the dataset; while there are any, it cannot be deleted. */
export type DatasetUsageCheck = (datasetId: string) => Promise<string[]>;

/** Called after a dataset is gone; a failure is logged and does not bring it back. */
export type DatasetDeletionListener = (datasetId: string) => Promise<void>;

/** Called after a dataset has a new version; a failure is logged and does not take it back. */
export type DatasetGrowthListener = (datasetId: string, version: number) => Promise<void>;

export interface DescribedVersion {
  readonly record: DatasetRecord;
  readonly assets: readonly DescribedAsset[];
}

/** First and last rows of one asset. */
export interface AssetPreview {
  readonly asset: AssetRecord;
  readonly first: readonly PreviewRow[];
  readonly last: readonly PreviewRow[];
}

export interface PreviewRow {
  /** Milliseconds UTC. */
  readonly time: number;
  /** In the order of the asset's columns; NaN = missing. */
  readonly values: readonly number[];
}

const USERS_NAMED = 5;

/** Datasets as other rooms and the HTTP routes read and delete them; importing is `DatasetImportService`'s. */
@Injectable()
export class DatasetsService {
  private readonly logger = new Logger('Datasets');
  private readonly usageChecks = new Map<string, DatasetUsageCheck>();
  private readonly deletionListeners: DatasetDeletionListener[] = [];
  private readonly growthListeners: DatasetGrowthListener[] = [];

  constructor(
    private readonly datasets: DatasetsRepository,
    private readonly content: DatasetContent,
    private readonly imports: ImportsRepository,
    private readonly cleaner: DatasetCleaner,
    private readonly exclusive: ExclusiveWork,
  ) {}

  /** `kind` names the users in messages, for example `executions`. A room registers once, at start. */
  registerUsageCheck(kind: string, check: DatasetUsageCheck): void {
    this.usageChecks.set(kind, check);
  }

  /** For rooms that keep what was derived from a dataset. A room registers once, at start. */
  onDeleted(listener: DatasetDeletionListener): void {
    this.deletionListeners.push(listener);
  }

  /** For rooms that follow new rows: in this process, and not awaited. A room registers once, at start. */
  onGrown(listener: DatasetGrowthListener): void {
    this.growthListeners.push(listener);
  }

  /** Whoever made a new version visible says so. */
  tellGrown(datasetId: string, version: number): void {
    for (const listener of this.growthListeners) {
      listener(datasetId, version).catch((error: unknown) =>
        this.logger.warn(`what follows ${datasetId} could not read version ${version}: ${String(error)}`),
      );
    }
  }

  /** A version with its assets; null = the newest. `DATASET_NOT_FOUND`. */
  async getVersion(datasetId: string, version: number | null): Promise<DatasetVersion> {
    const record = await this.getRecord(datasetId, version);
    const assets = await this.datasets.listAssets(record.generation);
    return {
      datasetId,
      name: record.name,
      version: record.version,
      contentHash: record.contentHash,
      assets: assets.map(({ id, assetClass, columns, rows, start, end }) => ({
        id,
        assetClass,
        columns,
        rows,
        start,
        end,
      })),
      createdAt: record.versionCreatedAt,
    };
  }

  /** The rows of these assets, in their order, verified, in buffers of their own. `ASSET_UNKNOWN`. */
  async loadFrames(datasetId: string, version: number, assetIds: readonly string[]): Promise<AssetFrame[]> {
    const record = await this.getRecord(datasetId, version);
    return this.content.readFrames(datasetId, await this.getAssets(record, assetIds));
  }

  async list(page: PageRequest): Promise<Page<StoredDataset>> {
    return this.datasets.list(page);
  }

  /** The newest version, without its assets. `DATASET_NOT_FOUND`. */
  async getNewest(datasetId: string): Promise<StoredDataset> {
    const newest = await this.datasets.findNewest(datasetId);
    if (newest === null) throw notFound(datasetId, null, null);
    return newest;
  }

  async describeVersion(datasetId: string, version: number): Promise<DescribedVersion> {
    const record = await this.getRecord(datasetId, version);
    const assets = await this.datasets.listAssets(record.generation);
    return { record, assets: await this.content.readSummaries(datasetId, assets) };
  }

  /** The first and last `rows` rows of some assets; without ids, of the first five. */
  async preview(
    datasetId: string,
    version: number,
    assetIds: readonly string[] | null,
    rows: number,
  ): Promise<AssetPreview[]> {
    const record = await this.getRecord(datasetId, version);
    const assets =
      assetIds === null
        ? (await this.datasets.listAssets(record.generation)).slice(0, 5)
        : await this.getAssets(record, assetIds);
    const manifested = await this.content.readManifests(datasetId, assets);
    return Promise.all(
      manifested.map(async ({ asset, manifest }) => {
        const read = async (start: number, end: number): Promise<PreviewRow[]> => {
          const { times, columns } = await this.content.readRows(datasetId, manifest, start, end);
          return Array.from(times, (time, at) => ({ time, values: columns.map((column) => column[at] ?? NaN) }));
        };
        const firstEnd = Math.min(rows, manifest.rows);
        const lastStart = Math.max(0, manifest.rows - rows);
        return { asset, first: await read(0, firstEnd), last: await read(lastStart, manifest.rows) };
      }),
    );
  }

  /** The rows of some assets, or of all, as a table that is read as it is taken. `ASSET_UNKNOWN`. */
  async exportTable(
    datasetId: string,
    version: number,
    assetIds: readonly string[] | null,
    layout: 'long' | 'wide',
  ): Promise<{ readonly name: string; readonly blocks: TableBlocks }> {
    const record = await this.getRecord(datasetId, version);
    const assets =
      assetIds === null
        ? await this.datasets.listAssets(record.generation)
        : await this.getAssets(record, [...new Set(assetIds)]);
    const manifested = await this.content.readManifests(datasetId, assets);
    const blocks = layout === 'long' ? longBlocks : wideBlocks;
    return { name: `${record.name}-v${record.version}`, blocks: blocks(this.content, datasetId, manifested) };
  }

  /** Gap tables of some assets; without ids, of the first twenty. `COLUMN_UNKNOWN`. */
  async gaps(
    datasetId: string,
    version: number,
    assetIds: readonly string[] | null,
    column: string | null,
    thresholds: GapThresholds,
  ): Promise<AssetGaps[]> {
    const record = await this.getRecord(datasetId, version);
    const assets =
      assetIds === null
        ? (await this.datasets.listAssets(record.generation)).slice(0, 20)
        : await this.getAssets(record, assetIds);
    return gapTables(await this.content.readFrames(datasetId, assets), column, thresholds);
  }

  /** With all versions. `DATASET_IN_USE` names the users; `PRECONDITION_FAILED` by `ifMatch`. */
  async delete(datasetId: string, ifMatch: string | undefined): Promise<void> {
    await this.exclusive.run(datasetId, async () => {
      const newest = await this.getNewest(datasetId);
      assertIfMatch(ifMatch, newest.stored.version);
      await this.assertUnused(newest);
      const work = { datasetId, generation: newest.generation };
      await this.imports.journal(work, async () => {
        await this.datasets.deleteNewest(newest);
        await this.cleaner.settle(work);
      });
    });
    await this.tellDeleted(datasetId);
  }

  private async tellDeleted(datasetId: string): Promise<void> {
    for (const listener of this.deletionListeners) {
      try {
        await listener(datasetId);
      } catch (error) {
        this.logger.warn(`what was derived from ${datasetId} could not be removed: ${(error as Error).message}`);
      }
    }
  }

  private async assertUnused({ datasetId, name }: DatasetRecord): Promise<void> {
    const users: Record<string, string[]> = {};
    for (const [kind, check] of this.usageChecks) {
      const ids = await check(datasetId);
      if (ids.length > 0) users[kind] = ids;
    }
    const kinds = Object.entries(users);
    if (kinds.length === 0) return;
    const named = kinds.map(([kind, ids]) => {
      const more = ids.length > USERS_NAMED ? ` and ${ids.length - USERS_NAMED} more` : '';
      return `${kind} ${ids.slice(0, USERS_NAMED).join(', ')}${more}`;
    });
    throw new TrainyardError(
      'DATASET_IN_USE',
      `dataset "${name}" (${datasetId}) is used by ${named.join('; ')}: delete those first`,
      { datasetId, users },
    );
  }

  private async getRecord(datasetId: string, version: number | null): Promise<DatasetRecord> {
    const newest = await this.getNewest(datasetId);
    if (version === null || version === newest.version) return newest;
    const older = version < newest.version ? await this.datasets.findOlder(datasetId, version) : null;
    if (older === null) throw notFound(datasetId, version, newest.version);
    return older;
  }

  private async getAssets(record: DatasetRecord, ids: readonly string[]): Promise<AssetRecord[]> {
    const found = await this.datasets.findAssets(record.generation, ids);
    const byId = new Map(found.map((asset) => [asset.id, asset]));
    const assets: AssetRecord[] = [];
    for (const id of ids) {
      const asset = byId.get(id);
      if (asset === undefined) throw await this.assetUnknown(record, id);
      assets.push(asset);
    }
    return assets;
  }

  private async assetUnknown(record: DatasetRecord, id: string): Promise<TrainyardError> {
    const known = (await this.datasets.listAssets(record.generation)).map((asset) => asset.id);
    const more = known.length > 10 ? ` and ${known.length - 10} more` : '';
    return new TrainyardError(
      'ASSET_UNKNOWN',
      `dataset "${record.name}" version ${record.version} has no asset "${id}"; it has ${known.slice(0, 10).join(', ')}${more}`,
      { asset: id, datasetId: record.datasetId, version: record.version },
    );
  }
}

function notFound(datasetId: string, version: number | null, newest: number | null): TrainyardError {
  const message =
    version === null
      ? `there is no dataset ${datasetId}: GET /api/v1/datasets lists those there are`
      : `dataset ${datasetId} has no version ${version}; its newest is ${newest}`;
  return new TrainyardError('DATASET_NOT_FOUND', message, { datasetId, version, newest });
}
