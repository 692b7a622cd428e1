import type { GapEvaluation } from '../gaps/gap-report.js';
import type { ReliabilityBin } from '../metrics/class-metrics.js';
import type { SkillTest } from '../metrics/diebold-mariano.js';
import type { Direction } from '../windows/direction-labels.js';
import type { EvaluationReport } from './evaluation-report.js';

/** Probabilities of down, flat and up against what came. Everything is finite, so the report is JSON as it is. */
export interface ClassScores {
  /** Mean of −ln p of the direction that came, p at least 1e−15. */
  readonly logLoss: number;
  /** How often the likeliest direction came, 0…1. */
  readonly accuracy: number;
  /** Mean of the F1 of the directions that came or were likeliest. */
  readonly macroF1: number;
  /**
   * Mean over the directions of the area under the curve of each against the others, taken within each asset and step
   * and averaged by their counts: the shares of the train part, which are the same at every window, have 0.5. Null where
   * no asset and step has two directions.
   */
  readonly macroAuc: number | null;
  /** Mean of Σ (p − y)² over the three directions, 0…2. */
  readonly brier: number;
  /** Expected calibration error over the bins of `reliability`. */
  readonly calibrationError: number;
  readonly reliability: readonly ReliabilityBin[];
  /** Counts, `confusion[actual][likeliest]`, both in the order down, flat, up. */
  readonly confusion: readonly (readonly number[])[];
}

/** One set of changes, scored twice. */
export interface ComparedDirections {
  /** Changes between observed values. */
  readonly count: number;
  readonly model: ClassScores;
  /** The shares of the directions in the train part, of each asset and step. */
  readonly trainShares: ClassScores;
  /** 1 − log loss / log loss of the train shares: 1 is perfect, 0 no better, below 0 worse. */
  readonly skill: number;
}

export interface AssetDirections extends ComparedDirections {
  readonly asset: string;
  /** Largest change of each step that is flat, original units. */
  readonly flatWithin: readonly number[];
}

export interface StepDirections extends ComparedDirections {
  /** From 1. */
  readonly step: number;
  readonly significance: SkillTest | null;
}

/** All windows of one part; see `PartEvaluation` for what is the same. */
export interface PartDirections extends ComparedDirections {
  readonly part: 'validation' | 'test';
  readonly windows: number;
  /** First and last forecast row of the part, ISO 8601. */
  readonly from: string;
  readonly to: string;
  /** Of Diebold and Mariano on the mean log loss of each window, against the train shares; null with too few windows. */
  readonly significance: SkillTest | null;
  /** True when the skill is above 0 and the p-value below 0.05; with too few windows for a test the skill alone decides. */
  readonly hasSkill: boolean;
  readonly perAsset: readonly AssetDirections[];
  /** Assets without a change whose ends were both observed: nothing to score, and not in `perAsset`. */
  readonly unscoredAssets: readonly string[];
  /** Steps 1 … horizon; a step at which nothing was observed is left out. */
  readonly perStep: readonly StepDirections[];
}

/** The report of a model of the task direction: the artifact `report.json`. */
export interface DirectionReport {
  readonly format: 1;
  readonly task: 'direction';
  readonly lookBack: number;
  readonly horizon: number;
  readonly classes: readonly Direction[];
  /** Changes are flat up to this many times their root mean square in the train part. */
  readonly threshold: number;
  /** Null for a part without windows, or without an observed change in them. */
  readonly validation: PartDirections | null;
  readonly test: PartDirections | null;
  /** Of the targets that have a gap classifier; absent where none has one. */
  readonly gaps?: readonly GapEvaluation[];
}

/** Of whatever task. */
export type ModelReport = EvaluationReport | DirectionReport;
