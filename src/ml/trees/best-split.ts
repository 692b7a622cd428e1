import { MISSING_BIN } from './bin-columns.js';
import { COLUMN_STRIDE, type Histogram } from './histogram.js';
import type { PackedGradients } from './packed-gradients.js';

export interface SplitLimits {
  /** Rows on either side, at least. */
  readonly minimumRows: number;
  /** λ of L2 regularisation: draws leaves, small ones above all, to 0. */
  readonly lambda: number;
}

/** Rows whose bin of `column` is at most `bin` go left, those without a value as `missingLeft` says. */
export interface Split {
  column: number;
  bin: number;
  missingLeft: boolean;
  /** Fall of the loss, twice, in units of the gradients squared over the curvature; 0 when there is no split. */
  gain: number;
}

/** Gains below this share of the score are rounding. */
const ROUNDING = 1e-10;

/**
 * The split that maximises G_l² / (H_l + λ) + G_r² / (H_r + λ) − G² / (H + λ), G and H the sums of gradients and
 * curvatures on a side; both sides are tried for missing values, and a split of the missing from all others is one, too.
 * Ties go to the first column and bin. Where no value of a column is missing in the leaf, missing ones will go with the
 * larger side. `binCounts`: bins of each column, that of missing values included. Source: Chen & Guestrin, XGBoost, KDD 2016, formula 7 and algorithm 3.
 */
export function findSplit(
  { packed, curvatures }: Histogram,
  binCounts: Int32Array,
  chosen: Int32Array,
  { unit, gradientStep, curvatureStep }: PackedGradients,
  { minimumRows, lambda }: SplitLimits,
  into: Split,
): void {
  into.gain = 0;
  const first = chosen[0]! * COLUMN_STRIDE;
  const end = first + binCounts[chosen[0]!]!;
  let total = 0;
  let totalCurved = 0;
  for (let at = first; at < end; at++) {
    total += packed[at]!;
    if (curvatures !== null) totalCurved += curvatures[at]!;
  }
  const perUnit = 1 / unit;
  const rows = Math.floor(total * perUnit + 0.5);
  const gradient = (total - rows * unit) * gradientStep;
  const curvature = curvatures === null ? rows : totalCurved * curvatureStep;
  const unsplit = (gradient * gradient) / (curvature + lambda);
  let best = unsplit + ROUNDING * unsplit;
  for (let n = 0; n < chosen.length; n++) {
    const column = chosen[n]!;
    const begin = column * COLUMN_STRIDE;
    const binCount = binCounts[column]!;
    const missing = packed[begin + MISSING_BIN]!;
    const missingCurved = curvatures === null ? 0 : curvatures[begin + MISSING_BIN]!;
    const sides = missing === 0 ? 1 : 2;
    let sum = 0;
    let curved = 0;
    for (let bin = 1; bin < binCount; bin++) {
      const ofBin = packed[begin + bin]!;
      // An empty bin parts the rows as the one before it.
      if (ofBin === 0) continue;
      sum += ofBin;
      if (curvatures !== null) curved += curvatures[begin + bin]!;
      for (let side = 0; side < sides; side++) {
        const left = side === 0 ? sum + missing : sum;
        // Rounds to the nearest: a count is below 2³¹.
        const leftRows = (left * perUnit + 0.5) | 0;
        const rightRows = rows - leftRows;
        if (leftRows < minimumRows || rightRows < minimumRows) continue;
        const g = (left - leftRows * unit) * gradientStep;
        const h = curvatures === null ? leftRows : (side === 0 ? curved + missingCurved : curved) * curvatureStep;
        const other = gradient - g;
        const score = (g * g) / (h + lambda) + (other * other) / (curvature - h + lambda);
        if (score <= best) continue;
        best = score;
        into.gain = score - unsplit;
        into.column = column;
        into.bin = bin;
        into.missingLeft = sides === 1 ? leftRows >= rightRows : side === 0;
      }
    }
  }
}
