import type { AssetDirections, ComparedDirections, StepDirections } from '../compared-directions.js';
import type { SkillTest } from '../../metrics/diebold-mariano.js';
import type { BacktestReport, BacktestWindow, WindowSpread } from './backtest-report.js';

/**
 * One cut-off, with the scores of the probabilities from there over all assets and steps. Its `macroAuc` is over all its
 * changes together, since within an asset and step it has but one.
 */
export interface DirectionBacktestWindow
  extends
    ComparedDirections,
    Pick<BacktestWindow, 'cutoff' | 'from' | 'to' | 'trainRows' | 'validationRows' | 'modelSha256'> {}

/** What a backtest found over all its windows. */
export interface DirectionBacktestScores extends ComparedDirections {
  /** Of Diebold and Mariano, one differential a window; null where there are too few windows to tell. */
  readonly significance: SkillTest | null;
  /** As in `PartDirections`; never where a window could not be scored. */
  readonly hasSkill: boolean;
  readonly perAsset: readonly Omit<AssetDirections, 'flatWithin'>[];
  readonly unscoredAssets: readonly string[];
  readonly perStep: readonly StepDirections[];
  readonly spread: {
    readonly logLoss: WindowSpread;
    readonly accuracy: WindowSpread;
    readonly macroF1: WindowSpread;
    readonly brier: WindowSpread;
    readonly skill: WindowSpread;
  };
}

/**
 * How good probabilities of directions from several cut-offs were. Without refit `overall` is what the ordinary evaluation
 * gives for these origins. With refit every window has a train part of its own: what is flat there, and the shares that its
 * model is compared with, are of that part.
 */
export interface DirectionBacktestReport extends Pick<BacktestReport, 'refit' | 'step' | 'rollingRows' | 'skipped'> {
  readonly windows: readonly DirectionBacktestWindow[];
  /** Null when no window was scored. */
  readonly overall: DirectionBacktestScores | null;
}

/** The probabilities that were scored, for exports. */
export interface DirectionBacktestForecasts {
  /** Rows of the main axis, ascending. */
  readonly cutoffs: Int32Array;
  /** By window: [horizon, targets, 3]. */
  readonly probabilities: readonly Float64Array[];
  /** By window, for each target [horizon]: labels of what came, see `DIRECTIONS`. */
  readonly labels: readonly (readonly Uint8Array[])[];
}

export interface DirectionBacktested {
  readonly report: DirectionBacktestReport;
  readonly forecasts: DirectionBacktestForecasts;
}
