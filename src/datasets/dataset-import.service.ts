import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import { assertIfMatch } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import { assertAppends } from './append-check.js';
import { ChunksRepository } from './chunks.repository.js';
import type { CsvOptions, CsvReading } from './csv/csv-options.js';
import { DatasetCleaner } from './dataset-cleaner.js';
import { DatasetContent } from './dataset-content.js';
import type { AssetRecord, DatasetRecord, DescribedAsset } from './dataset.js';
import { DatasetsRepository, type StoredDataset } from './datasets.repository.js';
import { DatasetsService } from './datasets.service.js';
import { AppendOptionsDto, ImportOptionsDto } from './dto/import-options.dto.js';
import { appendedCsvOptions, csvOptionsOf, readOptions } from './dto/read-options.js';
import { ExclusiveWork } from './exclusive-work.js';
import { ImportSlots } from './import-slots.js';
import { ImportWorker } from './import-worker/import-worker.js';
import type { ParsedFile } from './import-worker/protocol.js';
import { ImportsRepository, type PendingWork } from './imports.repository.js';
import { contentHash } from './storage/manifest.js';
import type { BaseAsset, EncodedAsset } from './storage/encode-asset.js';
import type { Upload } from './upload/upload.js';

/** What came of an import or append. `dataset` is null after a dry run. */
export interface ImportResult {
  readonly record: DatasetRecord;
  readonly dataset: StoredDataset | null;
  readonly reading: CsvReading;
  /** The assets that the file had rows for, as they are now. */
  readonly assets: readonly DescribedAsset[];
  /** True when the idempotency key has created the dataset before, and nothing was done now. */
  readonly replayed: boolean;
}

export interface ImportRequestFacts {
  readonly idempotencyKey: string | undefined;
  readonly actor: string;
}

interface AssetNotes {
  readonly assetClass?: string;
  readonly assetClasses?: Readonly<Record<string, string>>;
  readonly assetDescriptions?: Readonly<Record<string, string>>;
}

/**
 * Imports and appends. A file is parsed to its end before anything is written; chunks and assets are written under a
 * fresh generation, journalled; the dataset's `newest` item comes last and makes all of it visible at once.
 */
@Injectable()
export class DatasetImportService {
  constructor(
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly service: DatasetsService,
    private readonly datasets: DatasetsRepository,
    private readonly chunks: ChunksRepository,
    private readonly content: DatasetContent,
    private readonly imports: ImportsRepository,
    private readonly cleaner: DatasetCleaner,
    private readonly exclusive: ExclusiveWork,
    private readonly slots: ImportSlots,
  ) {}

  async create(upload: Upload, { idempotencyKey, actor }: ImportRequestFacts): Promise<ImportResult> {
    const options = await readOptions(ImportOptionsDto, upload.options);
    const key = idempotencyKey === undefined ? null : keyHash(idempotencyKey);
    const csv = csvOptionsOf(options);
    return this.slots.run(async () => {
      const digest = createHash('sha256').update(JSON.stringify(upload.options));
      const body = key === null ? upload.body : digested(upload.body, (bytes) => digest.update(bytes));
      return this.withWorker(csv, async (worker) => {
        const file = await worker.parse(body);
        assertNotesFit(options, new Set(file.assets.map(({ id }) => id)));
        const fingerprint = digest.digest('hex');
        if (key !== null) {
          const replay = await this.replay(key, fingerprint, file);
          if (replay !== null) return replay;
        }
        const datasetId = newId('dst');
        const now = isoTime(this.clock);
        const make = (generation: string, assets: readonly DescribedAsset[]): DatasetRecord => ({
          datasetId,
          name: options.name,
          description: options.description ?? '',
          version: 1,
          generation,
          contentHash: contentHash(assets),
          assetCount: assets.length,
          rows: file.reading.rows,
          ...rangeOf(assets),
          options: csv,
          reading: storedReading(file.reading),
          createdAt: now,
          versionCreatedAt: now,
          createdBy: actor,
        });
        if (options.dryRun === true) {
          const encoded = await worker.encode([], async () => undefined);
          const assets = describe(encoded, options, new Map());
          return { record: make('', assets), dataset: null, reading: file.reading, assets, replayed: false };
        }
        const work = { datasetId, generation: newId('gen') };
        return this.settling(work, async () => {
          if (key !== null) await this.imports.tieKey(key, fingerprint, work, (id) => this.exists(id));
          const writer = this.chunks.openWriter(datasetId, work.generation);
          const encoded = await worker.encode([], (chunk) => writer.write(chunk));
          const assets = describe(encoded, options, new Map());
          const record = make(work.generation, assets);
          await this.datasets.putAssets(record, assets);
          const dataset = await this.datasets.create(record);
          return { record, dataset, reading: file.reading, assets, replayed: false };
        });
      });
    });
  }

