import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { restartOnBlocks } from './restart-rows.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 20,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows averaged; the newest weighs as many times the oldest.',
  },
} as const satisfies ParameterSpace;

/**
 * Linearly weighted moving average: WMA_t = Σ_{i=1…w} i · x_{t−w+i} / (w(w + 1) / 2). NaN in the first w − 1 rows and
 * while a NaN is in the window; a constant window gives the constant. (R. W. Colby, Encyclopedia of Technical Market
 * Indicators, 2003; the numbers of TA-Lib.)
 */
export const wma: FeatureStep = {
  name: 'wma',
  title: 'Weighted moving average',
  description: 'Mean of the last rows, in which the weight of a row falls linearly with its age.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  warmUp: (values) => windowOf(values) - 1,
  columnNames: (values) => [`WMA_${windowOf(values)}`],
  restartRow: (row, values) => restartOnBlocks(row, windowOf(values) - 1, windowOf(values)),
  compute(input, values) {
    const window = windowOf(values);
    return [{ name: `WMA_${window}`, values: weightedMeans(input.value, window) }];
  },
};

/**
 * O(n), by the blocks of `rollingMoments`: with nt rows in the tail of one block and nh in the head of the next, the
 * weighted sum is Σ_tail i·x + Σ_head i·x + nt · Σ_head x, each measured from a value inside the window.
 */
function weightedMeans(values: Float64Array, window: number): Float64Array {
  const length = values.length;
  const share = 2 / (window * (window + 1));
  const averages = new Float64Array(length);
  const tails = new Float64Array(window).fill(NaN);
  let tailAnchor = NaN;
  for (let blockStart = 0; blockStart < length; blockStart += window) {
    const headAnchor = values[blockStart]!;
    const delta = headAnchor - tailAnchor;
    const joined = Math.min(window - 1, length - blockStart);
    let sum = 0;
    let weighted = 0;
    for (let heads = 1; heads <= joined; heads++) {
      const row = blockStart + heads - 1;
      const value = values[row]! - headAnchor;
      const tailRows = window - heads;
      sum += value;
      weighted += heads * value;
      const headWeight = heads * tailRows + (heads * (heads + 1)) / 2;
      averages[row] = tailAnchor + (tails[heads]! + weighted + tailRows * sum + headWeight * delta) * share;
    }
    const last = blockStart + window - 1;
    if (last >= length) break;
    averages[last] = headAnchor + (weighted + window * (values[last]! - headAnchor)) * share;
    tailAnchor = values[last]!;
    sum = 0;
    weighted = 0;
    // One row more at the front raises the weight of all that follow by one.
    for (let offset = window - 1; offset > 0; offset--) {
      sum += values[blockStart + offset]! - tailAnchor;
      weighted += sum;
      tails[offset] = weighted;
    }
  }
  return averages;
}

function windowOf(values: ParameterValues): number {
  return resolveParameters(parameters, values, 'wma').window;
}
