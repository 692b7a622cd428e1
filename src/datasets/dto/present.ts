import type { Page } from '../../common/page.js';
import type { ImportResult } from '../import-result.js';
import type { DatasetRecord, DescribedAsset, StoredReading } from '../dataset.js';
import type { AssetPreview, DescribedVersion, PreviewRow } from '../datasets.service.js';
import type {
  AssetPreviewDto,
  DatasetAssetDto,
  DatasetDto,
  DatasetPageDto,
  DatasetVersionDto,
  FileReadingDto,
  ImportResultDto,
  PreviewDto,
  PreviewRowDto,
} from './dataset.dto.js';

export function presentDataset(record: DatasetRecord): DatasetDto {
  return {
    datasetId: record.datasetId,
    name: record.name,
    description: record.description,
    newestVersion: record.version,
    contentHash: record.contentHash,
    assets: record.assetCount,
    rows: record.rows,
    start: isoTime(record.start),
    end: isoTime(record.end),
    createdAt: record.createdAt,
    updatedAt: record.versionCreatedAt,
  };
}

export function presentPage({ items, cursor }: Page<DatasetRecord>): DatasetPageDto {
  return { items: items.map(presentDataset), cursor };
}

export function presentVersion({ record, assets }: DescribedVersion): DatasetVersionDto {
  return {
    datasetId: record.datasetId,
    name: record.name,
    version: record.version,
    contentHash: record.contentHash,
    rows: record.rows,
    createdAt: record.versionCreatedAt,
    createdBy: record.createdBy,
    reading: presentReading(record.reading),
    assets: assets.map(presentAsset),
  };
}

export function presentImport({ record, dataset, reading, assets, sameContent }: ImportResult): ImportResultDto {
  return {
    datasetId: dataset?.datasetId ?? null,
    name: record.name,
    version: dataset === null ? null : record.version,
    contentHash: record.contentHash,
    dryRun: dataset === null,
    reading: presentReading(reading),
    files: reading.files.map(({ file, format, rows }) => ({ file, format, rows })),
    sameContent: sameContent.map(({ datasetId, name, version }) => ({ datasetId, name, version })),
    assets: assets.map(presentAsset),
  };
}

function presentReading({ format, delimiter, time, assetColumn, rows, duplicates }: StoredReading): FileReadingDto {
  return {
    layout: assetColumn === null ? 'wide' : 'long',
    format: format ?? 'csv',
    delimiter,
    time,
    assetColumn,
    rows,
    duplicates: duplicates ?? { policy: 'refuse', rows: 0 },
  };
}

export function presentPreview(datasetId: string, version: number, assets: readonly AssetPreview[]): PreviewDto {
  return { datasetId, version, assets: assets.map(presentAssetPreview) };
}

function presentAsset(asset: DescribedAsset): DatasetAssetDto {
  return {
    asset: asset.id,
    assetClass: asset.assetClass,
    description: asset.description,
    rows: asset.rows,
    start: isoTime(asset.start),
    end: isoTime(asset.end),
    axis: asset.summary.axis,
    columns: [...asset.summary.columns],
  };
}

function presentAssetPreview({ asset, first, last }: AssetPreview): AssetPreviewDto {
  return {
    asset: asset.id,
    columns: [...asset.columns],
    rows: asset.rows,
    first: first.map(presentRow),
    last: last.map(presentRow),
  };
}

function presentRow({ time, values }: PreviewRow): PreviewRowDto {
  return { time: isoTime(time), values: values.map((value) => (Number.isNaN(value) ? null : value)) };
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
