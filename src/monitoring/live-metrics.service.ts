import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { TrainyardError } from '../common/errors/index.js';
import {
  EndpointsService,
  PredictionHistory,
  type HistoryPage,
  type Period,
  type Prediction,
} from '../inference/index.js';
import { LiveScores, type LiveMetrics } from '../ml/monitoring/live-scores.js';
import { ActualRepository } from './actual.repository.js';
import { ActualsJoiner } from './actuals-joiner.js';
import { forecastRanges, outcomesOf, type PlacedOutcome } from './forecast-outcomes.js';
import { KnownActuals } from './known-actuals.js';

export const METRIC_GROUPS = ['day', 'hour', 'version', 'variant', 'step', 'asset'] as const;

/** Of the time a prediction was made, the version that made it, or the value that was forecast. */
export type MetricGroup = (typeof METRIC_GROUPS)[number];

export interface MetricsRequest {
  /** ISO 8601; undefined: a week before the end. */
  readonly from?: string;
  /** ISO 8601, excluded; undefined: now. */
  readonly to?: string;
  readonly by: MetricGroup;
}

export interface GroupedMetrics extends LiveMetrics {
  /** `2026-05-01`, `2026-05-01T13`, `model/3`, a variant, a step from 1, or an asset. */
  readonly key: string;
}

export interface ScoredPredictions extends LiveMetrics {
  /** In ascending order of their keys; only those with a value that came. */
  readonly groups: readonly GroupedMetrics[];
}

export interface EndpointMetrics extends ScoredPredictions {
  readonly endpoint: string;
  readonly from: string;
  readonly to: string;
  readonly by: MetricGroup;
  /** Predictions of the period that were read. */
  readonly predictions: number;
  /** True where the period has more: those read are spread over all of it. */
  readonly isSample: boolean;
  /** Of predictions that nobody was answered with; null where there are none. */
  readonly shadow: ScoredPredictions | null;
}

const DAY_MS = 86_400_000;
const DEFAULT_PERIOD_MS = 7 * DAY_MS;
const LONGEST_PERIOD_MS = 366 * DAY_MS;
/** What one request reads: predictions have some kilobytes, and about a thousand are read in a second. */
const MOST_PREDICTIONS = 5_000;
/** So many are read in one go before a period is cut into slices. */
const FEW_PREDICTIONS = 500;

interface Scored {
  readonly predictions: number;
  readonly isSample: boolean;
  readonly served: GroupedScores;
  readonly shadow: GroupedScores;
}

/** What forecasts were worth, from the stored predictions and the actuals. */
@Injectable()
export class LiveMetricsService {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly history: PredictionHistory,
    private readonly actuals: ActualRepository,
    private readonly joiner: ActualsJoiner,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Metrics of the predictions made in a period. All are read up to five hundred, and up to fifty of each hundredth of
   * the period where there are more: the work is bounded, what is read is spread over the period, and the answer says
   * whether that is all.
   */
  async metrics(name: string, request: MetricsRequest): Promise<EndpointMetrics> {
    const endpoint = await this.endpoints.get(name);
    const period = this.periodOf(request);
    await this.joiner.join(endpoint);
    const known = new KnownActuals(name, this.actuals);
    const few = await this.score(this.history.pages(name, period, FEW_PREDICTIONS), known, request.by);
    const { predictions, isSample, served, shadow } = few.isSample
      ? await this.score(this.history.spread(name, period, MOST_PREDICTIONS), known, request.by)
      : few;
    return {
      endpoint: name,
      from: new Date(period.fromMs).toISOString(),
      to: new Date(period.toMs).toISOString(),
      by: request.by,
      predictions,
      isSample,
      ...served.metrics(),
      shadow: shadow.isUsed ? shadow.metrics() : null,
    };
  }

  private async score(pages: AsyncGenerator<HistoryPage>, known: KnownActuals, by: MetricGroup): Promise<Scored> {
    const [served, shadow] = [new GroupedScores(by), new GroupedScores(by)];
    let predictions = 0;
    let isSample = false;
    for await (const { items, isCut } of pages) {
      for (const [asset, { from, to }] of forecastRanges(items)) await known.read(asset, from, to);
      for (const prediction of items) {
        (prediction.shadowOf === undefined ? served : shadow).add(prediction, known);
      }
      predictions += items.length;
      isSample ||= isCut;
    }
    return { predictions, isSample, served, shadow };
  }

  private periodOf({ from, to }: MetricsRequest): Period {
    const toMs = to === undefined ? this.clock.now() + 1 : Date.parse(to);
    const fromMs = from === undefined ? toMs - DEFAULT_PERIOD_MS : Date.parse(from);
    if (fromMs >= toMs) {
      throw new TrainyardError('RANGE_INVERTED', `from=${iso(fromMs)} does not lie before to=${iso(toMs)}`, {
        from,
        to,
      });
    }
    if (toMs - fromMs > LONGEST_PERIOD_MS) {
      const days = Math.ceil((toMs - fromMs) / DAY_MS);
      throw new TrainyardError(
        'LIMIT_EXCEEDED',
        `the period has ${days} days and metrics are over 366 at most: narrow from and to`,
        { days, limit: 366 },
      );
    }
    return { fromMs, toMs };
  }
}

/** One set of predictions, as a whole and by group. */
class GroupedScores {
  private readonly overall = new LiveScores();
  private readonly groups = new Map<string, LiveScores>();
  isUsed = false;

  constructor(private readonly by: MetricGroup) {}

  add(prediction: Prediction, known: KnownActuals): void {
    this.isUsed = true;
    for (const outcome of outcomesOf(prediction, (asset, time) => known.find(asset, time))) {
      this.overall.add(outcome);
      const key = keyOf(this.by, prediction, outcome);
      let group = this.groups.get(key);
      if (group === undefined) this.groups.set(key, (group = new LiveScores()));
      group.add(outcome);
    }
  }

  metrics(): ScoredPredictions {
    const keys = [...this.groups.keys()].sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
    return {
      ...this.overall.metrics(),
      groups: keys.map((key) => ({ key, ...this.groups.get(key)!.metrics() })),
    };
  }
}

const HOUR_LENGTH = '2026-05-01T13'.length;
const DAY_LENGTH = '2026-05-01'.length;
/** Of the shadow's predictions, which no variant answered. */
const NO_VARIANT = 'shadow';

function keyOf(by: MetricGroup, prediction: Prediction, { step, asset }: PlacedOutcome): string {
  const { createdAt, model, modelVersion, variant } = prediction;
  switch (by) {
    case 'day':
      return createdAt.slice(0, DAY_LENGTH);
    case 'hour':
      return createdAt.slice(0, HOUR_LENGTH);
    case 'version':
      return `${model}/${modelVersion}`;
    case 'variant':
      return variant ?? NO_VARIANT;
    case 'step':
      return String(step);
    case 'asset':
      return asset;
  }
}

function iso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
