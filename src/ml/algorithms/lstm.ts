import { networkAlgorithm } from './neural/network-algorithm.js';
import { NETWORK_PARAMETERS } from './neural/network-parameters.js';
import { RECURRENT_PARAMETERS, recurrentCore } from './neural/recurrent-core.js';

/**
 * LSTM layers over the window, in one direction or both, then one Dense layer to all horizon steps and targets at once.
 * Input [lookBack, inputs], output [horizon, targets].
 * Source: Hochreiter & Schmidhuber, Long Short-Term Memory, Neural Computation 9 (1997), with forget gate (Gers 2000).
 */
export const lstm = networkAlgorithm({
  name: 'lstm',
  title: 'LSTM',
  description:
    'Recurrent network over the windows of all input columns: learns across assets and features, in epochs. Exports to ' +
    'Keras.',
  hyperparameters: { ...RECURRENT_PARAMETERS, ...NETWORK_PARAMETERS },
  core: (parameters, shape) => recurrentCore('LSTM', parameters, shape),
});
