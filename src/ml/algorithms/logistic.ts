import type { Algorithm } from './algorithm.js';
import { fitLogisticDirections } from './direction/logistic-training.js';
import { restoreLogistic } from './direction/logistic-forecaster.js';
import { LOGISTIC_PARAMETERS, type LogisticParameters } from './direction/logistic-parameters.js';

/**
 * Multinomial logistic regression for each target and step over the columns of `LogisticColumns`:
 *
 *   P(down, flat, up | window) = softmax(W x + b)
 *
 * with an L2 penalty on columns of mean 0 and deviation 1, see `fitMultinomial`; validation chooses lambda, one for all
 * targets and steps. A warm start begins the search with the weights of its origin: the minimum is the same one, found
 * sooner, and the origin's weights stay where validation finds them better.
 */
export const logistic: Algorithm = {
  name: 'logistic',
  title: 'Logistic regression',
  description:
    'Probabilities of down, flat and up, linear in the latest changes of all series and in the features: a minimum ' +
    'that is found in seconds, well calibrated, and the yardstick of other classifiers.',
  family: 'linear',
  usesFeatures: true,
  usesWeights: true,
  usesKnownFuture: true,
  supportsDirection: true,
  supportsForecast: false,
  warmStart: { free: ['lambdas', 'maximumWindows'] },
  hyperparameters: LOGISTIC_PARAMETERS,
  fit: (data, values, context) => fitLogisticDirections(data, values as LogisticParameters, context),
  restore: restoreLogistic,
};
