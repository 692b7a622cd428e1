import { outputsPerTarget } from '../../engine/training-setup.js';
import type { ParameterSpace, ValuesOf } from '../../parameters.js';
import type { Algorithm } from '../algorithm.js';
import { fitNetwork } from './fit-network.js';
import { frameNetwork } from './frame-network.js';
import { DIRECTION_LOSS, LOSS_PARAMETERS, lossOf } from './loss-parameters.js';
import type { CoreShape, NetworkCore } from './network-core.js';
import type { NetworkParameters } from './network-parameters.js';
import { restoreNetwork } from './network-forecaster.js';
import { TRAINING_PARAMETERS } from './training-parameters.js';

interface NetworkDefinition<Space extends ParameterSpace> extends Pick<Algorithm, 'name' | 'title' | 'description'> {
  /** Its own and those of `NETWORK_PARAMETERS`; where normalisation is left out, it is always `last-value`. */
  readonly hyperparameters: Space;
  core(parameters: ValuesOf<Space>, shape: CoreShape): NetworkCore;
}

/**
 * An algorithm that is a network: its own file says which layers lead from the window to the forecast, and all else,
 * normalisation, channels, loss, known-future covariates, training and quantiles, is the same for every one.
 */
export function networkAlgorithm<Space extends ParameterSpace>(definition: NetworkDefinition<Space>): Algorithm {
  const { name, title, description, hyperparameters } = definition;
  return {
    name,
    title,
    description,
    family: 'neural',
    usesFeatures: true,
    usesWeights: true,
    usesKnownFuture: true,
    supportsDirection: true,
    warmStart: { free: Object.keys(TRAINING_PARAMETERS) },
    hyperparameters,
    fit(data, values, context) {
      const { normalisation = 'last-value', ...shared } = values as Partial<NetworkParameters> &
        Omit<NetworkParameters, 'normalisation'>;
      const loss = data.directions ? DIRECTION_LOSS : lossOf(shared);
      if (data.directions && shared.loss !== LOSS_PARAMETERS.loss.default) {
        context.log('warn', `Directions are learned by cross-entropy: loss=${shared.loss} is for values and not used.`);
      }
      return fitNetwork(
        {
          algorithm: name,
          hyperparameters: values,
          training: shared,
          channels: shared.channels === 'shared' ? 'shared' : 'joint',
          loss,
          build: (prepared) =>
            frameNetwork({ name, data, prepared, loss, normalisation }, (window, width) =>
              definition.core(values as ValuesOf<Space>, {
                lookBack: data.lookBack,
                width,
                horizon: data.horizon,
                outputs: prepared.layout.targets * outputsPerTarget(loss),
                window,
              }),
            ),
        },
        data,
        context,
      );
    },
    restore: restoreNetwork,
  };
}
