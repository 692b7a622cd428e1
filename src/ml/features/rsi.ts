import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';
import { unwrittenColumn } from './unwritten-column.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 14,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'Changes that the smoothed gain and loss begin with, and the inverse of their smoothing.',
  },
} as const satisfies ParameterSpace;

/**
 * Relative strength index (J. W. Wilder, New Concepts in Technical Trading Systems, 1978):
 * RSI_t = 100 · G_t / (G_t + L_t), with gain g = max(x_t − x_{t−1}, 0), loss l = max(x_{t−1} − x_t, 0), and Wilder's
 * smoothing G_t = G_{t−1} + (g_t − G_{t−1}) / w, begun with the mean of the first w changes; L likewise.
 * 0…100; NaN in the first w rows; 50 where the series has not moved at all since the average began (the usual formula
 * divides 0 by 0 there). It remembers everything since its beginning and begins anew after a NaN.
 *
 * Computed as 50 + 50 · D / T with the sums of Wilder's work sheet, T_t = (1 − 1/w) · T_{t−1} + |x_t − x_{t−1}| for
 * w · (G + L), and D likewise of the signed changes for w · (G − L): no branch on the sign of a change. Both are rounded
 * alike, so |D| ≤ T holds to the bit, and without losses or gains the index is exactly 100 or 0.
 */
export const rsi: FeatureStep = {
  name: 'rsi',
  title: 'Relative strength index',
  description: "Share of the gains in all changes of late, with Wilder's smoothing; 0…100.",
  codeVersion: 3,
  scope: 'asset',
  parameters,
  warmUp: (values) => windowOf(values),
  columnNames: (values) => [`RSI_${windowOf(values)}`],
  compute(input, values) {
    const window = windowOf(values);
    return [{ name: `RSI_${window}`, values: relativeStrength(input.value, window) }];
  },
};

/** The index by itself, for steps that are made of it. */
export function relativeStrength(values: Float64Array, window: number): Float64Array {
  const length = values.length;
  const strengths = unwrittenColumn(length);
  const k = 1 - 1 / window;
  const k2 = k * k;
  const k3 = k2 * k;
  const k4 = k3 * k;
  let row = 0;
  let before = NaN;
  while (row < length) {
    let changes = 0;
    let travelled = 0;
    let gained = 0;
    for (; changes < window && row < length; row++) {
      const change = values[row]! - before;
      before = values[row]!;
      strengths[row] = NaN;
      if (Number.isNaN(change)) {
        changes = travelled = gained = 0;
        continue;
      }
      changes++;
      travelled += Math.abs(change);
      gained += change;
    }
    if (changes < window) break;
    strengths[row - 1] = strengthOf(gained, travelled);
    // Four rows a turn, as in `exponentialAverage`: one product and one sum wait for the turn before.
    while (row < length - 3) {
      const x0 = values[row]!;
      const x1 = values[row + 1]!;
      const x2 = values[row + 2]!;
      const x3 = values[row + 3]!;
      const c0 = x0 - before;
      const c1 = x1 - x0;
      const c2 = x2 - x1;
      const c3 = x3 - x2;
      const t0 = Math.abs(c0);
      const t1 = k * t0 + Math.abs(c1);
      const t2 = k * t1 + Math.abs(c2);
      const g1 = k * c0 + c1;
      const g2 = k * g1 + c2;
      const lastTravelled = k4 * travelled + (k * t2 + Math.abs(c3));
      if (Number.isNaN(lastTravelled)) break;
      const lastGained = k4 * gained + (k * g2 + c3);
      strengths[row] = strengthOf(k * gained + c0, k * travelled + t0);
      strengths[row + 1] = strengthOf(k2 * gained + g1, k2 * travelled + t1);
      strengths[row + 2] = strengthOf(k3 * gained + g2, k3 * travelled + t2);
      strengths[row + 3] = strengthOf(lastGained, lastTravelled);
      travelled = lastTravelled;
      gained = lastGained;
      before = x3;
      row += 4;
    }
    // The same turn with less than four rows, at the end of the series or up to a NaN.
    let newTravelled = 0;
    let newGained = 0;
    for (let decay = k; row < length; decay *= k) {
      const change = values[row]! - before;
      before = values[row]!;
      newTravelled = k * newTravelled + Math.abs(change);
      newGained = k * newGained + change;
      strengths[row++] = strengthOf(decay * gained + newGained, decay * travelled + newTravelled);
      if (Number.isNaN(change)) break;
    }
  }
  return strengths;
}

function strengthOf(gained: number, travelled: number): number {
  return travelled === 0 ? 50 : 50 + 50 * (gained / travelled);
}

function windowOf(values: ParameterValues): number {
  return resolveParameters(parameters, values, 'rsi').window;
}
