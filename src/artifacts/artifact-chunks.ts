import { inParallel } from '../common/in-parallel.js';
import type { Table } from '../database/index.js';
import type { ArtifactChunk } from './artifact.entity.js';

/** Divisible by three, so that base64 has no padding: 360,000 characters, well below the item limit of 400 KB. */
export const CHUNK_BYTES = 270_000;
const AT_ONCE = 4;

export function chunkCount(bytes: number): number {
  return Math.ceil(bytes / CHUNK_BYTES);
}

export async function writeChunks(table: Table<ArtifactChunk>, generation: string, content: Uint8Array): Promise<void> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  await inParallel(indexes(chunkCount(bytes.length)), AT_ONCE, async (index) => {
    const data = bytes.toString('base64', index * CHUNK_BYTES, Math.min((index + 1) * CHUNK_BYTES, bytes.length));
    await table.putMany([{ generation, index, data }]);
  });
}

/** The content, or null when a chunk is missing. */
export async function readChunks(
  table: Table<ArtifactChunk>,
  generation: string,
  chunks: number,
): Promise<Buffer | null> {
  const parts = new Map<number, Buffer>();
  await inParallel(indexes(chunks), AT_ONCE, async (index) => {
    const [chunk] = await table.findMany([{ generation, index }]);
    if (chunk !== undefined) parts.set(index, Buffer.from(chunk.data, 'base64'));
  });
  const found = indexes(chunks).flatMap((index) => parts.get(index) ?? []);
  return found.length === chunks ? Buffer.concat(found) : null;
}

export async function deleteChunks(table: Table<ArtifactChunk>, generation: string, chunks: number): Promise<void> {
  await table.deleteMany(indexes(chunks).map((index) => ({ generation, index })));
}

/** How many there are; it reads them, so this is for the sweep. */
export async function countChunks(table: Table<ArtifactChunk>, generation: string, chunks: number): Promise<number> {
  let count = 0;
  await inParallel(indexes(chunks), AT_ONCE, async (index) => {
    const found = await table.findMany([{ generation, index }]);
    count += found.length;
  });
  return count;
}

function indexes(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
