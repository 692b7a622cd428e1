import type { GapEvaluation } from '../gaps/gap-report.js';
import type { SkillTest } from '../metrics/diebold-mariano.js';
import type { Direction } from '../windows/direction-labels.js';
import type { DirectionBacktestReport } from './backtest/direction-backtest.js';
import type { AssetDirections, ComparedDirections, StepDirections } from './compared-directions.js';
import type { EvaluationReport } from './evaluation-report.js';

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
  /** Absent where none was asked for. */
  readonly backtest?: DirectionBacktestReport;
}

/** Of whatever task. */
export type ModelReport = EvaluationReport | DirectionReport;
