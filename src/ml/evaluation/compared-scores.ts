import { TrainyardError } from '../../common/errors/index.js';
import { ErrorSums, type PointMetrics } from '../metrics/point-metrics.js';
import { skill } from '../metrics/skill.js';
import type { WindowedData } from '../windows/windowed-data.js';
import { naiveRow, seasonalNaiveRow } from './baselines.js';
import type { AssetEvaluation, ComparedForecasts, ScoredForecast, StepEvaluation } from './evaluation-report.js';
import type { SkillTests } from './skill-tests.js';
import type { ScoredTarget } from './scored-targets.js';

type ForecastName = 'model' | 'naive' | 'seasonalNaive';

interface Scores {
  readonly original: ErrorSums;
  readonly scaled: ErrorSums;
}

/** Cells, one for each target and step, by target, by step, and all. */
export class ScoreCells {
  constructor(
    private readonly targets: number,
    private readonly horizon: number,
  ) {}

  get count(): number {
    return this.targets * this.horizon;
  }

  ofAsset(target: number): number[] {
    return Array.from({ length: this.horizon }, (_, step) => target * this.horizon + step);
  }

  /** `step` from 0. */
  ofStep(step: number): number[] {
    return Array.from({ length: this.targets }, (_, target) => target * this.horizon + step);
  }

  all(): number[] {
    return Array.from({ length: this.count }, (_, cell) => cell);
  }

  targetOf(cell: number): number {
    return Math.floor(cell / this.horizon);
  }
}

/** The errors of a model and of both baselines on the same observed values, as sums: memory does not grow with them. */
export class ComparedScores {
  readonly cells: ScoreCells;
  private readonly scores: Readonly<Record<ForecastName, Scores>>;

  constructor(
    private readonly data: WindowedData,
    private readonly targets: readonly ScoredTarget[],
  ) {
    this.cells = new ScoreCells(targets.length, data.horizon);
    const sums = (): Scores => ({
      original: new ErrorSums(this.cells.count),
      scaled: new ErrorSums(this.cells.count),
    });
    this.scores = { model: sums(), naive: sums(), seasonalNaive: sums() };
  }

  /** Forecasts [origins, horizon] of one target in both units. */
  add(target: number, origins: Int32Array, forecastOriginal: Float64Array, forecastScaled: Float64Array): void {
    const { horizon, seasonLength } = this.data;
    const { scaled, original, observed } = this.targets[target]!;
    const { model, naive: ofNaive, seasonalNaive } = this.scores;
    for (let window = 0; window < origins.length; window++) {
      const origin = origins[window]!;
      const naive = naiveRow(original, origin);
      const known = observed[origin] === 1 ? original[origin]! : NaN;
      const knownScaled = observed[origin] === 1 ? scaled[origin]! : NaN;
      for (let step = 1; step <= horizon; step++) {
        const row = origin + step;
        if (observed[row] !== 1) continue;
        const cell = target * horizon + step - 1;
        const at = window * horizon + step - 1;
        const seasonal = seasonalNaiveRow(original, origin, step, seasonLength);
        const actualScaled = scaled[row]!;
        const actual = original[row]!;
        model.scaled.add(cell, actualScaled, forecastScaled[at]!, knownScaled);
        model.original.add(cell, actual, forecastOriginal[at]!, known);
        ofNaive.scaled.add(cell, actualScaled, scaled[naive]!, knownScaled);
        ofNaive.original.add(cell, actual, original[naive]!, known);
        seasonalNaive.scaled.add(cell, actualScaled, scaled[seasonal]!, knownScaled);
        seasonalNaive.original.add(cell, actual, original[seasonal]!, known);
      }
    }
  }

  isObserved(cells: readonly number[]): boolean {
    return this.scores.model.original.count(cells) > 0;
  }

  /** Over everything that was added. */
  overall(): ComparedForecasts {
    const { targets } = this;
    return this.compared(this.cells.all(), (cell) => (targets.length === 1 ? 1 : this.targetOf(cell).trainDeviation));
  }

  /** One entry for each asset that was observed. */
  perAsset(): AssetEvaluation[] {
    return this.targets.flatMap(({ asset, trainDeviation }, target) => {
      const cells = this.cells.ofAsset(target);
      return this.isObserved(cells) ? [{ asset, trainDeviation, ...this.compared(cells, () => 1) }] : [];
    });
  }

  unscoredAssets(): string[] {
    return this.targets.flatMap(({ asset }, target) => (this.isObserved(this.cells.ofAsset(target)) ? [] : [asset]));
  }

  /** One entry for each step at which something was observed. */
  perStep(testsOf: (step: number) => SkillTests): StepEvaluation[] {
    return Array.from({ length: this.data.horizon }, (_, step) => step).flatMap((step) => {
      const cells = this.cells.ofStep(step);
      if (!this.isObserved(cells)) return [];
      return [
        {
          step: step + 1,
          model: this.metrics('model', 'scaled', cells),
          naive: this.metrics('naive', 'scaled', cells),
          seasonalNaive: this.metrics('seasonalNaive', 'scaled', cells),
          significance: testsOf(step + 1),
        },
      ];
    });
  }

  private compared(cells: readonly number[], unitOf: (cell: number) => number): ComparedForecasts {
    const relative = (name: ForecastName) => this.scores[name].original.relative(cells, unitOf);
    const scored = (name: ForecastName): ScoredForecast => ({
      original: this.metrics(name, 'original', cells),
      scaled: this.metrics(name, 'scaled', cells),
    });
    const model = relative('model');
    return {
      model: scored('model'),
      naive: scored('naive'),
      seasonalNaive: scored('seasonalNaive'),
      skill: { naive: skill(model, relative('naive')), seasonalNaive: skill(model, relative('seasonalNaive')) },
    };
  }

  private metrics(name: ForecastName, unit: 'original' | 'scaled', cells: readonly number[]): PointMetrics {
    return finiteMetrics(this.scores[name][unit].metrics(cells, (cell) => this.targetOf(cell).seasonalScale[unit]));
  }

  private targetOf(cell: number): ScoredTarget {
    return this.targets[this.cells.targetOf(cell)]!;
  }
}

/** Finite forecasts may still have errors whose squares are not: the report stays JSON. */
function finiteMetrics(metrics: PointMetrics | null): PointMetrics {
  if (metrics === null) throw new Error('metrics of no value were asked for');
  if (!Number.isFinite(metrics.mse) || !Number.isFinite(metrics.mase ?? 0)) {
    throw new TrainyardError(
      'FORECAST_NOT_FINITE',
      `the mean squared error is ${metrics.mse}: forecasts are too far from the data to be scored; the training diverged`,
      { mae: String(metrics.mae) },
    );
  }
  return metrics;
}
