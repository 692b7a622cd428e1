import type { Skill } from '../../ml/metrics/skill.js';
import type { MetricsSummary, PartSummary } from '../metrics-summary.js';

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

export class PartSummaryDto implements PartSummary {
  windows!: number;
  /** In the units of the data. */
  original!: ScoresDto;
  /** In scaled units, as the baselines beside it. */
  scaled!: ScoresDto;
  naive!: ScoresDto;
  seasonalNaive!: ScoresDto;
  skill!: SkillsDto;
  /** Absent in results from before the test. */
  pValue?: PValuesDto;
  /** False: a baseline forecasts as well, or the difference may be chance. */
  hasSkill!: boolean;
}

export class MetricsSummaryDto implements MetricsSummary {
  /** Rows of one season. */
  seasonLength!: number;
  validation!: PartSummaryDto | null;
  test!: PartSummaryDto | null;
}