  /** A new version whose assets go on with the rows of the file. */
  async append(datasetId: string, upload: Upload, ifMatch: string | undefined, actor: string): Promise<ImportResult> {
    const options = await readOptions(AppendOptionsDto, upload.options);
    await this.service.getNewest(datasetId);
    return this.slots.run(() =>
      this.exclusive.run(datasetId, async () => {
        const newest = await this.service.getNewest(datasetId);
        assertIfMatch(ifMatch, newest.stored.version);
        const csv = appendedCsvOptions(newest.options, newest.reading.time.format, options);
        const before = new Map((await this.datasets.listAssets(newest.generation)).map((asset) => [asset.id, asset]));
        return this.withWorker(csv, async (worker) => {
          const file = await worker.parse(upload.body);
          assertAppends(file, newest, before, options.newAssets === true);
          assertNotesFit(options, new Set(file.assets.map(({ id }) => id)));
          this.assertTotals(newest, file, before);
          const bases = await this.loadBases(datasetId, file, before);
          const work = { datasetId, generation: newId('gen') };
          return this.settling(work, async () => {
            const writer = this.chunks.openWriter(datasetId, work.generation);
            const encoded = await worker.encode(bases, (chunk) => writer.write(chunk));
            const assets = describe(encoded, options, before);
            const changed = new Map(assets.map((asset) => [asset.id, asset]));
            const unchanged = [...before.values()].filter(({ id }) => !changed.has(id));
            const all: AssetRecord[] = [...unchanged, ...assets];
            const record: DatasetRecord = {
              ...recordOf(newest),
              version: newest.version + 1,
              generation: work.generation,
              contentHash: contentHash(all),
              assetCount: all.length,
              rows: newest.rows + file.reading.rows,
              ...rangeOf(all),
              reading: storedReading(file.reading),
              versionCreatedAt: isoTime(this.clock),
              createdBy: actor,
            };
            await this.datasets.putAssets(record, all);
            const dataset = await this.datasets.replaceNewest(newest, record);
            return { record, dataset, reading: file.reading, assets, replayed: false };
          });
        });
      }),
    );
  }

  private async withWorker<T>(options: CsvOptions, work: (worker: ImportWorker) => Promise<T>): Promise<T> {
    const { rows, columns, assets } = this.config.limits;
    const worker = new ImportWorker({ options, limits: { rows, columns, assets } });
    try {
      return await work(worker);
    } finally {
      await worker.close();
    }
  }

  /** Journals the work; when it fails, what it wrote is removed before the failure is answered. */
  private async settling<T>(pending: PendingWork, work: () => Promise<T>): Promise<T> {
    return this.imports.journal(pending, async () => {
      try {
        return await work();
      } catch (error) {
        // Failing here, too, leaves the entry: the next start removes what is left.
        await this.cleaner.settle(pending).catch(() => undefined);
        throw error;
      }
    });
  }

  private async exists(datasetId: string): Promise<boolean> {
    return (await this.datasets.findNewest(datasetId)) !== null;
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
    return { record, dataset, reading: file.reading, assets, replayed: true };
  }

