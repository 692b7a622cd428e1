import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { CONFIG, type TrainyardConfig } from '../common/config/index.js';
import { TrainyardError } from '../common/errors/index.js';
import { assertIfMatch } from '../common/http/index.js';
import { newId } from '../common/ids.js';
import { assertAppends } from './append-check.js';
import { ChunksRepository } from './chunks.repository.js';
import { DatasetContent } from './dataset-content.js';
import type { AssetRecord, DatasetRecord } from './dataset.js';
import { DatasetsRepository, type StoredDataset } from './datasets.repository.js';
import { DatasetsService } from './datasets.service.js';
import { AppendOptionsDto } from './dto/import-options.dto.js';
import { appendedOptions, readOptions } from './dto/read-options.js';
import { ExclusiveWork } from './exclusive-work.js';
import { assertNotesFit, describeAssets, rangeOf, storedReading } from './import-description.js';
import type { ImportResult } from './import-result.js';
import { ImportRuns } from './import-runs.js';
import { ImportSlots } from './import-slots.js';
import type { ImportWorker } from './import-worker/import-worker.js';
import type { ParsedFile } from './import-worker/protocol.js';
import type { BaseAsset, EncodedAsset } from './storage/encode-asset.js';
import { contentHash } from './storage/manifest.js';
import type { Upload } from './upload/upload.js';

/** A version, the files that are to follow it, and what both say of its assets. */
interface Append {
  readonly newest: StoredDataset;
  readonly before: ReadonlyMap<string, AssetRecord>;
  readonly file: ParsedFile;
  readonly options: AppendOptionsDto;
  readonly actor: string;
}

/** A new version whose assets go on with the rows of files. */
@Injectable()
export class DatasetAppendService {
  constructor(
    @Inject(CONFIG) private readonly config: TrainyardConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly service: DatasetsService,
    private readonly datasets: DatasetsRepository,
    private readonly chunks: ChunksRepository,
    private readonly content: DatasetContent,
    private readonly exclusive: ExclusiveWork,
    private readonly slots: ImportSlots,
    private readonly runs: ImportRuns,
  ) {}

  async append(datasetId: string, upload: Upload, ifMatch: string | undefined, actor: string): Promise<ImportResult> {
    const options = await readOptions(AppendOptionsDto, upload.options);
    await this.service.getNewest(datasetId);
    return this.slots.run(() =>
      this.exclusive.run(datasetId, async () => {
        const newest = await this.service.getNewest(datasetId);
        assertIfMatch(ifMatch, newest.stored.version);
        const reading = appendedOptions(newest.options, newest.reading.time.format, options);
        const before = new Map((await this.datasets.listAssets(newest.generation)).map((asset) => [asset.id, asset]));
        return this.runs.withWorker(reading, options.format ?? null, async (worker) => {
          const file = await worker.parse(upload.files);
          assertAppends(file, newest, before, options.newAssets === true);
          assertNotesFit(options, new Set(file.assets.map(({ id }) => id)));
          this.assertTotals(newest, file, before);
          return this.store(worker, { newest, before, file, options, actor });
        });
      }),
    );
  }

  private async store(worker: ImportWorker, append: Append): Promise<ImportResult> {
    const { newest, file, before, options } = append;
    const bases = await this.loadBases(newest.datasetId, file, before);
    const finish = (encoded: readonly EncodedAsset[], generation: string) => {
      const assets = describeAssets(encoded, options, before);
      const changed = new Map(assets.map((asset) => [asset.id, asset]));
      const all: AssetRecord[] = [...[...before.values()].filter(({ id }) => !changed.has(id)), ...assets];
      return { assets, all, record: this.nextRecord(append, all, generation) };
    };
    const result = { reading: file.reading, replayed: false };
    if (options.dryRun === true) {
      const { assets, record } = finish(await worker.encode(bases, async () => undefined), '');
      const sameContent = await this.datasets.listByContent(record.contentHash);
      return { ...result, record, dataset: null, assets, sameContent };
    }
    const work = { datasetId: newest.datasetId, generation: newId('gen') };
    return this.runs.settling(work, async () => {
      const writer = this.chunks.openWriter(work.datasetId, work.generation);
      const encoded = await worker.encode(bases, (chunk) => writer.write(chunk));
      const { assets, all, record } = finish(encoded, work.generation);
      const sameContent = await this.datasets.listByContent(record.contentHash);
      await this.datasets.putAssets(record, all);
      const dataset = await this.datasets.replaceNewest(newest, record);
      this.service.tellGrown(record.datasetId, record.version);
      return { ...result, record, dataset, assets, sameContent };
    });
  }

  private nextRecord(
    { newest: { stored: _, ...newest }, file, actor }: Append,
    all: readonly AssetRecord[],
    generation: string,
  ): DatasetRecord {
    return {
      ...newest,
      version: newest.version + 1,
      generation,
      contentHash: contentHash(all),
      assetCount: all.length,
      rows: newest.rows + file.reading.rows,
      ...rangeOf(all),
      reading: storedReading(file.reading),
      versionCreatedAt: isoTime(this.clock),
      createdBy: actor,
    };
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

function totalExceeded(what: string, value: number, limit: number): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    `the dataset would have ${value} ${what} and this installation allows ${limit}: start another dataset, or raise the limit`,
    { what, value, limit },
  );
}
