import { Injectable } from '@nestjs/common';
import { TrainyardError } from '../common/errors/index.js';
import { InjectTable, type Table } from '../database/index.js';
import { CHUNK_TABLE, type ChunkItem } from './dataset.entity.js';
import type { Chunk } from './storage/chunk.js';

/** A chunk to read, about how many bytes it has, and who takes it. `take` is false for bytes that fail their hash. */
export interface ChunkRequest {
  readonly hash: string;
  readonly bytes: number;
  take(chunk: Chunk): boolean;
}

/** Base64 characters per request, one full chunk: the event loop is held for the milliseconds that signing that takes. */
const REQUEST_CHARACTERS = 300_000;
const WRITE_BATCH = 25;
const READ_BATCH = 100;
const REQUESTS_AT_ONCE = 4;
const DELETE_PAGE = 8;

/** The chunks of datasets: reading verifies, writing batches what is small and limits what is on its way. */
@Injectable()
export class ChunksRepository {
  constructor(@InjectTable(CHUNK_TABLE) private readonly table: Table<ChunkItem>) {}

  /** A writer for one import. */
  openWriter(datasetId: string, generation: string): ChunkWriter {
    return new ChunkWriter((chunks) =>
      this.table.putMany(
        chunks.map(({ hash, form, bytes }) => ({
          datasetId,
          hash,
          form,
          content: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
          generation,
        })),
      ),
    );
  }

  /** Reads each chunk once, however many ask for it; `ARTIFACT_CORRUPT` when one is missing or changed. */
  async read(datasetId: string, requests: readonly ChunkRequest[]): Promise<void> {
    const takers = new Map<string, ChunkRequest[]>();
    for (const request of requests) {
      const others = takers.get(request.hash);
      if (others === undefined) takers.set(request.hash, [request]);
      else others.push(request);
    }
    const batches = splitBatches(
      [...takers.values()].map(([first]) => first as ChunkRequest),
      READ_BATCH,
    );
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
        const items = await this.table.findMany(batch.map(({ hash }) => ({ datasetId, hash })));
        const found = new Map(items.map((item) => [item.hash, item]));
        for (const { hash } of batch) deliver(datasetId, found.get(hash), hash, takers.get(hash) ?? []);
      }
    };
    await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, lane));
  }

  /** Deletes the dataset's chunks that `unwanted` names. Page by page: keys cannot be had without their content. */
  async delete(datasetId: string, unwanted: (item: ChunkItem) => boolean): Promise<void> {
    let cursor: string | null = null;
    do {
      const page = await this.table.query({ partition: datasetId, limit: DELETE_PAGE, cursor });
      const keys = page.items.filter(unwanted).map(({ hash }) => ({ datasetId, hash }));
      await this.table.deleteMany(keys);
      cursor = page.cursor;
    } while (cursor !== null);
  }
}

function deliver(datasetId: string, item: ChunkItem | undefined, hash: string, takers: readonly ChunkRequest[]): void {
  const bytes = item === undefined ? null : new Uint8Array(Buffer.from(item.content, 'base64'));
  for (const taker of takers) {
    if (item !== undefined && bytes !== null && taker.take({ hash, form: item.form, bytes })) continue;
    const what = item === undefined ? 'is missing' : 'does not have the bytes its hash names';
    throw new TrainyardError(
      'ARTIFACT_CORRUPT',
      `chunk ${hash} of dataset ${datasetId} ${what}: restore the database from a copy, or import the data again`,
      { datasetId, hash },
    );
  }
}

interface QueuedChunk {
  readonly chunk: Chunk;
  readonly bytes: number;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Writes chunks in the batches that have gathered while earlier ones were on their way. */
export class ChunkWriter {
  private readonly queue: QueuedChunk[] = [];
  private writing = 0;

  constructor(private readonly put: (chunks: readonly Chunk[]) => Promise<void>) {}

  write(chunk: Chunk): Promise<void> {
    return new Promise((done, failed) => {
      this.queue.push({ chunk, bytes: chunk.bytes.length, done, failed });
      // After the messages that have arrived together, so that small chunks share a request.
      setImmediate(() => this.pump());
    });
  }

  private pump(): void {
    while (this.writing < REQUESTS_AT_ONCE && this.queue.length > 0) {
      const [batch = []] = splitBatches(this.queue, WRITE_BATCH);
      this.queue.splice(0, batch.length);
      this.writing++;
      this.put(batch.map(({ chunk }) => chunk))
        .then(
          () => batch.forEach(({ done }) => done()),
          (error: unknown) => batch.forEach(({ failed }) => failed(error)),
        )
        .finally(() => {
          this.writing--;
          this.pump();
        });
    }
  }
}

function splitBatches<T extends { readonly bytes: number }>(items: readonly T[], count: number): T[][] {
  const batches: T[][] = [];
  let characters = 0;
  for (const item of items) {
    const size = (item.bytes * 4) / 3;
    const last = batches.at(-1);
    if (last === undefined || last.length === count || characters + size > REQUEST_CHARACTERS) {
      batches.push([item]);
      characters = size;
    } else {
      last.push(item);
      characters += size;
    }
  }
  return batches;
}
