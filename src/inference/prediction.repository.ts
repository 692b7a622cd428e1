import { Injectable } from '@nestjs/common';
import { encodeTime } from 'ulid';
import { ArtifactStore } from '../artifacts/index.js';
import type { Page, PageRequest } from '../common/page.js';
import { InjectTable, type Stored, type Table } from '../database/index.js';
import { ALL_TRAFFIC } from './endpoint.js';
import { PREDICTION_TABLE, type PredictionItem } from './prediction.entity.js';
import type { AssetForecast, Prediction, PredictionWindow, StoredForecast } from './prediction.js';

/** Items may have 400 KB; both bodies together stay well below. */
const INLINE_BYTES = 200_000;
const ULID_TIME_LENGTH = 10;
const BODY = 'prediction.json';

interface Body {
  readonly window: PredictionWindow;
  readonly forecasts: readonly StoredForecast[];
}

@Injectable()
export class PredictionRepository {
  constructor(
    @InjectTable(PREDICTION_TABLE) private readonly table: Table<PredictionItem>,
    private readonly artifacts: ArtifactStore,
  ) {}

  /** Durable once it resolves; writing the same ones again changes nothing. */
  async createMany(predictions: readonly Prediction[]): Promise<void> {
    const items: PredictionItem[] = [];
    for (const { window, forecasts, variant, ...rest } of predictions) {
      const item = { ...rest, ...(variant !== null && { variant }) };
      const text = JSON.stringify({ window, forecasts } satisfies Body);
      if (text.length <= INLINE_BYTES) {
        items.push({ ...item, window, forecasts });
        continue;
      }
      await this.artifacts.write(item.predictionId, BODY, new TextEncoder().encode(text), 'application/json');
      items.push(item);
    }
    await this.table.putMany(items);
  }

  async find(endpoint: string, predictionId: string): Promise<Prediction | null> {
    const item = await this.table.find({ endpoint, predictionId });
    return item && this.complete(item);
  }

  /** Newest first. */
  async list(endpoint: string, page: PageRequest): Promise<Page<Prediction>> {
    const { items, cursor } = await this.table.query({ partition: endpoint, descending: true, ...page });
    return { items: await Promise.all(items.map((item) => this.complete(item))), cursor };
  }

  /** Those made at or after `fromMs` and before `toMs`, oldest first: ids sort by time. */
  async between(
    endpoint: string,
    { fromMs, toMs, ...page }: PageRequest & { readonly fromMs: number; readonly toMs: number },
  ): Promise<Page<Prediction>> {
    const sort = { between: [firstId(fromMs), firstId(toMs)] } as const;
    const { items, cursor } = await this.table.query({ partition: endpoint, sort, ...page });
    return { items: await Promise.all(items.map((item) => this.complete(item))), cursor };
  }

  private async complete({ window, forecasts, ...item }: Stored<PredictionItem>): Promise<Prediction> {
    const variant = item.variant ?? (item.shadowOf === undefined ? ALL_TRAFFIC : null);
    const facts = { ...withoutVersion(item), variant };
    if (window && forecasts) return { ...facts, window, forecasts: forecasts.map(withLaterFields) };
    const { content } = await this.artifacts.read(item.predictionId, BODY);
    const body = JSON.parse(new TextDecoder().decode(content)) as Body;
    return { ...facts, ...body, forecasts: body.forecasts.map(withLaterFields) };
  }
}

/** Predictions from before there were gap classifiers have no probabilities, those from before intervals none of these. */
function withLaterFields(forecast: StoredForecast): AssetForecast {
  return { ...forecast, gapProbability: forecast.gapProbability ?? null, intervals: forecast.intervals ?? [] };
}

/** Sorts before every id of that millisecond, see `newId`. */
function firstId(timeMs: number): string {
  return `prd_${encodeTime(timeMs, ULID_TIME_LENGTH)}`;
}

/** Predictions are written once; the count of their writes means nothing to a reader. */
function withoutVersion<Item extends { readonly version: number }>(item: Item): Omit<Item, 'version'> {
  return Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'version')) as Omit<Item, 'version'>;
}
