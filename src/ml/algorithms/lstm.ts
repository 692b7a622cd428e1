import { initialWeights } from '../engine/initial-weights.js';
import { networkGraph } from '../engine/network-graph.js';
import type { NetworkLayer } from '../engine/network.js';
import { openEngine } from '../engine/open-engine.js';
import { createRandom } from '../engine/random.js';
import { weightTensors } from '../export/network-weights.js';
import type { ParameterSpace, ValuesOf } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm, FitOutcome, TrainingContext } from './algorithm.js';
import { lastValueNetwork, type PreparedNetwork } from './neural/last-value-network.js';
import { restoreNetwork } from './neural/network-forecaster.js';
import { initialProgress, networkLoss, STREAMS, trainNetwork } from './neural/network-training.js';
import { decodeProgress } from './neural/training-progress.js';

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
  epochs: {
    kind: 'integer',
    default: 50,
    minimum: 1,
    maximum: 1000,
    scale: 'log',
    unit: 'epochs',
    description: 'Passes over the training windows, at most.',
  },
  batchSize: {
    kind: 'integer',
    default: 64,
    minimum: 1,
    maximum: 4096,
    scale: 'log',
    unit: 'windows',
    description: 'Windows per step of the optimiser; 32 to 512 are usual.',
  },
  learningRate: {
    kind: 'number',
    default: 2e-3,
    minimum: 1e-5,
    maximum: 1e-1,
    scale: 'log',
    description: 'Step size of Adam.',
  },
  patience: {
    kind: 'integer',
    default: 8,
    minimum: 0,
    maximum: 1000,
    unit: 'epochs',
    description: 'Epochs without improvement before training stops; 0 runs all epochs.',
  },
  minimumChange: {
    kind: 'number',
    default: 1e-5,
    minimum: 0,
    maximum: 1,
    description: 'Fall of the validation loss (scaled units, squared) that counts as improvement.',
  },
  normalisation: {
    kind: 'choice',
    values: ['last-value', 'none'],
    default: 'last-value',
    description:
      'last-value forecasts the change from the last value, so that a drifting level does no harm; none forecasts the ' +
      'value itself.',
  },
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
  fit: (data, values, context) => fitLstm(data, values as LstmParameters, context),
  restore: restoreNetwork,
};

async function fitLstm(data: WindowedData, parameters: LstmParameters, context: TrainingContext): Promise<FitOutcome> {
  const { architecture, fixed } = network(data, parameters);
  const graph = networkGraph(architecture);
  const engine = await openEngine(context.engine);
  const start = context.resumeFrom
    ? decodeProgress(context.resumeFrom)
    : initialProgress(initialWeights(graph, createRandom(context.seed, STREAMS.initialWeights), fixed));
  const { learningRate } = parameters;
  const runner = engine.open(architecture, start.weights, { learningRate, optimiser: start.optimiser });
  try {
    const { progress, stopReason } = await trainNetwork(runner, data, parameters, start, context);
    const best = progress.best!;
    runner.setWeights(best.weights);
    const loss = (await networkLoss(runner, data, data.origins.train, context, data.weights))!;
    context.log('info', `Kept the weights of epoch ${best.epoch} of ${progress.epoch}; ${stopReason}.`);
    return {
      model: {
        format: 1,
        algorithm: 'lstm',
        hyperparameters: parameters,
        lookBack: data.lookBack,
        horizon: data.horizon,
        inputs: data.inputs.names,
        targets: data.targets.names,
        facts: { bestEpoch: best.epoch },
        tensors: weightTensors('', best.weights),
        network: architecture,
      },
      iterations: progress.epoch,
      bestEpoch: best.epoch,
      loss,
      validationLoss: data.origins.validation.length > 0 ? best.loss : null,
      stopReason,
      engine: engine.name,
    };
  } finally {
    runner.dispose();
  }
}

function network(data: WindowedData, { units, dropout, normalisation }: LstmParameters): PreparedNetwork {
  const targets = data.targets.columns.length;
  const core: NetworkLayer[] = [];
  units.forEach((count, n) => {
    const isLast = n === units.length - 1;
    core.push({ type: 'LSTM', name: `lstm_${n + 1}`, config: { units: count, return_sequences: !isLast } });
    if (dropout > 0) core.push({ type: 'Dropout', name: `dropout_${n + 1}`, config: { rate: dropout } });
  });
  core.push({ type: 'Dense', name: 'head', config: { units: data.horizon * targets } });
  core.push({ type: 'Reshape', name: 'steps', config: { target_shape: [data.horizon, targets] } });
  if (normalisation === 'last-value') return lastValueNetwork('lstm', data, core);
  const shape = [data.lookBack, data.inputs.columns.length];
  return {
    architecture: { name: 'lstm', inputs: [{ name: 'window', shape }], layers: core, outputs: ['steps'] },
    fixed: {},
  };
}
