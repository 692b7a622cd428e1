import { IntervalSums, type IntervalScores } from '../metrics/interval-metrics.js';
import { ScoreCells } from './compared-scores.js';
import type { IntervalEvaluation } from './evaluation-report.js';
import type { ForecastIntervals, IntervalForecast } from './forecast-intervals.js';
import type { ScoredTarget } from './scored-targets.js';

/** Is told the intervals of a model block by block, while they are scored. */
export interface IntervalRecorder {
  /** Intervals of one target around its forecasts from `origins`. */
  add(target: number, origins: Int32Array, intervals: readonly IntervalForecast[]): void;
}

/** Counts, block by block, how many observed values lie in the intervals of a model, and how wide these are. */
export class IntervalCoverage implements IntervalRecorder {
  private readonly cells: ScoreCells;
  private readonly sums = new Map<number, IntervalSums>();

  constructor(
    private readonly targets: readonly ScoredTarget[],
    private readonly horizon: number,
    private readonly method: ForecastIntervals['method'],
  ) {
    this.cells = new ScoreCells(targets.length, horizon);
  }

  add(target: number, origins: Int32Array, intervals: readonly IntervalForecast[]): void {
    const { original, observed } = this.targets[target]!;
    for (const { coverage, lower, upper } of intervals) {
      const sums = this.sumsOf(coverage);
      for (let at = 0; at < lower.length; at++) {
        const step = at % this.horizon;
        const row = origins[(at - step) / this.horizon]! + step + 1;
        if (observed[row] === 1) sums.add(target * this.horizon + step, original[row]!, lower[at]!, upper[at]!);
      }
    }
  }

  /** Null when nothing was observed. */
  evaluation(): IntervalEvaluation | null {
    const deviation = (cell: number): number => this.targets[this.cells.targetOf(cell)]!.trainDeviation;
    const overall = this.scores(this.cells.all(), deviation);
    if (overall.length === 0) return null;
    const perAsset = this.targets.map(({ asset }, target) => ({
      asset,
      scores: this.scores(this.cells.ofAsset(target), () => 1),
    }));
    const perStep = Array.from({ length: this.horizon }, (_, step) => ({
      step: step + 1,
      scores: this.scores(this.cells.ofStep(step), deviation),
    }));
    return {
      method: this.method,
      overall,
      perAsset: perAsset.filter(({ scores }) => scores.length > 0),
      perStep: perStep.filter(({ scores }) => scores.length > 0),
    };
  }

  /** Over all assets and steps, in units of the train deviation. */
  overall(): IntervalScores[] {
    return this.scores(this.cells.all(), (cell) => this.targets[this.cells.targetOf(cell)]!.trainDeviation);
  }

  private scores(cells: readonly number[], unitOf: (cell: number) => number): IntervalScores[] {
    const coverages = [...this.sums.keys()].sort((one, other) => one - other);
    return coverages.map((coverage) => this.sums.get(coverage)!.scores(cells, unitOf)).filter((one) => one !== null);
  }

  private sumsOf(coverage: number): IntervalSums {
    const known = this.sums.get(coverage) ?? new IntervalSums(coverage, this.cells.count);
    this.sums.set(coverage, known);
    return known;
  }
}
