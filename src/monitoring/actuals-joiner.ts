import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CLOCK, isoTime, type Clock } from '../common/clock.js';
import { isTrainyardError } from '../common/errors/index.js';
import { DatasetsService } from '../datasets/index.js';
import { EndpointsService, type Endpoint } from '../inference/index.js';
import { RegistryService, type ModelVersion } from '../registry/index.js';
import { ActualRepository } from './actual.repository.js';
import type { Actual, JoinedRows } from './actual.js';
import { assetsOfTargetRows, targetRows } from './dataset-actuals.js';
import { ModelFacts } from './model-facts.js';

/** A first join takes so many of the newest rows of each target, and so many values of all targets together. */
const FIRST_ROWS = 10_000;
const FIRST_VALUES = 100_000;
const BY_DATASET = 'dataset';

/**
 * Makes the rows that a model's dataset gets actuals of the endpoints that serve it: when the dataset grows, and again
 * before metrics are read, so that it does not matter which process appended. Joining twice writes the same.
 */
@Injectable()
export class ActualsJoiner implements OnModuleInit {
  private readonly running = new Map<string, Promise<void>>();

  constructor(
    private readonly endpoints: EndpointsService,
    private readonly registry: RegistryService,
    private readonly datasets: DatasetsService,
    private readonly actuals: ActualRepository,
    private readonly facts: ModelFacts,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.datasets.onGrown((datasetId) => this.joinDataset(datasetId));
  }

  /** Whatever the dataset of the endpoint's model has more than was joined. One at a time for an endpoint. */
  join(endpoint: Endpoint): Promise<void> {
    const before = this.running.get(endpoint.name) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => this.joinOnce(endpoint));
    this.running.set(endpoint.name, mine);
    const forget = (): void => {
      if (this.running.get(endpoint.name) === mine) this.running.delete(endpoint.name);
    };
    mine.then(forget, forget);
    return mine;
  }

  private async joinDataset(datasetId: string): Promise<void> {
    for await (const endpoint of this.endpoints.all()) {
      const version = await this.registry.getVersion(endpoint.model, endpoint.modelVersion);
      if (version.datasetId === datasetId) await this.join(endpoint);
    }
  }

  private async joinOnce({ name, model, modelVersion }: Endpoint): Promise<void> {
    const version = await this.registry.getVersion(model, modelVersion);
    const newest = await this.findNewest(version.datasetId);
    if (newest === null) return;
    const stored = await this.actuals.findJoined(name);
    const known = stored?.datasetId === version.datasetId ? stored : null;
    const isKnown = (asset: string): boolean => known?.through[asset] !== undefined;
    if (known?.datasetVersion === newest && version.targets.every(isKnown)) return;
    const targets = version.targets.filter((asset) => known?.datasetVersion !== newest || !isKnown(asset));
    const joined = await this.joinTargets(name, version, newest, targets, known);
    const through = { ...known?.through, ...joined };
    await this.actuals.putJoined(name, { datasetId: version.datasetId, datasetVersion: newest, through });
  }

  private async joinTargets(
    endpoint: string,
    version: ModelVersion,
    datasetVersion: number,
    targets: readonly string[],
    known: JoinedRows | null,
  ): Promise<Record<string, string>> {
    const fitted = await this.facts.processing(version);
    const assets = assetsOfTargetRows(fitted, targets);
    const frames = await this.datasets.loadFrames(version.datasetId, datasetVersion, assets);
    const firstRows = Math.min(FIRST_ROWS, Math.floor(FIRST_VALUES / version.targets.length));
    const learnedMs = fitted.learned?.validationEnd ?? (await this.endOfTraining(version));
    const through: Record<string, string> = {};
    for (const { asset, times, values } of targetRows(fitted, frames, targets)) {
      const since = known?.through[asset];
      const afterMs = since === undefined ? learnedMs : Date.parse(since);
      const rowAfter = firstAfter(times, afterMs);
      const begin = since === undefined ? Math.max(rowAfter, times.length - firstRows) : rowAfter;
      const recordedAt = isoTime(this.clock);
      const rows: Actual[] = [];
      for (let row = begin; row < times.length; row++) {
        if (Number.isNaN(values[row])) continue;
        const time = new Date(times[row]!).toISOString();
        const provenance = { source: 'dataset', datasetVersion, recordedBy: BY_DATASET, recordedAt } as const;
        rows.push({ asset, time, value: values[row]!, ...provenance });
      }
      await this.actuals.put(endpoint, rows);
      through[asset] = new Date(Math.max(afterMs, times.at(-1) ?? afterMs)).toISOString();
    }
    return through;
  }

  /** Of a model from before it was kept what it learned from: the end of its data. */
  private async endOfTraining({ datasetId, datasetVersion, targets }: ModelVersion): Promise<number> {
    const { assets } = await this.datasets.getVersion(datasetId, datasetVersion);
    return Math.max(...assets.filter(({ id }) => targets.includes(id)).map(({ end }) => end));
  }

  private async findNewest(datasetId: string): Promise<number | null> {
    try {
      return (await this.datasets.getNewest(datasetId)).version;
    } catch (error) {
      if (isTrainyardError(error, 'DATASET_NOT_FOUND')) return null;
      throw error;
    }
  }
}

/** The first row after a time; the number of rows where there is none. */
function firstAfter(times: Float64Array, timeMs: number): number {
  return times.findLastIndex((time) => time <= timeMs) + 1;
}
