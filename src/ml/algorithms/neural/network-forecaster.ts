import { TrainyardError } from '../../../common/errors/index.js';
import { openEngine } from '../../engine/open-engine.js';
import { outputsPerTarget } from '../../engine/training-setup.js';
import { networkWeightsOf } from '../../export/network-weights.js';
import type { InputMatrix } from '../../windows/windowed-data.js';
import type { Forecaster, ModelState } from '../algorithm.js';
import { noValues } from '../direction/no-values.js';
import { readLoss } from './loss-parameters.js';
import { pointReader, quantileReader } from './network-outputs.js';
import { copySamples } from './network-samples.js';
import { columnTable, inputTable, readLayout } from './sample-layout.js';

/** Windows gathered at once: bounds memory. */
const ORIGINS_AT_ONCE = 512;

/** Restores any model state with a network from [lookBack, columns] to [horizon, targets · values] in scaled units. */
export async function restoreNetwork(state: ModelState): Promise<Forecaster> {
  if (!state.network) throw new Error(`a ${state.algorithm} state has a network`);
  const layout = readLayout(state);
  const loss = readLoss(state);
  const engine = await openEngine('auto');
  const runner = await engine.open(state.network, networkWeightsOf(state), null);
  const { lookBack, horizon } = state;
  const targets = state.targets.length;
  const each = outputsPerTarget(loss);

  /** Tells `take` where the values of each origin, step and target begin, with its place in [origins, horizon, targets]. */
  async function predict(
    inputs: InputMatrix,
    origins: Int32Array,
    future: InputMatrix | undefined,
    take: (outputs: Float32Array, at: number, cell: number) => void,
  ): Promise<void> {
    const covariates = layout.known > 0 ? (future?.columns ?? []) : [];
    if (covariates.length !== layout.known) {
      throw new TrainyardError(
        'WINDOW_INVALID',
        `The model reads ${layout.known} known-future covariates, and ${covariates.length} were given.`,
      );
    }
    for (let from = 0; from < origins.length; from += ORIGINS_AT_ONCE) {
      const block = origins.subarray(from, from + ORIGINS_AT_ONCE);
      const firstRow = block.reduce((least, origin) => Math.min(least, origin)) - lookBack + 1;
      const endRow = block.reduce((most, origin) => Math.max(most, origin)) + 1;
      const rows = block.map((origin) => origin - firstRow);
      const gather = (table: Float32Array, width: number, first: number, length: number): Float32Array => {
        const values = new Float32Array(block.length * length * width);
        copySamples({ tables: [table], width, first, length }, rows, 1, values);
        return values;
      };
      const known = layout.known;
      const ahead = known > 0 ? [gather(columnTable(covariates, firstRow, endRow + horizon), known, 1, horizon)] : [];
      for (const [p, part] of layout.parts.entries()) {
        const table = inputTable(inputs, part, firstRow, endRow, covariates);
        const windows = gather(table, part.columns.length + known, 1 - lookBack, lookBack);
        const outputs = await runner.predict([windows, ...ahead], block.length);
        const cells = outputs.length / each;
        const [first, stride] = layout.channels === 'joint' ? [0, 1] : [p, targets];
        for (let n = 0; n < cells; n++) take(outputs, n * each, from * horizon * targets + first + n * stride);
      }
    }
  }

  if (state.task === 'direction') {
    return {
      forecast: noValues(state),
      async classProbabilities(inputs, origins, future) {
        const probabilities = new Float64Array(origins.length * horizon * targets * each);
        await predict(inputs, origins, future, (outputs, at, cell) => {
          // The network's own sum to 1 in single precision only.
          let total = 0;
          for (let one = 0; one < each; one++) total += outputs[at + one]!;
          for (let one = 0; one < each; one++) probabilities[cell * each + one] = outputs[at + one]! / total;
        });
        return probabilities;
      },
      dispose: () => void runner.dispose(),
    };
  }
  const point = pointReader(loss);
  return {
    async forecast(inputs, origins, future) {
      const forecasts = new Float64Array(origins.length * horizon * targets);
      await predict(inputs, origins, future, (outputs, at, cell) => (forecasts[cell] = point(outputs, at)));
      return forecasts;
    },
    ...(quantileReader(loss, [0.5]) && {
      async forecastQuantiles(inputs, origins, levels, future) {
        const quantiles = new Float64Array(origins.length * horizon * targets * levels.length);
        const read = quantileReader(loss, levels)!;
        await predict(inputs, origins, future, (outputs, at, cell) =>
          read(outputs, at, quantiles, cell * levels.length),
        );
        return quantiles;
      },
      async forecastWithQuantiles(inputs, origins, levels, future) {
        const forecasts = new Float64Array(origins.length * horizon * targets);
        const quantiles = new Float64Array(forecasts.length * levels.length);
        const read = quantileReader(loss, levels)!;
        await predict(inputs, origins, future, (outputs, at, cell) => {
          forecasts[cell] = point(outputs, at);
          read(outputs, at, quantiles, cell * levels.length);
        });
        return { forecasts, quantiles };
      },
    }),
    dispose: () => void runner.dispose(),
  };
}
