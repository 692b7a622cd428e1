import { studentTCdf } from '../metrics/student-t.js';

/** Errors of a model as it was evaluated: mean and mean square of what is compared, and of how many windows. */
export interface ReferenceError {
  readonly mean: number;
  /** Null where it is not known: then the recent one is taken for it. */
  readonly meanSquare: number | null;
  /** Independent windows the mean is worth. */
  readonly windows: number;
}

export interface ErrorThresholds {
  /** Smallest recent error / error of the test part that is drift. */
  readonly errorRatio: number;
  readonly significance: number;
  /** With fewer forecasts of different origins nothing is said. */
  readonly minimumForecasts: number;
}

export interface ErrorDrift {
  /** Forecasts of different origins. */
  readonly count: number;
  /** Mean recent error. */
  readonly recent: number;
  /** Mean error of the test part. */
  readonly reference: number;
  /** Null where the model made no error in the test part. */
  readonly ratio: number | null;
  /** One-sided: how likely so large an error is with the errors of the test part. */
  readonly pValue: number;
  /** Null with too few forecasts to tell. */
  readonly isDrift: boolean | null;
}

/**
 * Holds recent errors, one a forecast (the mean over its horizon), against those of the test part: Welch's test, one-sided,
 * t = (m − m₀) / √(s²/n + s₀²/n₀) with his degrees of freedom. Forecasts of neighbouring origins share most of what they
 * forecast: `independent` is what they are worth, the different times that were forecast divided by the horizon. Drift is
 * both: a ratio that matters, and one that is not chance.
 *
 * s₀² is that of single errors, not of means over a horizon, so it is too large and the test is careful. Source: Welch,
 * "The generalization of 'Student's' problem when several different population variances are involved", 1947.
 */
export function errorDrift(
  errors: Float64Array,
  independent: number,
  reference: ReferenceError,
  { errorRatio, significance, minimumForecasts }: ErrorThresholds,
): ErrorDrift | null {
  if (errors.length === 0) return null;
  const recent = mean(errors);
  const n = Math.max(2, independent);
  const n0 = Math.max(2, reference.windows);
  const variance = errors.length === 1 ? 0 : mean(errors.map((one) => (one - recent) ** 2));
  const ofReference =
    reference.meanSquare === null ? variance : Math.max(0, reference.meanSquare - reference.mean * reference.mean);
  const [own, other] = [variance / n, ofReference / n0];
  const difference = recent - reference.mean;
  const degrees = (own + other) ** 2 / (own ** 2 / (n - 1) + other ** 2 / (n0 - 1));
  const pValue =
    own + other === 0 ? (difference > 0 ? 0 : 1) : studentTCdf(-difference / Math.sqrt(own + other), degrees);
  const ratio = reference.mean === 0 ? null : recent / reference.mean;
  const isLarger = ratio === null ? recent > 0 : ratio >= errorRatio;
  return {
    count: errors.length,
    recent,
    reference: reference.mean,
    ratio,
    pValue,
    isDrift: errors.length < minimumForecasts ? null : isLarger && pValue <= significance,
  };
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
