import { TrainyardError } from '../../common/errors/index.js';
import type { Algorithm } from './algorithm.js';
import { arima } from './arima.js';
import { boosting } from './boosting.js';
import { deepar } from './deepar.js';
import { tellingDirections } from './direction/value-directions.js';
import { dlinear } from './dlinear.js';
import { drift } from './drift.js';
import { ensembleOver } from './ensemble.js';
import { ets } from './ets.js';
import { gru } from './gru.js';
import { historicMean } from './historic-mean.js';
import { imported } from './imported.js';
import { logistic } from './logistic.js';
import { lstm } from './lstm.js';
import { mlp } from './mlp.js';
import { naive } from './naive.js';
import { nhits } from './nhits.js';
import { nlinear } from './nlinear.js';
import { patchTransformer } from './patch-transformer.js';
import { ridge } from './ridge.js';
import { seasonalNaive } from './seasonal-naive.js';
import { tcn } from './tcn.js';
import { tfjsLayers } from './tfjs-layers.js';
import { theta } from './theta.js';

/**
 * Every algorithm that templates can name. Adding one is its file and a line here. Those that learn no labels tell
 * directions by the values that they forecast; what combines models, or uses one from elsewhere, tells values only.
 */
export const ALGORITHMS: readonly Algorithm[] = [
  tellingDirections(naive),
  tellingDirections(seasonalNaive),
  tellingDirections(drift),
  tellingDirections(historicMean),
  tellingDirections(ets),
  tellingDirections(arima),
  tellingDirections(theta),
  tellingDirections(ridge),
  nlinear,
  dlinear,
  boosting,
  logistic,
  mlp,
  lstm,
  gru,
  tcn,
  nhits,
  patchTransformer,
  tellingDirections(deepar),
  tfjsLayers,
  ensembleOver(getAlgorithm),
  imported,
];

export function getAlgorithm(name: string): Algorithm {
  const algorithm = ALGORITHMS.find((candidate) => candidate.name === name);
  if (algorithm) return algorithm;
  const names = ALGORITHMS.map((candidate) => candidate.name);
  throw new TrainyardError('ALGORITHM_UNKNOWN', `There is no algorithm "${name}"; choose one of ${names.join(', ')}.`, {
    value: name,
    choices: names,
  });
}

/** What a model gives: values, or the probabilities of directions. */
export const TASKS = ['forecast', 'direction'] as const;

export type Task = (typeof TASKS)[number];

/** The names of the algorithms that can do a task. */
export function algorithmsFor(task: Task): string[] {
  return ALGORITHMS.filter((algorithm) => supportsTask(algorithm, task)).map(({ name }) => name);
}

export function supportsTask(algorithm: Algorithm, task: Task): boolean {
  return task === 'direction' ? algorithm.supportsDirection === true : algorithm.supportsForecast !== false;
}

/** `PARAMETER_INVALID` for an algorithm that cannot do the task, naming those that can. */
export function assertSupportsTask(algorithm: Algorithm, task: Task): void {
  if (supportsTask(algorithm, task)) return;
  const choices = algorithmsFor(task);
  throw new TrainyardError(
    'PARAMETER_INVALID',
    `algorithm.name ${algorithm.name} cannot do the task ${task}: choose one of ${choices.join(', ')}` +
      (task === 'forecast' ? ', or the task direction' : ', or the task forecast'),
    { path: 'algorithm.name', value: algorithm.name, task, choices },
  );
}
