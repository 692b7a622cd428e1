import { createHash, type Hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError } from '../common/errors/index.js';
import { validationFailed } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import { ChunksRepository } from './chunks.repository.js';
import type { DatasetRecord, DescribedAsset } from './dataset.js';
import { DatasetsRepository } from './datasets.repository.js';
import { DatasetsService } from './datasets.service.js';
import { ImportOptionsDto } from './dto/import-options.dto.js';
import { readOptions, readingOptionsOf } from './dto/read-options.js';
import { assertNotesFit, describeAssets, rangeOf, storedReading } from './import-description.js';
import type { ImportResult } from './import-result.js';
import { ImportRuns } from './import-runs.js';
import { ImportSlots } from './import-slots.js';
import type { ImportWorker } from './import-worker/import-worker.js';
import type { ParsedFile } from './import-worker/protocol.js';
import { ImportsRepository } from './imports.repository.js';
import type { ReadingOptions } from './rows/reading.js';
import { contentHash } from './storage/manifest.js';
import type { Upload } from './upload/upload.js';
import type { UploadedFile } from './upload/uploaded-file.js';

export interface ImportRequestFacts {
  readonly idempotencyKey: string | undefined;
  readonly actor: string;
}

/** What is to be stored: the files as read, and the dataset that they make. */
interface Import {
  readonly file: ParsedFile;
  readonly options: ImportOptionsDto;
  readonly reading: ReadingOptions;
  readonly actor: string;
}

/**
 * Files are parsed to their end before anything is written; chunks and assets are written under a fresh generation,
 * journalled; the dataset's `newest` item comes last and makes all of it visible at once.
 */
@Injectable()
export class DatasetImportService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly service: DatasetsService,
    private readonly datasets: DatasetsRepository,
    private readonly chunks: ChunksRepository,
    private readonly imports: ImportsRepository,
    private readonly slots: ImportSlots,
    private readonly runs: ImportRuns,
  ) {}

  async create(upload: Upload, { idempotencyKey, actor }: ImportRequestFacts): Promise<ImportResult> {
    const options = await readOptions(ImportOptionsDto, upload.options);
    const key = idempotencyKey === undefined ? null : keyHash(idempotencyKey);
    const reading = readingOptionsOf(options);
    return this.slots.run(() =>
      this.runs.withWorker(reading, options.format ?? null, async (worker) => {
        const digest = createHash('sha256').update(JSON.stringify(upload.options));
        const file = await worker.parse(key === null ? upload.files : digested(upload.files, digest));
        assertAssetNamed(options, file);
        assertNotesFit(options, new Set(file.assets.map(({ id }) => id)));
        const fingerprint = digest.digest('hex');
        if (key !== null) {
          const replay = await this.replay(key, fingerprint, file);
          if (replay !== null) return replay;
        }
        const tie = key === null ? null : { key, fingerprint };
        return this.store(worker, { file, options, reading, actor }, tie);
      }),
    );
  }

  private async store(
    worker: ImportWorker,
    work: Import,
    tie: { readonly key: string; readonly fingerprint: string } | null,
  ): Promise<ImportResult> {
    const { options, file } = work;
    const datasetId = newId('dst');
    const result = { reading: file.reading, replayed: false };
    if (options.dryRun === true) {
      const assets = describeAssets(await worker.encode([], async () => undefined), options, new Map());
      const record = this.firstRecord(work, datasetId, '', assets);
      const sameContent = await this.datasets.listByContent(record.contentHash);
      return { ...result, record, dataset: null, assets, sameContent };
    }
    const pending = { datasetId, generation: newId('gen') };
    return this.runs.settling(pending, async () => {
      if (tie !== null) {
        await this.imports.tieKey(tie.key, tie.fingerprint, pending, async (id) => {
          return (await this.datasets.findNewest(id)) !== null;
        });
      }
      const writer = this.chunks.openWriter(datasetId, pending.generation);
      const encoded = await worker.encode([], (chunk) => writer.write(chunk));
      const assets = describeAssets(encoded, options, new Map());
      const record = this.firstRecord(work, datasetId, pending.generation, assets);
      const sameContent = await this.datasets.listByContent(record.contentHash);
      await this.datasets.putAssets(record, assets);
      const dataset = await this.datasets.create(record);
      return { ...result, record, dataset, assets, sameContent };
    });
  }

  private firstRecord(
    { file, options, reading, actor }: Import,
    datasetId: string,
    generation: string,
    assets: readonly DescribedAsset[],
  ): DatasetRecord {
    const now = isoTime(this.clock);
    const { layout, columnsAs, assetPerFile, rows } = file.reading;
    // What was detected holds for the rows that are appended.
    const assetColumn = reading.layout === null ? file.reading.assetColumn : reading.assetColumn;
    return {
      datasetId,
      name: options.name,
      description: options.description ?? '',
      version: 1,
      generation,
      contentHash: contentHash(assets),
      assetCount: assets.length,
      rows,
      ...rangeOf(assets),
      options: { ...reading, layout, assetColumn, columnsAs, assetPerFile },
      reading: storedReading(file.reading),
      createdAt: now,
      versionCreatedAt: now,
      createdBy: actor,
    };
  }

  /** The dataset that the key has created; null when it has created none that still exists. */
  private async replay(key: string, fingerprint: string, file: ParsedFile): Promise<ImportResult | null> {
    const tie = await this.imports.findKey(key);
    const dataset = tie === null ? null : await this.datasets.findNewest(tie.datasetId);
    if (tie === null || dataset === null) return null;
    if (tie.fingerprint !== fingerprint) {
      throw new TrainyardError(
        'IDEMPOTENCY_KEY_REUSED',
        `this Idempotency-Key has created dataset ${tie.datasetId} from other options or data: use a fresh key`,
        { datasetId: tie.datasetId },
      );
    }
    const { record, assets } = await this.service.describeVersion(tie.datasetId, 1);
    return { record, dataset, reading: file.reading, assets, sameContent: [], replayed: true };
  }
}

/** One name for the assets of several files would silently be that of none. */
function assertAssetNamed({ asset }: ImportOptionsDto, { reading }: ParsedFile): void {
  if (asset === undefined || !reading.assetPerFile) return;
  throw validationFailed([
    {
      path: 'asset',
      value: asset,
      message: 'names one asset, and each file is an asset of its own name: leave it out',
    },
  ]);
}

function keyHash(key: string): string {
  if (key.length === 0 || key.length > 255) {
    throw new TrainyardError('VALIDATION_FAILED', `Idempotency-Key has ${key.length} characters: send 1 to 255`, {
      errors: [{ path: 'Idempotency-Key', value: key.slice(0, 300), message: 'must have 1 to 255 characters' }],
    });
  }
  return createHash('sha256').update(key).digest('hex');
}

/** Names and bytes of all files go into the digest. */
async function* digested(files: AsyncIterable<UploadedFile>, digest: Hash): AsyncGenerator<UploadedFile> {
  for await (const file of files) {
    if (file.name !== null) digest.update(JSON.stringify(file.name));
    yield { ...file, body: digestedBytes(file.body, digest) };
  }
}

async function* digestedBytes(body: AsyncIterable<Uint8Array>, digest: Hash): AsyncGenerator<Uint8Array> {
  for await (const part of body) {
    digest.update(part);
    yield part;
  }
}
