import fc from 'fast-check';
import { CHUNK_NUMBERS, decodeBytes, decodeNumbers, encodeBytes, encodeNumbers } from '#src/datasets/storage/chunk.js';
import {
  encodeAsset,
  type BaseAsset,
  type EncodedAsset,
  type EncodedAxes,
} from '#src/datasets/storage/encode-asset.js';
import { contentHash, type AssetManifest } from '#src/datasets/storage/manifest.js';
import type { Chunk } from '#src/datasets/storage/chunk.js';
import type { ParsedAsset } from '#src/datasets/rows/reading.js';

function encode(asset: ParsedAsset, base: BaseAsset | null = null): { encoded: EncodedAsset; chunks: Chunk[] } {
  const chunks: Chunk[] = [];
  const steps = encodeAsset(asset, base);
  for (;;) {
    const next = steps.next();
    if (next.done) return { encoded: next.value, chunks };
    chunks.push(next.value);
  }
}

function manifestOf({ encoded, chunks }: ReturnType<typeof encode>): AssetManifest {
  const parts = encoded.manifestChunks.map((hash) => chunks.find((chunk) => chunk.hash === hash)!.bytes);
  return JSON.parse(Buffer.concat(parts).toString()) as AssetManifest;
}

function series(rows: number, from = 0): ParsedAsset {
  return {
    id: 'A',
    names: ['x', 'y'],
    times: Float64Array.from({ length: rows }, (_, row) => (from + row) * 60_000),
    columns: [
      Float64Array.from({ length: rows }, (_, row) => Math.sin(from + row)),
      Float64Array.from({ length: rows }, (_, row) => ((from + row) % 7 === 0 ? NaN : from + row)),
    ],
  };
}

describe('chunks', () => {
  it('come back bit by bit, in either form, under the same hash', () => {
    fc.assert(
      fc.property(fc.float64Array({ minLength: 1, maxLength: 300 }), (values) => {
        const [plain, shuffled] = [encodeNumbers(values, 'plain'), encodeNumbers(values, 'shuffled')];
        expect(shuffled.hash).toBe(plain.hash);
        for (const chunk of [plain, shuffled]) {
          const bytes = new Uint8Array(decodeNumbers(chunk)!.buffer);
          expect(Buffer.compare(bytes, new Uint8Array(values.slice().buffer))).toBe(0);
        }
      }),
    );
  });

  it('have the SHA-256 of little-endian doubles', () => {
    // printf '\x00\x00\x00\x00\x00\x00\xf0\x3f' | sha256sum
    expect(encodeNumbers(Float64Array.of(1), 'plain').hash).toBe(
      '6c3c396ed6b5c36dcae172271f462051b1266b851e92df3deea8ac65478fd712',
    );
  });

  it.each(['plain', 'shuffled'] as const)('are refused when a byte of the %s form has changed', (form) => {
    const chunk = encodeNumbers(
      Float64Array.from({ length: 100 }, (_, at) => at * 60_000),
      form,
    );
    const bytes = chunk.bytes.slice();
    bytes[20]! ^= 1;
    expect(decodeNumbers({ ...chunk, bytes })).toBeNull();
    expect(decodeNumbers({ ...chunk, bytes: chunk.bytes.slice(0, -8) })).toBeNull();
  });

  it('split long documents', () => {
    const content = Buffer.alloc(500_000, 'abc');
    const chunks = encodeBytes(content);
    expect(chunks.map(({ bytes }) => bytes.length)).toEqual([196_608, 196_608, 106_784]);
    expect(Buffer.concat(chunks.map((chunk) => decodeBytes(chunk)!)).equals(content)).toBe(true);
  });
});

describe('encoding an asset', () => {
  const rows = CHUNK_NUMBERS + 1000;
  const added = 2000;

  it('gives the same content whether rows come at once or are appended, and keeps full chunks', () => {
    const first = encode(series(rows));
    const manifest = manifestOf(first);
    const appended = encode(
      { ...series(added, rows), names: ['y', 'x'], columns: [...series(added, rows).columns].reverse() },
      { asset: series(rows), manifest },
    );
    const whole = encode(series(rows + added));
    expect(appended.encoded).toEqual(whole.encoded);
    expect(manifestOf(appended).times[0]).toBe(manifest.times[0]);
    // Tails of times, x and y, the manifest and the summary: what is full is not written again.
    expect(appended.chunks).toHaveLength(5);
    expect(contentHash([appended.encoded])).toBe(contentHash([whole.encoded]));
  });

  it('hashes content only, whatever the order of the assets', () => {
    const [a, b] = [
      { id: 'a', manifestHash: '1' },
      { id: 'b', manifestHash: '2' },
    ];
    expect(contentHash([b, a])).toBe(contentHash([a, b]));
    expect(
      contentHash([
        { id: 'a', manifestHash: '2' },
        { id: 'b', manifestHash: '1' },
      ]),
    ).not.toBe(contentHash([a, b]));
    const other = series(10);
    other.columns[0]![9]! += 1e-9;
    expect(encode(other).encoded.manifestHash).not.toBe(encode(series(10)).encoded.manifestHash);
  });

  it('encodes an axis that assets share once', () => {
    const axes: EncodedAxes = new Map();
    const { times, columns } = series(10);
    const chunksOf = (id: string) => [
      ...encodeAsset({ id, names: ['value'], times, columns: columns.slice(1) }, null, axes),
    ];
    expect(chunksOf('A')).toHaveLength(4);
    expect(chunksOf('B')).toHaveLength(3);
  });

  it('summarises all rows', () => {
    const { encoded } = encode(series(15));
    expect(encoded).toMatchObject({ id: 'A', rows: 15, start: 0, end: 14 * 60_000 });
    expect(encoded.summary.columns[1]).toMatchObject({ name: 'y', count: 12, missing: 3, min: 1, max: 13 });
  });
});
