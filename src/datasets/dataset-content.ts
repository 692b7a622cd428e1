import { Injectable } from '@nestjs/common';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import { ChunksRepository, type ChunkRequest } from './chunks.repository.js';
import type { AssetRecord, DescribedAsset } from './dataset.js';
import { CHUNK_BYTES, decodeBytes, decodeNumbers } from './storage/chunk.js';
import type { AssetSummary } from './storage/encode-asset.js';
import type { AssetManifest } from './storage/manifest.js';

export interface ManifestedAsset {
  readonly asset: AssetRecord;
  readonly manifest: AssetManifest;
}

/** Rows [start, start + times.length) of an asset. */
export interface RowSlice {
  readonly times: Float64Array;
  readonly columns: readonly Float64Array[];
}

/** The rows and documents of assets out of their chunks, each verified against its hash. */
@Injectable()
export class DatasetContent {
  constructor(private readonly chunks: ChunksRepository) {}

  /** Frames in the order of `assets`, each with buffers of its own, so that it can be moved to a thread. */
  async readFrames(datasetId: string, assets: readonly AssetRecord[]): Promise<AssetFrame[]> {
    const manifested = await this.readManifests(datasetId, assets);
    return this.readManifestedFrames(datasetId, manifested);
  }

  async readManifestedFrames(datasetId: string, assets: readonly ManifestedAsset[]): Promise<AssetFrame[]> {
    const requests: ChunkRequest[] = [];
    const frames = assets.map(({ asset, manifest }) => ({
      asset: asset.id,
      assetClass: asset.assetClass,
      frame: {
        names: manifest.columns.map(({ name }) => name),
        ...requestRows(requests, manifest, 0, manifest.rows),
      },
    }));
    await this.chunks.read(datasetId, requests);
    return frames;
  }

  /** Only the chunks that hold rows [start, end) are read. */
  async readRows(datasetId: string, manifest: AssetManifest, start: number, end: number): Promise<RowSlice> {
    const requests: ChunkRequest[] = [];
    const slice = requestRows(requests, manifest, start, end);
    await this.chunks.read(datasetId, requests);
    return slice;
  }

  async readManifests(datasetId: string, assets: readonly AssetRecord[]): Promise<ManifestedAsset[]> {
    const texts = await this.readDocuments(
      datasetId,
      assets.map(({ manifestChunks }) => manifestChunks),
    );
    return assets.map((asset, at) => ({ asset, manifest: JSON.parse(texts[at] ?? '') as AssetManifest }));
  }

  async readSummaries(datasetId: string, assets: readonly AssetRecord[]): Promise<DescribedAsset[]> {
    const texts = await this.readDocuments(
      datasetId,
      assets.map(({ summaryChunks }) => summaryChunks),
    );
    return assets.map((asset, at) => ({ ...asset, summary: JSON.parse(texts[at] ?? '') as AssetSummary }));
  }

  private async readDocuments(datasetId: string, documents: readonly (readonly string[])[]): Promise<string[]> {
    const parts = documents.map((hashes) => hashes.map(() => new Uint8Array(0)));
    const requests = documents.flatMap((hashes, document) =>
      hashes.map((hash, part): ChunkRequest => ({
        hash,
        // A document of one chunk is mostly a few hundred bytes; of several, all but the last are full.
        bytes: hashes.length === 1 ? 2048 : CHUNK_BYTES,
        take: (chunk) => {
          const bytes = decodeBytes(chunk);
          const into = parts[document];
          if (bytes === null || into === undefined) return false;
          into[part] = new Uint8Array(bytes);
          return true;
        },
      })),
    );
    await this.chunks.read(datasetId, requests);
    return parts.map((document) => Buffer.concat(document).toString());
  }
}

/** Makes arrays for rows [start, end) and adds the requests that fill them. */
function requestRows(requests: ChunkRequest[], manifest: AssetManifest, start: number, end: number): RowSlice {
  const fill = (hashes: readonly string[]): Float64Array => {
    const target = new Float64Array(Math.max(0, end - start));
    for (const [at, hash] of hashes.entries()) {
      const first = at * manifest.chunkRows;
      const rows = Math.min(manifest.chunkRows, manifest.rows - first);
      if (first >= end || first + rows <= start) continue;
      requests.push({
        hash,
        bytes: rows * Float64Array.BYTES_PER_ELEMENT,
        take: (chunk) => {
          const values = decodeNumbers(chunk);
          if (values === null || values.length !== rows) return false;
          const from = Math.max(start - first, 0);
          const to = Math.min(end - first, rows);
          target.set(values.subarray(from, to), first + from - start);
          return true;
        },
      });
    }
    return target;
  };
  return { times: fill(manifest.times), columns: manifest.columns.map(({ chunks }) => fill(chunks)) };
}
