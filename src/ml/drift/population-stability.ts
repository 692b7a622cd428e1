/**
 * Population stability index of two sets of shares over the same bins: Σ (q − p) · ln(q / p). 0 for equal shares, the
 * same either way round, and never negative: it is the divergence of Kullback and Leibler in both directions. By custom
 * below 0.1 nothing, and from 0.2 on a shift. Source: Siddiqi, "Credit Risk Scorecards", 2006; Kullback, Leibler, "On
 * Information and Sufficiency", 1951.
 *
 * `counts` of both over the same bins. An empty bin would make it infinite, so every bin has half a value more: the
 * estimate of Krichevsky and Trofimov.
 */
export function populationStability(reference: readonly number[], recent: readonly number[]): number {
  const [p, q] = [smoothed(reference), smoothed(recent)];
  return p.reduce((sum, share, bin) => sum + (q[bin]! - share) * Math.log(q[bin]! / share), 0);
}

function smoothed(counts: readonly number[]): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0) + counts.length / 2;
  return counts.map((count) => (count + 0.5) / all);
}

/**
 * Borders between `bins` bins that hold about equally many of the ascending values: bin b has those above border b − 1
 * and not above border b. Equal borders are one, so values that repeat give fewer bins.
 */
export function quantileBorders(ascending: Float64Array, bins: number): number[] {
  const borders = new Set<number>();
  for (let bin = 1; bin < bins; bin++) {
    const at = Math.ceil((bin * ascending.length) / bins) - 1;
    const border = ascending[Math.max(0, at)]!;
    // Above the largest border there must be something, or the last bin would be empty by construction.
    if (border < ascending[ascending.length - 1]!) borders.add(border);
  }
  return [...borders];
}

/** How many values each bin has. */
export function binCounts(borders: readonly number[], values: Float64Array): number[] {
  const counts = new Array<number>(borders.length + 1).fill(0);
  for (const value of values) {
    let [low, high] = [0, borders.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (borders[middle]! < value) low = middle + 1;
      else high = middle;
    }
    counts[low]! += 1;
  }
  return counts;
}
