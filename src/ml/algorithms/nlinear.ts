import { networkAlgorithm } from './neural/network-algorithm.js';
import { headLayers, zeroDense } from './neural/network-core.js';
import { NETWORK_PARAMETERS, withDefaults } from './neural/network-parameters.js';

/** Last-value normalisation is what the N stands for: no choice here. */
const shared = Object.fromEntries(
  Object.entries(NETWORK_PARAMETERS).filter(([name]) => name !== 'normalisation'),
) as Omit<typeof NETWORK_PARAMETERS, 'normalisation'>;

const hyperparameters = withDefaults(shared, { channels: 'shared' });

/**
 * One linear map from the window, less its last value, to all steps, the last value added back:
 *
 *   ŷ[t + h] = v[t] + Σᵢ W[h][i]·(v[t − i] − v[t]) + b[h]
 *
 * with the weights shared by all targets, or, with joint channels, over all input columns.
 * Source: NLinear of Zeng et al., Are Transformers Effective for Time Series Forecasting?, AAAI 2023.
 */
export const nlinear = networkAlgorithm({
  name: 'nlinear',
  title: 'NLinear',
  description:
    'Linear map from the last-value-normalised window to all steps, trained in epochs: any loss, quantiles included; ' +
    'for the squared error ridge solves the same in closed form.',
  hyperparameters,
  core: (_parameters, shape) => ({
    layers: [{ type: 'Flatten', name: 'values', config: {} }, ...headLayers(shape)],
    start: { head: zeroDense(shape.lookBack * shape.width, shape.horizon * shape.outputs) },
  }),
});
