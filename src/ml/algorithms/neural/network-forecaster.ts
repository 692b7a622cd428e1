import { openEngine } from '../../engine/open-engine.js';
import type { Forecaster, ModelState } from '../algorithm.js';
import { networkWeightsOf } from '../../export/network-weights.js';
import { inputBatch } from './window-batches.js';

/** Windows gathered at once: bounds memory. */
const ROWS_AT_ONCE = 512;

/** Any model state with a network that maps [lookBack, inputs] to [horizon, targets] in scaled units. */
export async function restoreNetwork(state: ModelState): Promise<Forecaster> {
  if (!state.network) throw new Error(`a ${state.algorithm} state has a network`);
  const engine = await openEngine('auto');
  const runner = engine.open(state.network, networkWeightsOf(state), null);
  const size = state.horizon * state.targets.length;
  return {
    async forecast(inputs, origins) {
      const forecasts = new Float64Array(origins.length * size);
      for (let from = 0; from < origins.length; from += ROWS_AT_ONCE) {
        const part = origins.subarray(from, from + ROWS_AT_ONCE);
        forecasts.set(runner.predict([inputBatch(inputs, part, state.lookBack)], part.length), from * size);
      }
      return forecasts;
    },
    dispose: () => runner.dispose(),
  };
}
