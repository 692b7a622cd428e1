import { ErrorSums } from '../metrics/point-metrics.js';
import { IntervalSums } from '../metrics/interval-metrics.js';
import { likeliestClasses, multiClassBrier, multiClassLogLoss } from '../metrics/class-metrics.js';
import { skill, type Skill } from '../metrics/skill.js';
import { DIRECTIONS, UNLABELLED, directionOf } from '../windows/direction-labels.js';

/** One forecast value with what came. Original units, everything finite where nothing else is said. */
export interface ForecastOutcome {
  readonly asset: string;
  /** The observed value; what was not observed is no outcome. */
  readonly actual: number;
  /** Absent where the model tells directions. */
  readonly forecast?: number;
  /** The last value of the window, which the naive forecast repeats; NaN where the window has none. */
  readonly naive: number;
  /** The value at the origin, NaN where it was not observed: changes are counted from there. */
  readonly known: number;
  readonly intervals: readonly { readonly coverage: number; readonly lower: number; readonly upper: number }[];
  /** Of down, flat and up; with `flatWithin`, the largest change that counts as flat. */
  readonly probabilities?: readonly [number, number, number];
  readonly flatWithin?: number;
}

export interface LiveCoverage {
  /** What was promised, 0…1. */
  readonly coverage: number;
  readonly count: number;
  /** Share of the observed values inside, ends included. */
  readonly covered: number;
  /** Original units; over several assets in whatever units they have. */
  readonly meanWidth: number;
}

export interface LiveDirections {
  /** Changes between observed values. */
  readonly count: number;
  /** How often the likeliest direction came, 0…1. */
  readonly accuracy: number;
  /** Mean of −ln p of the direction that came. */
  readonly logLoss: number;
  /** Mean of Σ (p − y)² over the three directions, 0…2. */
  readonly brier: number;
}

/** What forecasts were worth, as far as the values are known. Finite: JSON as it is. */
export interface LiveMetrics {
  /** Forecast values whose actual is known. */
  readonly count: number;
  /** Original units; over several assets pooled in whatever units they have. Null without a value forecast. */
  readonly mae: number | null;
  readonly rmse: number | null;
  /** Of repeating the window's last value, where it has one. */
  readonly naive: { readonly count: number; readonly mae: number; readonly rmse: number } | null;
  /**
   * 1 − error / error of the naive forecast on the same values. Over several assets each error is first divided by the
   * asset's naive MAE, so that large series do not drown small ones; an asset whose naive forecast makes no error has no
   * such unit and is left out. Null where none is left.
   */
  readonly skill: Skill | null;
  /** Share of changes from the origin whose sign was forecast, see `PointMetrics`; null where nothing changed. */
  readonly hitRate: number | null;
  /** By ascending coverage. */
  readonly intervals: readonly LiveCoverage[];
  /** Of models that tell directions. */
  readonly direction: LiveDirections | null;
}

interface AssetSums {
  readonly all: ErrorSums;
  /** Of the values that the naive forecast has a value for, too. */
  readonly compared: ErrorSums;
  readonly naive: ErrorSums;
}

const CELL = 0;
const ONE = [CELL];
const noScale = (): null => null;

/** Scores of forecasts in the order they come; memory grows with the assets and not with the values. */
export class LiveScores {
  private readonly assets = new Map<string, AssetSums>();
  private readonly coverages = new Map<number, IntervalSums>();
  private readonly directions = { count: 0, hits: 0, logLoss: 0, brier: 0 };
  private outcomes = 0;

  add(outcome: ForecastOutcome): void {
    this.outcomes += 1;
    const { actual, forecast, probabilities } = outcome;
    if (forecast !== undefined) this.addValue(outcome, forecast);
    if (probabilities !== undefined) this.addDirection(outcome, probabilities);
    for (const { coverage, lower, upper } of outcome.intervals) {
      let sums = this.coverages.get(coverage);
      if (sums === undefined) this.coverages.set(coverage, (sums = new IntervalSums(coverage, 1)));
      sums.add(CELL, actual, lower, upper);
    }
  }

