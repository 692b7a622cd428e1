import type { NetworkLayer } from '../engine/network.js';
import type { ParameterSpace } from '../parameters.js';
import { networkAlgorithm } from './neural/network-algorithm.js';
import { dropoutLayers, headLayers } from './neural/network-core.js';
import { NETWORK_PARAMETERS } from './neural/network-parameters.js';

const hyperparameters = {
  filters: {
    kind: 'integer',
    default: 32,
    minimum: 1,
    maximum: 512,
    scale: 'log',
    description: 'Channels of every convolution.',
  },
  kernelSize: {
    kind: 'integer',
    default: 3,
    minimum: 2,
    maximum: 16,
    unit: 'rows',
    description: 'Taps of every convolution.',
  },
  blocks: {
    kind: 'integer',
    default: 4,
    minimum: 1,
    maximum: 10,
    description:
      'Residual blocks of two convolutions; dilations are 1, 2, 4, …, so that n blocks of k taps see ' +
      '1 + 2·(k − 1)·(2ⁿ − 1) rows.',
  },
  dropout: {
    kind: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.9,
    description: 'Share of the values after each convolution that training drops.',
  },
  ...NETWORK_PARAMETERS,
} as const satisfies ParameterSpace;

/**
 * Residual blocks of dilated causal convolutions over the window; the last step leads to all horizon steps at once.
 *
 *   block(x) = relu(x′ + conv(conv(x))), each conv causal with relu; x′ = x, or a convolution of one tap where the
 *   number of channels changes
 *
 * Without the weight normalisation of the source: windows are normalised before.
 * Source: Bai, Kolter & Koltun, An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence
 * Modeling, 2018.
 */
export const tcn = networkAlgorithm({
  name: 'tcn',
  title: 'TCN',
  description:
    'Dilated causal convolutions in residual blocks: sees long windows in few layers, and trains without recurrence.',
  hyperparameters,
  core({ filters, kernelSize, blocks, dropout }, shape) {
    const convolution = (name: string, dilation: number, from?: string): NetworkLayer => ({
      type: 'Conv1D',
      name,
      config: { filters, kernel_size: kernelSize, padding: 'causal', dilation_rate: dilation, activation: 'relu' },
      ...(from !== undefined && { from: [from] }),
    });
    const layers: NetworkLayer[] = [];
    let before = shape.window;
    let width = shape.width;
    for (let n = 1; n <= blocks; n++) {
      const dilation = 2 ** (n - 1);
      layers.push(
        convolution(`convolution_${n}a`, dilation, before),
        ...dropoutLayers(`dropout_${n}a`, dropout),
        convolution(`convolution_${n}b`, dilation),
        ...dropoutLayers(`dropout_${n}b`, dropout),
      );
      const inner = layers[layers.length - 1]!.name;
      if (width !== filters) {
        const config = { filters, kernel_size: 1, padding: 'causal' };
        layers.push({ type: 'Conv1D', name: `passed_${n}`, config, from: [before] });
        before = `passed_${n}`;
      }
      layers.push(
        { type: 'Add', name: `sum_${n}`, config: {}, from: [before, inner] },
        { type: 'Activation', name: `block_${n}`, config: { activation: 'relu' } },
      );
      before = `block_${n}`;
      width = filters;
    }
    layers.push(
      { type: 'Cropping1D', name: 'last_block', config: { cropping: [shape.lookBack - 1, 0] } },
      { type: 'Flatten', name: 'state', config: {} },
    );
    return { layers: [...layers, ...headLayers(shape)] };
  },
});
