import { TrainyardError } from '../../common/errors/index.js';
import type { ParameterValues } from '../parameters.js';
import type { WindowedData } from '../windows/windowed-data.js';
import type { FitOutcome, Forecaster, ModelState, TrainingContext } from './algorithm.js';
import { ownSeriesFacts, ownValue, readOwnSeries, relateOwnSeries } from './own-series.js';
import { meanSquaredError, throwIfCancelled } from './training-loss.js';

/** From one complete window of a target's own series, oldest first, to its forecast, [horizon], written into `out`. */
export type WindowRule = (window: Float64Array, out: Float64Array) => void;

/** A baseline that is a rule over the window, with nothing to learn. Rules must commute with affine scaling. */
export async function fitWindowRule(
  algorithm: string,
  rule: WindowRule,
  data: WindowedData,
  hyperparameters: ParameterValues,
  context: TrainingContext,
): Promise<FitOutcome> {
  throwIfCancelled(context);
  if (data.targets.isPositional === true) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `${algorithm} works on values, and under the target transforms of this template it would work on changes: set ` +
        'scaling.targets to none or to a scaler such as standard.',
      { path: 'scaling.targets', algorithm },
    );
  }
  const model: ModelState = {
    format: 1,
    algorithm,
    hyperparameters,
    lookBack: data.lookBack,
    horizon: data.horizon,
    inputs: data.inputs.names,
    targets: data.targets.names,
    facts: ownSeriesFacts(relateOwnSeries(data)),
    tensors: {},
  };
  const forecaster = await restoreWindowRule(model, rule);
  const loss = (await meanSquaredError(data, forecaster, data.origins.train, context)) ?? 0;
  const validationLoss = await meanSquaredError(data, forecaster, data.origins.validation, context);
  context.onProgress({ fraction: 1, epoch: 0, epochs: 0, loss });
  return { model, iterations: 0, bestEpoch: null, loss, validationLoss, stopReason: 'completed', engine: 'none' };
}

export async function restoreWindowRule(state: ModelState, rule: WindowRule): Promise<Forecaster> {
  const own = readOwnSeries(state);
  const { lookBack, horizon } = state;
  const targets = state.targets.length;
  return {
    async forecast(inputs, origins) {
      const forecasts = new Float64Array(origins.length * horizon * targets);
      const window = new Float64Array(lookBack);
      const out = new Float64Array(horizon);
      for (let at = 0; at < origins.length; at++) {
        const first = origins[at]! - lookBack + 1;
        for (let k = 0; k < targets; k++) {
          for (let i = 0; i < lookBack; i++) window[i] = ownValue(inputs, own, k, first + i);
          rule(window, out);
          for (let h = 0; h < horizon; h++) forecasts[(at * horizon + h) * targets + k] = out[h]!;
        }
      }
      return forecasts;
    },
    dispose() {},
  };
}
