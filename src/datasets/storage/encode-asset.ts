import type { AxisSummary } from '../summary/axis-summary.js';
import { summariseAxis } from '../summary/axis-summary.js';
import { summariseColumn, type ColumnStatistics } from '../summary/column-statistics.js';
import type { ParsedAsset } from '../rows/reading.js';
import { CHUNK_NUMBERS, encodeBytes, encodeNumbers, sha256, type Chunk, type ChunkForm } from './chunk.js';
import { writeManifest, type AssetManifest } from './manifest.js';

/** Rows that an earlier version has of an asset, and where they are stored. */
export interface BaseAsset {
  readonly asset: ParsedAsset;
  readonly manifest: AssetManifest;
}

/** Everything a version records of an asset, beside its chunks. Plain data. */
export interface EncodedAsset {
  readonly id: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Milliseconds UTC of the first and the last row. */
  readonly start: number;
  readonly end: number;
  readonly manifestHash: string;
  /** Chunks that hold the manifest and the summary, both JSON. */
  readonly manifestChunks: readonly string[];
  readonly summaryChunks: readonly string[];
  readonly summary: AssetSummary;
}

export interface AssetSummary {
  readonly axis: AxisSummary;
  readonly columns: readonly ColumnStatistics[];
}

/** Axes already encoded, by identity: the assets of a wide file share one array of times. */
export type EncodedAxes = Map<Float64Array, { readonly chunks: readonly string[]; readonly axis: AxisSummary }>;

/**
 * Yields the chunks of an asset, one at a time, and returns its record. With `base`, the asset's rows come after the
 * base's and have the same columns, in any order; full chunks of the base are kept and not yielded.
 */
export function* encodeAsset(
  asset: ParsedAsset,
  base: BaseAsset | null,
  axes: EncodedAxes = new Map(),
): Generator<Chunk, EncodedAsset> {
  const times = joinRows(base?.asset.times, asset.times);
  const keptChunks = base === null ? 0 : Math.floor(base.manifest.rows / CHUNK_NUMBERS);
  let encodedAxis = axes.get(times);
  if (encodedAxis === undefined) {
    const chunks = yield* encodeColumn(times, base?.manifest.times, keptChunks, 'shuffled');
    encodedAxis = { chunks, axis: summariseAxis(times) };
    axes.set(times, encodedAxis);
  }
  const columns: AssetManifest['columns'][number][] = [];
  const statistics: ColumnStatistics[] = [];
  const names = base?.asset.names ?? asset.names;
  for (const [at, name] of names.entries()) {
    const added = asset.columns[asset.names.indexOf(name)];
    if (added === undefined) throw new Error(`the added rows of ${asset.id} lack the column ${name}`);
    const values = joinRows(base?.asset.columns[at], added);
    const kept = base?.manifest.columns[at]?.chunks;
    columns.push({ name, chunks: yield* encodeColumn(values, kept, keptChunks, 'plain') });
    statistics.push(summariseColumn(name, values));
  }
  const manifest = writeManifest({
    format: 1,
    rows: times.length,
    chunkRows: CHUNK_NUMBERS,
    times: encodedAxis.chunks,
    columns,
  });
  const summary: AssetSummary = { axis: encodedAxis.axis, columns: statistics };
  const manifestChunks = encodeBytes(Buffer.from(manifest));
  const summaryChunks = encodeBytes(Buffer.from(JSON.stringify(summary)));
  yield* manifestChunks;
  yield* summaryChunks;
  return {
    id: asset.id,
    columns: names,
    rows: times.length,
    start: times[0] ?? NaN,
    end: times[times.length - 1] ?? NaN,
    manifestHash: sha256(manifest),
    manifestChunks: manifestChunks.map(({ hash }) => hash),
    summaryChunks: summaryChunks.map(({ hash }) => hash),
    summary,
  };
}

function* encodeColumn(
  values: Float64Array,
  base: readonly string[] | undefined,
  keptChunks: number,
  form: ChunkForm,
): Generator<Chunk, string[]> {
  const hashes = base?.slice(0, keptChunks) ?? [];
  for (let start = hashes.length * CHUNK_NUMBERS; start < values.length; start += CHUNK_NUMBERS) {
    const chunk = encodeNumbers(values.subarray(start, start + CHUNK_NUMBERS), form);
    hashes.push(chunk.hash);
    yield chunk;
  }
  return hashes;
}

function joinRows(base: Float64Array | undefined, added: Float64Array): Float64Array {
  if (base === undefined) return added;
  const joined = new Float64Array(base.length + added.length);
  joined.set(base);
  joined.set(added, base.length);
  return joined;
}