  private assertTotals(newest: DatasetRecord, file: ParsedFile, before: ReadonlyMap<string, AssetRecord>): void {
    const { limits } = this.config;
    const rows = newest.rows + file.reading.rows;
    const assets = before.size + file.assets.filter(({ id }) => !before.has(id)).length;
    if (rows > limits.rows) throw totalExceeded('rows', rows, limits.rows);
    if (assets > limits.assets) throw totalExceeded('assets', assets, limits.assets);
  }

  /** Earlier rows of the assets that get more: statistics are over all of them. */
  private async loadBases(
    datasetId: string,
    file: ParsedFile,
    before: ReadonlyMap<string, AssetRecord>,
  ): Promise<BaseAsset[]> {
    const known = file.assets.map(({ id }) => before.get(id)).filter((asset) => asset !== undefined);
    const manifested = await this.content.readManifests(datasetId, known);
    const frames = await this.content.readManifestedFrames(datasetId, manifested);
    return manifested.map(({ asset, manifest }, at) => {
      const frame = frames[at]?.frame;
      if (frame === undefined) throw new Error('frames come in the order of their assets');
      return { asset: { id: asset.id, ...frame }, manifest };
    });
  }
}

function keyHash(key: string): string {
  if (key.length === 0 || key.length > 255) {
    throw new TrainyardError('VALIDATION_FAILED', `Idempotency-Key has ${key.length} characters: send 1 to 255`, {
      errors: [{ path: 'Idempotency-Key', value: key.slice(0, 300), message: 'must have 1 to 255 characters' }],
    });
  }
  return createHash('sha256').update(key).digest('hex');
}

async function* digested(
  source: AsyncIterable<Uint8Array>,
  digest: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const part of source) {
    digest(part);
    yield part;
  }
}

/** `ASSET_UNKNOWN`: a class or description for an asset that the file does not have would be lost silently. */
function assertNotesFit({ assetClasses, assetDescriptions }: AssetNotes, ids: ReadonlySet<string>): void {
  for (const [option, notes] of Object.entries({ assetClasses, assetDescriptions })) {
    const unknown = Object.keys(notes ?? {}).find((id) => !ids.has(id));
    if (unknown === undefined) continue;
    const known = [...ids].slice(0, 10).join(', ');
    throw new TrainyardError(
      'ASSET_UNKNOWN',
      `${option} names "${unknown}", and the file has no such asset; it has ${known}${ids.size > 10 ? ` and ${ids.size - 10} more` : ''}`,
      { option, asset: unknown },
    );
  }
}

function describe(
  encoded: readonly EncodedAsset[],
  notes: AssetNotes,
  before: ReadonlyMap<string, AssetRecord>,
): DescribedAsset[] {
  return encoded.map((asset) => {
    const old = before.get(asset.id);
    return {
      ...asset,
      assetClass: notes.assetClasses?.[asset.id] ?? old?.assetClass ?? notes.assetClass ?? null,
      description: notes.assetDescriptions?.[asset.id] ?? old?.description ?? null,
      missingRows: asset.summary.axis.missingRows,
    };
  });
}

function rangeOf(assets: readonly AssetRecord[]): { start: number; end: number } {
  return {
    start: assets.reduce((start, asset) => Math.min(start, asset.start), Infinity),
    end: assets.reduce((end, asset) => Math.max(end, asset.end), -Infinity),
  };
}

function recordOf({ stored: _, ...record }: StoredDataset): DatasetRecord {
  return record;
}

function storedReading({ delimiter, time, assetColumn, rows }: CsvReading): DatasetRecord['reading'] {
  return { delimiter, time, assetColumn, rows };
}

function totalExceeded(what: string, value: number, limit: number): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    `the dataset would have ${value} ${what} and this installation allows ${limit}: start another dataset, or raise the limit`,
    { what, value, limit },
  );
}
