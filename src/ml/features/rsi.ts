import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';

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
 */
export const rsi: FeatureStep = {
  name: 'rsi',
  title: 'Relative strength index',
  description: "Share of the gains in all changes of late, with Wilder's smoothing; 0…100.",
  codeVersion: 2,
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
  const strengths = new Float64Array(length);
  const kept = 1 - 1 / window;
  const halfShare = 0.5 / window;
  let row = 0;
  let before = NaN;
  while (row < length) {
    let changes = 0;
    let gain = 0;
    let loss = 0;
    for (; changes < window && row < length; row++) {
      const change = values[row]! - before;
      before = values[row]!;
      strengths[row] = NaN;
      if (Number.isNaN(change)) {
        changes = gain = loss = 0;
        continue;
      }
      changes++;
      gain += (Math.max(change, 0) - gain) * (1 / changes);
      loss += (Math.max(-change, 0) - loss) * (1 / changes);
    }
    if (changes < window) break;
    strengths[row - 1] = strengthOf(gain, loss);
    // A loop of its own, as short as can be: each average waits for the one before it.
    // max(c, 0) = (|c| + c) / 2 exactly, without a branch that is guessed wrong half the time.
    while (row < length) {
      const change = values[row]! - before;
      const size = Math.abs(change);
      before = values[row]!;
      gain = gain * kept + (size + change) * halfShare;
      loss = loss * kept + (size - change) * halfShare;
      strengths[row++] = strengthOf(gain, loss);
      if (Number.isNaN(change)) break;
    }
  }
  return strengths;
}

function strengthOf(gain: number, loss: number): number {
  return gain + loss === 0 ? 50 : (100 * gain) / (gain + loss);
}

function windowOf(values: ParameterValues): number {
  return resolveParameters(parameters, values, 'rsi').window;
}
