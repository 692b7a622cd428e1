import type { GapEvaluation } from '../gaps/gap-report.js';
import type { Direction } from '../windows/direction-labels.js';
import type { AssetEvaluation, ComparedForecasts, StepEvaluation } from './compared-forecasts.js';
import type { BacktestReport } from './backtest/backtest-report.js';
import type { MemberEvaluation } from './member-evaluation.js';
import type { SkillTests } from './skill-tests.js';
import type { IntervalEvaluation } from './interval-evaluation.js';

export type { IntervalEvaluation } from './interval-evaluation.js';
export type { AssetEvaluation, ComparedForecasts, ScoredForecast, StepEvaluation } from './compared-forecasts.js';

/**
 * How often forecasts go the way the values went: down, flat or up from the origin to each forecast row. The naive
 * forecast has no direction, it always says flat; what a model has to beat is `majorityRate`.
 */
export interface DirectionScores {
  /** Changes between observed values. */
  readonly count: number;
  /** Share of them whose direction was forecast, 0…1. */
  readonly hitRate: number;
  /** The most frequent actual direction of the part, and its share: the hit rate of always saying it. */
  readonly majority: Direction;
  readonly majorityRate: number;
  /** Counts, `confusion[actual][forecast]`, both in the order down, flat, up. */
  readonly confusion: readonly (readonly number[])[];
}

export interface DirectionEvaluation extends DirectionScores {
  /**
   * A change over h steps is flat up to `threshold` times the root mean square of the asset's changes over h steps in
   * the train part.
   */
  readonly threshold: number;
  readonly perAsset: readonly (DirectionScores & { readonly asset: string })[];
}

/**
 * All windows of one part, sliding by one row or by the plan's `evaluationStride`. Only observed values are scored, never imputed ones. `original` metrics
 * over several assets pool their values in whatever units they have.
 */
export interface PartEvaluation extends ComparedForecasts {
  readonly part: 'validation' | 'test';
  readonly windows: number;
  /** First and last forecast row of the part, ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** Whether the model errs less than each baseline by more than chance: test of Diebold and Mariano on absolute errors. */
  readonly significance: SkillTests;
  /**
   * True when the skill on MAE against both baselines is above 0, and both p-values are below 0.05. Where there are too
   * few windows for a test, the skill alone decides.
   */
  readonly hasSkill: boolean;
  readonly perAsset: readonly AssetEvaluation[];
  /** Assets that were not observed at all in the part: nothing to score, and not in `perAsset`. */
  readonly unscoredAssets: readonly string[];
  /** Steps 1…horizon; a step at which nothing was observed is left out. */
  readonly perStep: readonly StepEvaluation[];
  /**
   * Of the test part of a model that has intervals; absent elsewhere. Those of the validation part are calibrated there
   * and prove nothing. Null when nothing was observed.
   */
  readonly intervals?: IntervalEvaluation | null;
  /** Present where the plan has a `directionThreshold`; null when no change had both its ends observed. */
  readonly direction?: DirectionEvaluation | null;
}

/** How good a model is, beside what costs nothing. Plain JSON: the artifact `report.json`. */
export interface EvaluationReport {
  readonly format: 1;
  /** Of the other task, see `DirectionReport`. */
  readonly task?: never;
  readonly lookBack: number;
  readonly horizon: number;
  /** Rows of one season of the seasonal-naive baseline. */
  readonly seasonLength: number;
  /** Null for a part without windows, or without an observed row in them. */
  readonly validation: PartEvaluation | null;
  readonly test: PartEvaluation | null;
  /** Of the targets that have a gap classifier; absent where none has one. */
  readonly gaps?: readonly GapEvaluation[];
  /** Absent where none was asked for. */
  readonly backtest?: BacktestReport;
  /** Of an ensemble, those it does not use included; absent in all other reports. */
  readonly members?: readonly MemberEvaluation[];
  /**
   * True for a model that was imported: what it was trained on is unknown here, so it may have learned from the rows that
   * score it. Absent in all other reports.
   */
  readonly trainedElsewhere?: true;
}
