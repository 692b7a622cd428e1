import type { AssetEvaluation, ComparedForecasts, StepEvaluation } from '../compared-forecasts.js';
import type { IntervalScores } from '../../metrics/interval-metrics.js';
import type { IntervalEvaluation } from '../interval-evaluation.js';
import type { SkillTests } from '../skill-tests.js';

/** One cut-off, with the scores of the forecast from there over all assets and steps. */
export interface BacktestWindow extends ComparedForecasts {
  /** The last time that the forecast knows, ISO 8601. */
  readonly cutoff: string;
  /** First and last forecast row. */
  readonly from: string;
  readonly to: string;
  /** Rows of the parts that the model of this window was fitted on. */
  readonly trainRows: number;
  readonly validationRows: number;
  /**
   * What the intervals of the window hold of what they promise, over all assets and steps, see `PartEvaluation`: of a
   * refit its own, calibrated on its own validation part. Absent where there are none.
   */
  readonly intervals?: readonly IntervalScores[];
  /** With refit, of the window's model: an ordinary training of the same rows gives the same. */
  readonly modelSha256?: string;
}

/** A cut-off without a score, and why. */
export interface SkippedWindow {
  readonly cutoff: string;
  /** Of the table of errors, or `BUDGET`: the runtime was used up before the window was fitted. */
  readonly code: string;
  readonly message: string;
}

/** Over the windows. */
export interface WindowSpread {
  /** Windows in which the metric is defined; at least 1. */
  readonly count: number;
  readonly mean: number;
  /** Of a sample, √(Σ (x − x̄)² / (n − 1)); null for a single window. */
  readonly standardDeviation: number | null;
}

export interface BacktestSpreads {
  /** Original units; over several assets they pool whatever units these have. */
  readonly mae: WindowSpread;
  readonly rmse: WindowSpread;
  readonly smape: WindowSpread;
  /** Null where no window has one. */
  readonly mase: WindowSpread | null;
  readonly rmsse: WindowSpread | null;
  /** Skill on MAE. */
  readonly skill: { readonly naive: WindowSpread | null; readonly seasonalNaive: WindowSpread | null };
}

/** What a backtest found over all its windows. */
export interface BacktestScores extends ComparedForecasts {
  /** Test of Diebold and Mariano, one differential a window; null where there are too few windows to tell. */
  readonly significance: SkillTests;
  /** As in `PartEvaluation`; never where a window could not be scored. */
  readonly hasSkill: boolean;
  readonly perAsset: readonly AssetEvaluation[];
  readonly unscoredAssets: readonly string[];
  readonly perStep: readonly StepEvaluation[];
  readonly spread: BacktestSpreads;
  /** Over all windows; absent without intervals, null when nothing was observed. */
  readonly intervals?: IntervalEvaluation | null;
}

/**
 * How good forecasts from several cut-offs were. Without refit `overall` is what the ordinary evaluation gives for these
 * origins. With refit every window has scaling of its own: the scores of a window are in its own scaled units, those of
 * `overall` are in the deviations of the main train part, and baselines repeat the rows of the main axis.
 */
export interface BacktestReport {
  readonly refit: boolean;
  /** Rows between two cut-offs. */
  readonly step: number;
  /** Rows up to each cut-off that a window was fitted on; null for all. */
  readonly rollingRows: number | null;
  /** By time. */
  readonly windows: readonly BacktestWindow[];
  readonly skipped: readonly SkippedWindow[];
  /** Null when no window was scored. */
  readonly overall: BacktestScores | null;
}

/** The forecasts that were scored, for pictures and exports. */
export interface BacktestForecasts {
  /** Rows of the main axis, ascending. */
  readonly cutoffs: Int32Array;
  /** For each target [windows, horizon], original units. */
  readonly values: readonly Float64Array[];
}
