/**
 * Writes the quantiles of a sample, sorted ascending, from `into[at]` on. The k-th smallest of n stands at the level
 * (k − 1/3) / (n + 1/3), linear between neighbours, the smallest and the greatest beyond them: unbiased for the median of
 * an order statistic whatever the distribution.
 * Source: Hyndman & Fan, Sample Quantiles in Statistical Packages, The American Statistician 50 (1996), definition 8.
 */
export function sampleQuantiles(sorted: Float64Array, levels: readonly number[], into: Float64Array, at: number): void {
  const n = sorted.length;
  levels.forEach((level, position) => {
    const place = Math.min(n - 1, Math.max(0, level * (n + 1 / 3) + 1 / 3 - 1));
    const below = Math.floor(place);
    const low = sorted[below]!;
    const value = low + (place - below) * (sorted[Math.min(n - 1, below + 1)]! - low);
    // Rounding may put neighbours the wrong way round by a bit.
    into[at + position] = position === 0 ? value : Math.max(value, into[at + position - 1]!);
  });
}
