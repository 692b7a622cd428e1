/**
 * The smallest value v for which the values up to v have at least `level` of the total weight: a minimiser of the pinball
 * loss. Weights null: all 1. A weight of k counts as k equal values. NaN without values.
 */
export function weightedQuantile(values: Float64Array, weights: Float64Array | null, level: number): number {
  if (values.length === 0) return Number.NaN;
  if (weights === null) {
    const sorted = values.slice().sort();
    return sorted[Math.max(0, Math.ceil(level * sorted.length - ROUNDING) - 1)]!;
  }
  const order = Int32Array.from(values, (_, at) => at).sort((a, b) => values[a]! - values[b]!);
  const limit = level * weights.reduce((sum, weight) => sum + weight, 0) - ROUNDING;
  let sum = 0;
  for (const at of order) {
    sum += weights[at]!;
    if (sum >= limit && weights[at]! > 0) return values[at]!;
  }
  return values[order[order.length - 1]!]!;
}

const ROUNDING = 1e-9;
