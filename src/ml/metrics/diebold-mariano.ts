import { studentTCdf } from './student-t.js';

/** Whether a model's loss is less than a baseline's by more than chance. */
export interface SkillTest {
  /** Loss differentials that were compared. */
  readonly count: number;
  /** Mean of the model's loss less the baseline's: below 0 the model is better. */
  readonly meanDifference: number;
  /** Null where every differential is the same: then there is no chance in them. */
  readonly statistic: number | null;
  /** Probability of a statistic this low if the model were no better: one-sided, 0…1. */
  readonly pValue: number;
}

/**
 * Test of Diebold and Mariano for equal accuracy. `differentials`: loss of the model less that of the baseline, in the
 * order of the windows on a regular grid; NaN where a window is missing. `overlap` m: errors of windows less than m
 * apart share rows and are correlated, so for forecasts h steps ahead from every row it is h.
 *
 * S = d̄ / √(V / n) with V the long-run variance of Newey and West, m − 1 lags with Bartlett weights 1 − k / m. Written as
 * sums of m neighbours, V = Σ (d̃[t] + … + d̃[t + m − 1])² / (n m) with d̃ = d − d̄ and 0 outside, which is never negative
 * and takes O(n). Corrected for small samples by √((n + 1 − 2m + m (m − 1) / n) / n) and compared with Student's t with
 * n − 1 degrees of freedom. Null for n ≤ m: there is nothing to estimate the variance from.
 *
 * Source: Diebold, Mariano, "Comparing Predictive Accuracy", Journal of Business & Economic Statistics 13 (1995); Newey,
 * West, Econometrica 55 (1987); Harvey, Leybourne, Newbold, "Testing the equality of prediction mean squared errors",
 * International Journal of Forecasting 13 (1997), equation 9.
 */
export function dieboldMariano(differentials: Float64Array, overlap: number): SkillTest | null {
  let count = 0;
  let sum = 0;
  for (const value of differentials) {
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
  }
  if (count <= overlap) return null;
  const mean = sum / count;
  const centred = differentials.map((value) => (Number.isNaN(value) ? 0 : value - mean));
  let squares = 0;
  let running = 0;
  for (let end = 0; end < centred.length + overlap - 1; end++) {
    running += (centred[end] ?? 0) - (centred[end - overlap] ?? 0);
    squares += running * running;
  }
  const variance = squares / (count * overlap);
  if (variance === 0) {
    return { count, meanDifference: mean, statistic: null, pValue: mean < 0 ? 0 : 1 };
  }
  const correction = Math.sqrt((count + 1 - 2 * overlap + (overlap * (overlap - 1)) / count) / count);
  const statistic = (mean / Math.sqrt(variance / count)) * correction;
  return { count, meanDifference: mean, statistic, pValue: studentTCdf(statistic, count - 1) };
}
