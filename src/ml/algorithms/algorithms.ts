import { TrainyardError } from '../../common/errors/index.js';
import type { Algorithm } from './algorithm.js';
import { arima } from './arima.js';
import { boosting } from './boosting.js';
import { drift } from './drift.js';
import { ets } from './ets.js';
import { historicMean } from './historic-mean.js';
import { lstm } from './lstm.js';
import { naive } from './naive.js';
import { ridge } from './ridge.js';
import { seasonalNaive } from './seasonal-naive.js';
import { theta } from './theta.js';

/** Every algorithm that templates can name. Adding one is its file and a line here. */
export const ALGORITHMS: readonly Algorithm[] = [
  naive,
  seasonalNaive,
  drift,
  historicMean,
  ets,
  arima,
  theta,
  ridge,
  boosting,
  lstm,
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
