import { TrainyardError } from '../../common/errors/index.js';
import type { Algorithm } from './algorithm.js';
import { arima } from './arima.js';
import { boosting } from './boosting.js';
import { deepar } from './deepar.js';
import { dlinear } from './dlinear.js';
import { drift } from './drift.js';
import { ets } from './ets.js';
import { gru } from './gru.js';
import { historicMean } from './historic-mean.js';
import { lstm } from './lstm.js';
import { mlp } from './mlp.js';
import { naive } from './naive.js';
import { nhits } from './nhits.js';
import { nlinear } from './nlinear.js';
import { patchTransformer } from './patch-transformer.js';
import { ridge } from './ridge.js';
import { seasonalNaive } from './seasonal-naive.js';
import { tcn } from './tcn.js';
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
  nlinear,
  dlinear,
  boosting,
  mlp,
  lstm,
  gru,
  tcn,
  nhits,
  patchTransformer,
  deepar,
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
