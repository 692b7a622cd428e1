import { openEngine } from '../../engine/open-engine.js';
import { networkWeightsOf } from '../../export/network-weights.js';
import type { Forecaster, ModelState } from '../algorithm.js';
import { copySamples } from './network-samples.js';
import { inputTable, readLayout } from './sample-layout.js';

/** Windows gathered at once: bounds memory. */
const ORIGINS_AT_ONCE = 512;

/** Restores any model state with a network from [lookBack, columns] to [horizon, targets] in scaled units. */
export async function restoreNetwork(state: ModelState): Promise<Forecaster> {
  if (!state.network) throw new Error(`a ${state.algorithm} state has a network`);
  const layout = readLayout(state);
  const engine = await openEngine('auto');
  const runner = await engine.open(state.network, networkWeightsOf(state), null);
  const { lookBack, horizon } = state;
  const targets = state.targets.length;
  return {
    async forecast(inputs, origins) {
      const forecasts = new Float64Array(origins.length * horizon * targets);
      for (let from = 0; from < origins.length; from += ORIGINS_AT_ONCE) {
        const block = origins.subarray(from, from + ORIGINS_AT_ONCE);
        const firstRow = block.reduce((least, origin) => Math.min(least, origin)) - lookBack + 1;
        const endRow = block.reduce((most, origin) => Math.max(most, origin)) + 1;
        for (const [p, part] of layout.parts.entries()) {
          const width = part.columns.length;
          const source = {
            tables: [inputTable(inputs, part, firstRow, endRow)],
            width,
            first: 1 - lookBack,
            length: lookBack,
          };
          const windows = new Float32Array(block.length * lookBack * width);
          copySamples(
            source,
            block.map((origin) => origin - firstRow),
            1,
            windows,
          );
          const outputs = await runner.predict([windows], block.length);
          if (layout.channels === 'joint') {
            forecasts.set(outputs, from * horizon * targets);
            continue;
          }
          for (let at = 0; at < outputs.length; at++)
            forecasts[from * horizon * targets + at * targets + p] = outputs[at]!;
        }
      }
      return forecasts;
    },
    dispose: () => void runner.dispose(),
  };
}