  metrics(): LiveMetrics {
    const sums = [...this.assets.values()];
    const all = pooled(sums.map((one) => one.all));
    const naive = pooled(sums.map((one) => one.naive));
    return {
      count: this.outcomes,
      mae: all?.mae ?? null,
      rmse: all?.rmse ?? null,
      naive: naive && { count: naive.count, mae: naive.mae, rmse: naive.rmse },
      skill: skillOf(sums),
      hitRate: all?.hitRate ?? null,
      intervals: [...this.coverages.values()]
        .sort((one, other) => one.coverage - other.coverage)
        .map((one) => one.scores(ONE, () => 1))
        .filter((one) => one !== null)
        .map(({ coverage, count, covered, meanWidth }) => ({ coverage, count, covered, meanWidth })),
      direction: this.directionMetrics(),
    };
  }

  private addValue({ asset, actual, naive, known }: ForecastOutcome, forecast: number): void {
    let sums = this.assets.get(asset);
    if (sums === undefined) {
      sums = { all: new ErrorSums(1), compared: new ErrorSums(1), naive: new ErrorSums(1) };
      this.assets.set(asset, sums);
    }
    sums.all.add(CELL, actual, forecast, known);
    if (Number.isNaN(naive)) return;
    sums.compared.add(CELL, actual, forecast);
    sums.naive.add(CELL, actual, naive);
  }

  private addDirection(outcome: ForecastOutcome, probabilities: readonly [number, number, number]): void {
    const label = directionOf(outcome.actual - outcome.known, outcome.flatWithin ?? NaN);
    if (label === UNLABELLED) return;
    const scored = {
      probabilities: Float64Array.from(probabilities),
      labels: Uint8Array.of(label),
      classes: DIRECTIONS.length,
    };
    this.directions.count += 1;
    this.directions.hits += likeliestClasses(scored)[0] === label ? 1 : 0;
    this.directions.logLoss += multiClassLogLoss(scored) ?? 0;
    this.directions.brier += multiClassBrier(scored) ?? 0;
  }

  private directionMetrics(): LiveDirections | null {
    const { count, hits, logLoss, brier } = this.directions;
    return count === 0 ? null : { count, accuracy: hits / count, logLoss: logLoss / count, brier: brier / count };
  }
}

interface Pooled {
  readonly count: number;
  readonly mae: number;
  readonly rmse: number;
  readonly hitRate: number | null;
}

function pooled(sums: readonly ErrorSums[]): Pooled | null {
  const known = sums.map((one) => one.metrics(ONE, noScale)).filter((one) => one !== null);
  if (known.length === 0) return null;
  const count = known.reduce((sum, one) => sum + one.count, 0);
  const moved = sums.map((one) => one.changes(ONE));
  const changes = moved.reduce((sum, one) => sum + one.changes, 0);
  return {
    count,
    mae: known.reduce((sum, one) => sum + one.mae * one.count, 0) / count,
    rmse: Math.sqrt(known.reduce((sum, one) => sum + one.mse * one.count, 0) / count),
    hitRate: changes === 0 ? null : moved.reduce((sum, one) => sum + one.right, 0) / changes,
  };
}

function skillOf(sums: readonly AssetSums[]): Skill | null {
  let count = 0;
  const model = { mae: 0, squares: 0 };
  const naive = { mae: 0, squares: 0 };
  for (const one of sums) {
    const unit = one.naive.metrics(ONE, noScale)?.mae ?? 0;
    if (unit === 0) continue;
    const ofAsset = one.naive.count(ONE);
    count += ofAsset;
    for (const [total, errors] of [
      [model, one.compared],
      [naive, one.naive],
    ] as const) {
      const { mae, rmse } = errors.relative(ONE, () => unit);
      total.mae += mae * ofAsset;
      total.squares += rmse * rmse * ofAsset;
    }
  }
  if (count === 0) return null;
  const mean = ({ mae, squares }: typeof model): { readonly mae: number; readonly rmse: number } => ({
    mae: mae / count,
    rmse: Math.sqrt(squares / count),
  });
  return skill(mean(model), mean(naive));
}
