import type { PointMetrics } from '../metrics/point-metrics.js';
import type { Skill } from '../metrics/skill.js';
import type { SkillTests } from './skill-tests.js';

/**
 * `original`: in the units of the data. `scaled`: in those of the model, after the target transform, where that is
 * element-wise. Under a transform that depends on position (difference, log-return, detrend) the model's numbers are
 * changes, and errors of changes are not errors of the forecast: there `scaled` is the value restored in original units,
 * divided by the asset's `trainDeviation`. Its errors are those of a standard score, so they compare with those of a
 * model whose targets were standardised.
 */
export interface ScoredForecast {
  readonly original: PointMetrics;
  readonly scaled: PointMetrics;
}

/** One set of values, forecast three times. Everything is finite, so the report is JSON as it is. */
export interface ComparedForecasts {
  readonly model: ScoredForecast;
  readonly naive: ScoredForecast;
  readonly seasonalNaive: ScoredForecast;
  /**
   * 1 − error / error of the baseline. For one asset in original units. Over several assets, whose units differ, each
   * error is first divided by its asset's `trainDeviation`: large series do not drown small ones.
   */
  readonly skill: { readonly naive: Skill; readonly seasonalNaive: Skill };
}

export interface AssetEvaluation extends ComparedForecasts {
  readonly asset: string;
  /** Standard deviation of the asset's observed train rows, original units. */
  readonly trainDeviation: number;
}

/** One step of the horizon, over all assets, scaled units. */
export interface StepEvaluation {
  /** From 1. */
  readonly step: number;
  readonly model: PointMetrics;
  readonly naive: PointMetrics;
  readonly seasonalNaive: PointMetrics;
  readonly significance: SkillTests;
}
