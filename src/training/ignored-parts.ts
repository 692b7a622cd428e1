import type { Algorithm } from '../ml/algorithms/algorithm.js';
import {
  describeIgnoredFeatures,
  describeIgnoredKnownFuture,
  describeIgnoredWeights,
  type LogLine,
} from './training-log.js';
import type { TrainingJob } from './worker/protocol.js';

/** What the template asks for and the algorithm does not read. */
export function describeIgnored({ plan }: Pick<TrainingJob, 'plan'>, algorithm: Algorithm): LogLine[] {
  const lines: LogLine[] = [];
  if (!algorithm.usesFeatures && plan.features.length > 0) {
    const steps = plan.features.map(({ step }) => step);
    if (plan.autoencoder !== undefined) steps.push('autoencoder');
    lines.push(describeIgnoredFeatures(algorithm.name, steps));
  }
  const { halfLife } = plan.windows;
  if (!algorithm.usesWeights && halfLife !== undefined) lines.push(describeIgnoredWeights(algorithm.name, halfLife));
  if (algorithm.usesKnownFuture !== true && plan.knownFuture !== undefined) {
    lines.push(describeIgnoredKnownFuture(algorithm.name));
  }
  return lines;
}
