import type { NetworkLayer } from '../engine/network.js';
import type { ParameterSpace } from '../parameters.js';
import { networkAlgorithm } from './neural/network-algorithm.js';
import { dropoutLayers, headLayers } from './neural/network-core.js';
import { NETWORK_PARAMETERS } from './neural/network-parameters.js';

const hyperparameters = {
  units: {
    kind: 'integers',
    default: [128, 128],
    minimum: 1,
    maximum: 2048,
    minimumLength: 1,
    maximumLength: 6,
    description: 'Units of each hidden layer, from the window to the head.',
  },
  activation: {
    kind: 'choice',
    values: ['relu', 'gelu', 'tanh'],
    default: 'relu',
    description: 'Function of the hidden units.',
  },
  dropout: {
    kind: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.9,
    description: 'Share of the values after each hidden layer that training drops.',
  },
  ...NETWORK_PARAMETERS,
} as const satisfies ParameterSpace;

/**
 * Dense layers over the flattened window, then one to all horizon steps and targets at once.
 * Input [lookBack, inputs], output [horizon, targets].
 * Source: Rumelhart, Hinton & Williams, Learning representations by back-propagating errors, Nature 323 (1986).
 */
export const mlp = networkAlgorithm({
  name: 'mlp',
  title: 'MLP',
  description: 'Dense layers over the whole window at once: the fastest network, strong where windows are short.',
  hyperparameters,
  core({ units, activation, dropout }, shape) {
    const hidden = units.flatMap((count, n): NetworkLayer[] => [
      { type: 'Dense', name: `hidden_${n + 1}`, config: { units: count, activation } },
      ...dropoutLayers(`dropout_${n + 1}`, dropout),
    ]);
    return { layers: [{ type: 'Flatten', name: 'values', config: {} }, ...hidden, ...headLayers(shape)] };
  },
});
