import type { NetworkLayer } from '../engine/network.js';
import type { ParameterSpace } from '../parameters.js';
import { networkAlgorithm } from './neural/network-algorithm.js';
import { zeroDense } from './neural/network-core.js';
import { NETWORK_PARAMETERS, withDefaults } from './neural/network-parameters.js';

const hyperparameters = {
  movingAverage: {
    kind: 'integer',
    default: 25,
    minimum: 2,
    maximum: 1000,
    unit: 'rows',
    description: 'Rows of the moving average that is taken for the trend; the ends of the window are repeated.',
  },
  ...withDefaults(NETWORK_PARAMETERS, { channels: 'shared', normalisation: 'none' }),
} as const satisfies ParameterSpace;

/**
 * The window is cut into its moving average and the remainder, each has a linear map to all steps, and both are added.
 * The average is centred, ⌊(m − 1)/2⌋ rows before and the others after, the first and the last value of the window
 * repeated beyond its ends. It is a fixed matrix over time inside the network, so an exported file holds all of it.
 * Source: DLinear of Zeng et al., Are Transformers Effective for Time Series Forecasting?, AAAI 2023.
 */
export const dlinear = networkAlgorithm({
  name: 'dlinear',
  title: 'DLinear',
  description: 'Two linear maps, of the moving average of the window and of what remains, trained in epochs.',
  hyperparameters,
  core({ movingAverage }, { lookBack, width, horizon, outputs }) {
    const units = horizon * outputs;
    const layers: NetworkLayer[] = [
      { type: 'Permute', name: 'series', config: { dims: [2, 1] } },
      { type: 'Dense', name: 'trend', config: { units: lookBack, use_bias: false, trainable: false } },
      { type: 'Subtract', name: 'remainder', config: {}, from: ['series', 'trend'] },
      { type: 'Flatten', name: 'remainder_values', config: {} },
      { type: 'Dense', name: 'of_remainder', config: { units } },
      { type: 'Reshape', name: 'trend_values', config: { target_shape: [width * lookBack] }, from: ['trend'] },
      { type: 'Dense', name: 'of_trend', config: { units } },
      { type: 'Add', name: 'sum', config: {}, from: ['of_trend', 'of_remainder'] },
      { type: 'Reshape', name: 'steps', config: { target_shape: [horizon, outputs] } },
    ];
    return {
      layers,
      fixed: { trend: { kernel: { shape: [lookBack, lookBack], data: averaging(lookBack, movingAverage) } } },
      start: {
        of_remainder: zeroDense(lookBack * width, units),
        of_trend: zeroDense(lookBack * width, units),
      },
    };
  },
});

/** [rows, rows], row-major: what value i gives to the average around row t is at i·rows + t. */
export function averaging(rows: number, length: number): Float32Array {
  const matrix = new Float64Array(rows * rows);
  const before = Math.floor((length - 1) / 2);
  for (let t = 0; t < rows; t++) {
    for (let n = 0; n < length; n++) {
      const i = Math.min(rows - 1, Math.max(0, t - before + n));
      matrix[i * rows + t]! += 1 / length;
    }
  }
  return Float32Array.from(matrix);
}
