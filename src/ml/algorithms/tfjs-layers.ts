import { isTrainyardError } from '../../common/errors/index.js';
import type { EngineChoice } from '../engine/open-engine.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm, FitOutcome, TrainingContext } from './algorithm.js';
import { topologyCore } from './neural/layer-topology.js';
import { networkAlgorithm } from './neural/network-algorithm.js';
import { NETWORK_PARAMETERS } from './neural/network-parameters.js';

const hyperparameters = {
  topology: {
    kind: 'text',
    default: '',
    pattern: '^\\s*(\\{[\\s\\S]*\\}\\s*)?$',
    description:
      'The layers from the window [rows, columns] to the forecast [horizon, values of a step], or a vector of as many, as Keras 3 writes them (model.to_json()): Sequential, or Functional with one input; shapes of the input may stay open.',
  },
  ...NETWORK_PARAMETERS,
} as const satisfies ParameterSpace;

const network = networkAlgorithm({
  name: 'tfjs-layers',
  title: 'Own layers',
  description:
    'A topology of layers that the user gives as Keras JSON, trained by TensorFlow.js where it has them all.',
  hyperparameters,
  core: ({ topology }, shape) => topologyCore(topology, shape),
});

/** In the order in which `auto` tries them. */
const ENGINES: readonly EngineChoice[] = ['tfjs-node', 'tfjs-wasm', 'auto'];

/**
 * A network whose layers the user describes. TensorFlow.js trains it, natively where it is installed; what it lacks, a
 * layer, a loss or an optimiser, the engine of the other networks has. Input [lookBack, inputs], output
 * [horizon, targets].
 * Source of the format: Keras 3, `model.to_json()`.
 */
export const tfjsLayers: Algorithm = { ...network, fit };

async function fit(data: WindowedData, values: ParameterValues, context: TrainingContext): Promise<FitOutcome> {
  if (context.engine !== 'auto') return network.fit(data, values, context);
  for (const engine of ENGINES) {
    try {
      return await network.fit(data, values, { ...context, engine });
    } catch (error) {
      // Thrown when the engine is opened, before anything is trained.
      if (engine === 'auto' || !isTrainyardError(error, 'ENGINE_UNAVAILABLE')) throw error;
      const lacks = error.details['lacks'];
      if (typeof lacks === 'string')
        context.log('info', `${engine} does not compute ${lacks}: another engine trains it`);
    }
  }
  throw new Error('the last engine either trains or throws');
}
