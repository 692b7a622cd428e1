import type { NetworkLayer } from '../engine/network.js';
import type { ParameterSpace, ValuesOf } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm } from './algorithm.js';
import { fitNetwork } from './neural/fit-network.js';
import { lastValueNetwork, type PreparedNetwork } from './neural/last-value-network.js';
import { restoreNetwork } from './neural/network-forecaster.js';
import type { PreparedLayout } from './neural/sample-layout.js';
import { TRAINING_PARAMETERS } from './neural/training-parameters.js';

const hyperparameters = {
  units: {
    kind: 'integers',
    default: [32],
    minimum: 1,
    maximum: 512,
    minimumLength: 1,
    maximumLength: 4,
    description: 'Units of each LSTM layer, from the window to the head.',
  },
  dropout: {
    kind: 'number',
    default: 0,
    minimum: 0,
    maximum: 0.9,
    description: 'Share of the values after each LSTM layer that training drops.',
  },
  normalisation: {
    kind: 'choice',
    values: ['last-value', 'none'],
    default: 'last-value',
    description:
      'last-value forecasts the change from the last value, so that a drifting level does no harm; none forecasts the ' +
      'value itself.',
  },
  channels: {
    kind: 'choice',
    values: ['joint', 'shared'],
    default: 'joint',
    description:
      'joint reads all input columns and forecasts all targets at once; shared trains one network for every target, ' +
      'each seen alone with its own features.',
  },
  ...TRAINING_PARAMETERS,
} as const satisfies ParameterSpace;

type LstmParameters = ValuesOf<typeof hyperparameters>;

/**
 * LSTM layers over the window, then one Dense layer to all horizon steps and targets at once, trained with Adam on the
 * mean squared error. Input [lookBack, inputs], output [horizon, targets].
 * Source: Hochreiter & Schmidhuber, Long Short-Term Memory, Neural Computation 9 (1997), with forget gate (Gers 2000).
 */
export const lstm: Algorithm = {
  name: 'lstm',
  title: 'LSTM',
  description:
    'Recurrent network over the windows of all input columns: learns across assets and features, in epochs. Exports to ' +
    'Keras.',
  family: 'neural',
  usesFeatures: true,
  usesWeights: true,
  hyperparameters,
  fit(data, values, context) {
    const parameters = values as LstmParameters;
    return fitNetwork(
      {
        algorithm: 'lstm',
        hyperparameters: values,
        training: parameters,
        channels: parameters.channels === 'shared' ? 'shared' : 'joint',
        loss: { name: 'mse' },
        build: (prepared) => network(data, parameters, prepared),
      },
      data,
      context,
    );
  },
  restore: restoreNetwork,
};

function network(
  data: WindowedData,
  { units, dropout, normalisation }: LstmParameters,
  prepared: PreparedLayout,
): PreparedNetwork {
  const { targets, parts } = prepared.layout;
  const core: NetworkLayer[] = [];
  units.forEach((count, n) => {
    const isLast = n === units.length - 1;
    core.push({ type: 'LSTM', name: `lstm_${n + 1}`, config: { units: count, return_sequences: !isLast } });
    if (dropout > 0) core.push({ type: 'Dropout', name: `dropout_${n + 1}`, config: { rate: dropout } });
  });
  core.push({ type: 'Dense', name: 'head', config: { units: data.horizon * targets } });
  core.push({ type: 'Reshape', name: 'steps', config: { target_shape: [data.horizon, targets] } });
  if (normalisation === 'last-value') return lastValueNetwork('lstm', data, prepared, core);
  const shape = [data.lookBack, parts[0]!.columns.length];
  return {
    architecture: { name: 'lstm', inputs: [{ name: 'window', shape }], layers: core, outputs: ['steps'] },
    fixed: {},
  };
}
