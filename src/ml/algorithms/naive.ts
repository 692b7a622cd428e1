import { TrainyardError } from '../../common/errors/index.js';
import type { ParameterValues } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { Algorithm, FitOutcome, Forecaster, ModelState, TrainingContext } from './algorithm.js';
import { numberFact, ownSeriesFacts, ownValue, readOwnSeries, relateOwnSeries, type OwnSeries } from './own-series.js';
import { meanSquaredError, throwIfCancelled } from './training-loss.js';

/** ŷ[t + h] = y[t] for every h: the forecast that is hard to beat on prices. */
export const naive: Algorithm = {
  name: 'naive',
  title: 'Naive',
  description: 'Repeats the last value of each target. The yardstick for every other algorithm; nothing is learned.',
  family: 'baseline',
  usesFeatures: false,
  usesWeights: false,
  hyperparameters: {},
  fit: (data, hyperparameters, context) => fitRepetition('naive', 1, data, hyperparameters, context),
  restore: (state) => restoreRepetition(state),
};

/**
 * Shared by the two baselines: ŷ[t + h] = y[t − S + 1 + ((h − 1) mod S)] with season length S; S = 1 is naive.
 * Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 5.2.
 */
export async function fitRepetition(
  algorithm: string,
  seasonLength: number,
  data: WindowedData,
  hyperparameters: ParameterValues,
  context: TrainingContext,
): Promise<FitOutcome> {
  throwIfCancelled(context);
  if (data.targets.isPositional === true) throw repeatsChanges(algorithm);
  const model: ModelState = {
    format: 1,
    algorithm,
    hyperparameters,
    lookBack: data.lookBack,
    horizon: data.horizon,
    inputs: data.inputs.names,
    targets: data.targets.names,
    facts: { ...ownSeriesFacts(relateOwnSeries(data)), seasonLength },
    tensors: {},
  };
  const forecaster = await restoreRepetition(model);
  const loss = (await meanSquaredError(data, forecaster, data.origins.train, context)) ?? 0;
  const validationLoss = await meanSquaredError(data, forecaster, data.origins.validation, context);
  context.onProgress({ fraction: 1, epoch: 0, epochs: 0, loss });
  return { model, iterations: 0, bestEpoch: null, loss, validationLoss, stopReason: 'completed', engine: 'none' };
}

function repeatsChanges(algorithm: string): TrainyardError {
  return new TrainyardError(
    'PARAMETER_INVALID',
    `${algorithm} repeats values, and under the target transforms of this template it would repeat changes: set ` +
      'scaling.targets to none or to a scaler such as standard. Every report has this baseline beside its model anyway.',
    { path: 'scaling.targets', algorithm },
  );
}

export async function restoreRepetition(state: ModelState): Promise<Forecaster> {
  const own: OwnSeries = readOwnSeries(state);
  const seasonLength = numberFact(state, 'seasonLength');
  const { horizon } = state;
  const targets = state.targets.length;
  return {
    async forecast(inputs, origins) {
      const forecasts = new Float64Array(origins.length * horizon * targets);
      let at = 0;
      for (const origin of origins) {
        for (let step = 0; step < horizon; step++) {
          const row = origin - seasonLength + 1 + (step % seasonLength);
          for (let k = 0; k < targets; k++) forecasts[at++] = ownValue(inputs, own, k, row);
        }
      }
      return forecasts;
    },
    dispose() {},
  };
}
