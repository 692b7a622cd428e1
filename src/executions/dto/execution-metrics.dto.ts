import type { Skill } from '../../ml/metrics/skill.js';
import type {
  BacktestSummary,
  DirectionSummary,
  MemberSummary,
  MetricsSummary,
  PartSummary,
} from '../metrics-summary.js';

export class ScoresDto {
  mse!: number;
  mae!: number;
}

/** 1 − error / error of the baseline; null where the baseline has no error. */
export class SkillDto implements Skill {
  mae!: number | null;
  rmse!: number | null;
}

export class SkillsDto {
  naive!: SkillDto;
  seasonalNaive!: SkillDto;
}

/** Probability of so good a result if the model were no better (Diebold–Mariano, one-sided); null with too few windows. */
export class PValuesDto {
  naive!: number | null;
  seasonalNaive!: number | null;
}

/** Probabilities of directions against what came. */
export class DirectionSummaryDto implements DirectionSummary {
  logLoss!: number;
  /** Log loss of the shares of the directions in the train part. */
  trainSharesLogLoss!: number;
  /** How often the likeliest direction came. */
  accuracy!: number;
  macroF1!: number;
  /** One class against the others, within each asset and step; null where all went one way. */
  macroAuc!: number | null;
  brier!: number;
  calibrationError!: number;
  /** 1 − log loss / log loss of the train shares. */
  skill!: number;
  /** Of Diebold–Mariano, one-sided; null with too few windows. */
  pValue!: number | null;
}

/** Under the task direction there is `direction`, otherwise the scores of values. */
export class PartSummaryDto implements PartSummary {
  windows!: number;
  /** In the units of the data. */
  original?: ScoresDto;
  /** In scaled units, as the baselines beside it. */
  scaled?: ScoresDto;
  naive?: ScoresDto;
  seasonalNaive?: ScoresDto;
  skill?: SkillsDto;
  /** Absent in results from before the test. */
  pValue?: PValuesDto;
  /** Of the task direction only. */
  direction?: DirectionSummaryDto;
  /** False: a baseline forecasts as well, or the difference may be chance. */
  hasSkill!: boolean;
}

export class WindowSpreadDto {
  mean!: number;
  /** Of a sample; null for one window. */
  standardDeviation!: number | null;
}

/** What intervals hold of what they promise, both 0 … 1. */
export class CoverageDto {
  coverage!: number;
  /** Share of the observed values inside. */
  covered!: number;
}

/** Over the cut-offs of a backtest. */
export class BacktestSummaryDto implements BacktestSummary {
  /** Everything was fitted anew at each cut-off. */
  refit!: boolean;
  /** Cut-offs that were scored. */
  windows!: number;
  /** Cut-offs that could not be scored; the report has the reason of each. */
  skipped!: number;
  /** Mean absolute error of the windows, in the units of the data. */
  mae?: WindowSpreadDto;
  skill?: SkillsDto;
  pValue?: PValuesDto;
  /** Absent where there are none. */
  intervals?: CoverageDto[];
  /** Of the task direction, in place of the four above. */
  direction?: DirectionSummaryDto;
  /** False: a baseline forecasts as well, the difference may be chance, or a cut-off could not be scored. */
  hasSkill!: boolean;
}

export class BothScoresDto {
  original!: ScoresDto;
  scaled!: ScoresDto;
}

/** A member of an ensemble by itself, over the windows of the ensemble and in its scaled units. */
export class MemberSummaryDto implements MemberSummary {
  /** The id of its execution, or its model version. */
  name!: string;
  algorithm!: string;
  /** Its share of the forecast, 0 … 1. */
  weight!: number;
  validation!: BothScoresDto | null;
  test!: BothScoresDto | null;
}

export class MetricsSummaryDto implements MetricsSummary {
  /** Rows of one season; absent under the task direction. */
  seasonLength?: number;
  validation!: PartSummaryDto | null;
  test!: PartSummaryDto | null;
  /** Absent without a backtest; null where none of its windows was scored. */
  backtest?: BacktestSummaryDto | null;
  /** Of an ensemble only, those it does not use included. */
  members?: MemberSummaryDto[];
  /** An imported model, or an ensemble with one: it may have learned from the rows that score it. Absent for all others. */
  trainedElsewhere?: true;
}
