export interface PointMetrics {
  /** Observed target values that were scored. */
  readonly count: number;
  readonly mse: number;
  readonly mae: number;
  readonly rmse: number;
  /** Percent, 0…200; 0/0 counts as 0. */
  readonly smape: number;
  /** MAE divided by the in-sample seasonal-naive MAE of the train part; null where that is 0. */
  readonly mase: number | null;
}

/** Skill = 1 − error / error of the baseline, on MAE and on RMSE; null where the baseline's error is 0. */
export interface Skill {
  readonly mae: number | null;
  readonly rmse: number | null;
}

export interface ScoredForecast {
  readonly original: PointMetrics;
  readonly scaled: PointMetrics;
}

export interface PartEvaluation {
  readonly part: 'validation' | 'test';
  readonly windows: number;
  /** First and last forecast row of the part, ISO 8601. */
  readonly from: string;
  readonly to: string;
  readonly model: ScoredForecast;
  readonly naive: ScoredForecast;
  readonly seasonalNaive: ScoredForecast;
  readonly skill: { readonly naive: Skill; readonly seasonalNaive: Skill };
  /** True when the model beats both baselines on MAE in original units (averaged over assets after scaling). */
  readonly hasSkill: boolean;
  readonly perAsset: readonly {
    readonly asset: string;
    readonly model: ScoredForecast;
    readonly naive: ScoredForecast;
    readonly seasonalNaive: ScoredForecast;
    readonly skill: { readonly naive: Skill; readonly seasonalNaive: Skill };
  }[];
  /** Step 1…horizon; scaled units over all assets. */
  readonly perStep: readonly {
    readonly step: number;
    readonly model: PointMetrics;
    readonly naive: PointMetrics;
    readonly seasonalNaive: PointMetrics;
  }[];
}

export interface EvaluationReport {
  readonly format: 1;
  readonly seasonLength: number;
  readonly validation: PartEvaluation | null;
  readonly test: PartEvaluation | null;
}
