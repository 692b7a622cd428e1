import { networkAlgorithm } from './neural/network-algorithm.js';
import { NETWORK_PARAMETERS } from './neural/network-parameters.js';
import { RECURRENT_PARAMETERS, recurrentCore } from './neural/recurrent-core.js';

/**
 * GRU layers over the window, in one direction or both, then one Dense layer to all horizon steps and targets at once.
 * Three gates instead of the LSTM's four, and no second state. Input [lookBack, inputs], output [horizon, targets].
 * Source: Cho et al., Learning Phrase Representations using RNN Encoder–Decoder, EMNLP 2014; reset after the product.
 */
export const gru = networkAlgorithm({
  name: 'gru',
  title: 'GRU',
  description:
    'Recurrent network with fewer weights than an LSTM of equal units: learns across assets and features, in epochs.',
  hyperparameters: { ...RECURRENT_PARAMETERS, ...NETWORK_PARAMETERS },
  core: (parameters, shape) => recurrentCore('GRU', parameters, shape),
});
