export interface KolmogorovSmirnov {
  /** Largest distance between the two empirical distribution functions, 0…1. */
  readonly statistic: number;
  /** Two-sided: how likely such a distance is between samples of one distribution. */
  readonly pValue: number;
}

/**
 * Two-sample test of Kolmogorov and Smirnov on ascending values. p = Q(√(n · m / (n + m)) · D) with the limit
 * distribution of Kolmogorov, as SciPy's `ks_2samp(method='asymp')` has it up to the correction that it makes for small
 * samples. Source: Smirnov, "Table for Estimating the Goodness of Fit of Empirical Distributions", 1948; Hodges, "The
 * significance probability of the Smirnov two-sample test", 1958.
 *
 * `sizes`: how many independent values the samples are worth, where that is fewer than they have: neighbours in a series
 * are alike, and the test takes its values for independent.
 */
export function kolmogorovSmirnov(
  left: Float64Array,
  right: Float64Array,
  sizes: { readonly left: number; readonly right: number } = { left: left.length, right: right.length },
): KolmogorovSmirnov {
  let [atLeft, atRight, statistic] = [0, 0, 0];
  while (atLeft < left.length && atRight < right.length) {
    const value = Math.min(left[atLeft]!, right[atRight]!);
    while (atLeft < left.length && left[atLeft] === value) atLeft += 1;
    while (atRight < right.length && right[atRight] === value) atRight += 1;
    statistic = Math.max(statistic, Math.abs(atLeft / left.length - atRight / right.length));
  }
  const size = (sizes.left * sizes.right) / (sizes.left + sizes.right);
  return { statistic, pValue: kolmogorovTail(Math.sqrt(size) * statistic) };
}

/** Below this the alternating series converges too slowly, and the other one, of Jacobi's theta function, at once. */
const SERIES_BORDER = 1.18;
const TERMS = 20;

/**
 * Q(x) = 2 Σ (−1)^(k−1) e^(−2 k² x²), k from 1, and for small x 1 − √(2π)/x Σ e^(−(2k−1)² π² / (8 x²)). Source:
 * Kolmogorov, "Sulla determinazione empirica di una legge di distribuzione", 1933.
 */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1;
  let sum = 0;
  if (x < SERIES_BORDER) {
    for (let k = 1; k <= TERMS; k++) sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x * x));
    return Math.min(1, Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * sum));
  }
  for (let k = 1; k <= TERMS; k++) sum += (k % 2 === 1 ? 1 : -1) * Math.exp(-2 * k * k * x * x);
  return Math.min(1, Math.max(0, 2 * sum));
}
