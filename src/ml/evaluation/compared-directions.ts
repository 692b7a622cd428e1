import type { ReliabilityBin } from '../metrics/class-metrics.js';
import type { SkillTest } from '../metrics/diebold-mariano.js';

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
