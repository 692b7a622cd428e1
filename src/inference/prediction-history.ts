import { Injectable } from '@nestjs/common';
import type { Page } from '../common/page.js';
import type { Prediction } from './prediction.js';
import { PredictionWriter } from './prediction-writer.js';
import { PredictionRepository } from './prediction.repository.js';

/** At or after `fromMs`, before `toMs`. */
export interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface HistoryPage {
  readonly items: readonly Prediction[];
  /** More follow that were not asked for. */
  readonly isCut: boolean;
}

/** Predictions may have a hundred kilobytes each: so many are held at once. */
const PAGE = 50;
/** Slices of a period that a sample is spread over. */
const SLICES = 100;

/** What an endpoint has predicted, by the time it did. */
@Injectable()
export class PredictionHistory {
  constructor(
    private readonly predictions: PredictionRepository,
    private readonly writer: PredictionWriter,
  ) {}

  /** The first `limit` of a period, oldest first, page by page. */
  async *pages(endpoint: string, period: Period, limit: number): AsyncGenerator<HistoryPage> {
    await this.writer.flush();
    let cursor: string | null = null;
    let left = limit;
    do {
      const request = { ...period, limit: Math.min(PAGE, left), cursor };
      const page: Page<Prediction> = await this.predictions.between(endpoint, request);
      left -= page.items.length;
      cursor = page.cursor;
      yield { items: page.items, isCut: cursor !== null && left <= 0 };
    } while (cursor !== null && left > 0);
  }

  /**
   * The first of each of a hundred equally long slices of a period, oldest first: at most `limit` together, however many
   * there are, and spread over all of it.
   */
  async *spread(endpoint: string, { fromMs, toMs }: Period, limit: number): AsyncGenerator<HistoryPage> {
    const edge = (slice: number): number => Math.floor(fromMs + ((toMs - fromMs) * slice) / SLICES);
    for (let slice = 0; slice < SLICES; slice++) {
      const part = { fromMs: edge(slice), toMs: edge(slice + 1) };
      if (part.fromMs < part.toMs) yield* this.pages(endpoint, part, Math.floor(limit / SLICES));
    }
  }

  /** The newest, newest first; at most `limit` of those made at or after `fromMs`. */
  async newest(endpoint: string, fromMs: number, limit: number): Promise<Prediction[]> {
    await this.writer.flush();
    const newest: Prediction[] = [];
    const begin = new Date(fromMs).toISOString();
    let cursor: string | null = null;
    do {
      const page: Page<Prediction> = await this.predictions.list(endpoint, {
        limit: Math.min(PAGE, limit - newest.length),
        cursor,
      });
      const within = page.items.filter(({ createdAt }) => createdAt >= begin);
      newest.push(...within);
      cursor = within.length < page.items.length ? null : page.cursor;
    } while (cursor !== null && newest.length < limit);
    return newest;
  }
}
