import { Inject, Injectable } from '@nestjs/common';
import { ArtifactStore } from '../artifacts/index.js';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { TrainyardError } from '../common/errors/index.js';
import { newId } from '../common/ids.js';
import type { Page, PageRequest } from '../common/page.js';
import type { TableBlocks } from '../common/tables/index.js';
import { DatasetsService } from '../datasets/index.js';
import { EndpointsService } from '../inference/index.js';
import { RegistryService } from '../registry/index.js';
import { decodeBlock } from './batch-block.js';
import { isEnded, type BatchForecast } from './batch-forecast.js';
import { BatchForecastRepository, type StoredBatch } from './batch-forecast.repository.js';
import { BatchRunner, blockName } from './batch-runner.js';
import { ModelFacts } from './model-facts.js';

/** Undefined is left open: the endpoint's or the newest version, the model's dataset, its newest version, all. */
export interface NewBatch {
  readonly endpoint?: string;
  readonly model?: string;
  readonly version?: number;
  readonly datasetId?: string;
  readonly datasetVersion?: number;
  readonly from?: string;
  readonly to?: string;
  readonly stride?: number;
  readonly assets?: readonly string[];
}

/** Forecasts over whole periods of a dataset. */
@Injectable()
export class BatchForecastsService {
  constructor(
    private readonly batches: BatchForecastRepository,
    private readonly runner: BatchRunner,
    private readonly endpoints: EndpointsService,
    private readonly registry: RegistryService,
    private readonly datasets: DatasetsService,
    private readonly facts: ModelFacts,
    private readonly artifacts: ArtifactStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Checks everything that can be checked, fixes what was left open, and queues it. */
  async create(batch: NewBatch, by: { readonly name: string }): Promise<BatchForecast> {
    const version = await this.versionOf(batch);
    const dataset = await this.datasets.getVersion(batch.datasetId ?? version.datasetId, batch.datasetVersion ?? null);
    const { plan } = await this.facts.processing(version);
    const missing = plan.assets.filter(({ id }) => !dataset.assets.some((asset) => asset.id === id));
    if (missing.length > 0) {
      const names = missing.map(({ id }) => id).join(', ');
      const message = `Model "${version.model}" version ${version.version} reads ${names}, which dataset ${dataset.datasetId} version ${dataset.version} does not have`;
      throw new TrainyardError('ASSET_UNKNOWN', message, { assets: missing.map(({ id }) => id) });
    }
    const unknown = batch.assets?.filter((asset) => !version.targets.includes(asset)) ?? [];
    if (unknown.length > 0) {
      const message = `Model "${version.model}" version ${version.version} does not forecast ${unknown.join(', ')}; it forecasts ${version.targets.join(', ')}`;
      throw new TrainyardError('ASSET_UNKNOWN', message, { assets: unknown });
    }
    const [from, to] = [iso(batch.from), iso(batch.to)];
    if (from !== null && to !== null && from > to) {
      throw new TrainyardError('RANGE_INVERTED', `from=${from} lies after to=${to}`, { from, to });
    }
    const created = await this.batches.create({
      batchId: newId('bfc'),
      createdAt: isoTime(this.clock),
      createdBy: by.name,
      request: {
        endpoint: batch.endpoint ?? null,
        model: version.model,
        modelVersion: version.version,
        datasetId: dataset.datasetId,
        datasetVersion: dataset.version,
        from,
        to,
        stride: batch.stride ?? 1,
        assets: version.targets.filter((target) => batch.assets?.includes(target) ?? true),
      },
    });
    this.runner.nudge();
    return created;
  }

  list(page: PageRequest): Promise<Page<BatchForecast>> {
    return this.batches.list(page);
  }

  async get(batchId: string): Promise<StoredBatch> {
    const found = await this.batches.find(batchId);
    if (found !== null) return found;
    throw new TrainyardError('BATCH_NOT_FOUND', `There is no batch forecast "${batchId}"`, { batchId });
  }

  /** Nothing of it is kept. `BATCH_STATE` when it has ended. */
  async cancel(batchId: string): Promise<BatchForecast> {
    for (;;) {
      const seen = await this.get(batchId);
      if (seen.status === 'CANCELLED') return seen;
      if (isEnded(seen.status)) throw wrongState(seen, 'there is nothing to cancel');
      const finishedAt = isoTime(this.clock);
      const ending = { status: 'CANCELLED', open: undefined, leaseUntil: undefined, finishedAt } as const;
      const cancelled = await this.batches.changeSeen(seen, ending);
      if (cancelled === null) continue;
      this.runner.cancelled(batchId);
      return cancelled;
    }
  }

  /** The result, read as it is taken: one row for each origin, asset and step. */
  async result(batchId: string): Promise<TableBlocks> {
    const batch = await this.get(batchId);
    if (batch.status !== 'SUCCEEDED') throw wrongState(batch, 'only one that has SUCCEEDED has a result');
    const { blocks = 0 } = batch.stored;
    if (blocks === 0) throw wrongState(batch, 'but nothing could be forecast from any of its origins');
    const { artifacts } = this;
    return (async function* () {
      for (let block = 0; block < blocks; block++) {
        yield decodeBlock((await artifacts.read(batchId, blockName(block))).content);
      }
    })();
  }

  /** With its result. `BATCH_STATE` while it has not ended. */
  async delete(batchId: string): Promise<void> {
    const batch = await this.get(batchId);
    if (!isEnded(batch.status)) throw wrongState(batch, 'cancel it first');
    await this.artifacts.deleteAll(batchId);
    await this.batches.delete(batchId);
  }

  private async versionOf({ endpoint, model, version }: NewBatch) {
    if ((endpoint === undefined) === (model === undefined)) {
      const message = 'A batch forecast names an endpoint, or a model and perhaps its version, and not both';
      throw new TrainyardError('PARAMETER_INVALID', message, { path: 'endpoint' });
    }
    if (model !== undefined) return this.registry.getVersion(model, version ?? null);
    const served = await this.endpoints.get(endpoint!);
    return this.registry.getVersion(served.model, version ?? served.modelVersion);
  }
}

function wrongState({ batchId, status }: BatchForecast, remedy: string): TrainyardError {
  return new TrainyardError('BATCH_STATE', `Batch forecast ${batchId} is ${status}: ${remedy}`, { batchId, status });
}

function iso(time: string | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
