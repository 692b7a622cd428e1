import { sha256 } from './chunk.js';

/**
 * Which chunks hold the rows of one asset: chunk i of each list has rows [i·chunkRows, (i+1)·chunkRows). Full chunks of a
 * version are those of the next one, because appending only adds rows behind them.
 */
export interface AssetManifest {
  readonly format: 1;
  readonly rows: number;
  readonly chunkRows: number;
  readonly times: readonly string[];
  readonly columns: readonly { readonly name: string; readonly chunks: readonly string[] }[];
}

/** Canonical: the same rows and columns give the same text. */
export function writeManifest({ rows, chunkRows, times, columns }: AssetManifest): string {
  return JSON.stringify({
    format: 1,
    rows,
    chunkRows,
    times,
    columns: columns.map(({ name, chunks }) => ({ name, chunks })),
  });
}

/**
 * The content hash of a dataset version: SHA-256 over its assets by id, each with the SHA-256 of its manifest, which
 * holds the SHA-256 of each chunk of little-endian times and values. Names, classes and descriptions are no content.
 */
export function contentHash(assets: readonly { readonly id: string; readonly manifestHash: string }[]): string {
  const lines = assets
    .map(({ id, manifestHash }) => [id, manifestHash] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sha256(JSON.stringify({ format: 1, assets: lines }));
}
