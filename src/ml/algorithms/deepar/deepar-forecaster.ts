import { TrainyardError } from '../../../common/errors/index.js';
import { networkGraph } from '../../engine/network-graph.js';
import { openSampler } from '../../engine/open-engine.js';
import { networkWeightsOf } from '../../export/network-weights.js';
import type { InputMatrix } from '../../windows/windowed-data.js';
import type { Forecaster, ModelState } from '../algorithm.js';
import { readLoss } from '../neural/loss-parameters.js';
import { readLayout } from '../neural/sample-layout.js';
import { numberFact } from '../own-series.js';
import { sampleQuantiles } from '../sampling/sample-quantiles.js';
import { pathNoise } from './path-noise.js';
import {
  covariateValues,
  encodedSteps,
  ownValues,
  readSequence,
  sequenceColumns,
  windowScale,
  writeCovariates,
  writeStep,
  type WindowScale,
} from './sequence.js';

/** Windows gathered at once: bounds memory. */
const ORIGINS_AT_ONCE = 256;

/** Draws `samples` futures of every origin; a point forecast is their median. */
export async function restoreDeepar(state: ModelState): Promise<Forecaster> {
  if (!state.network) throw new Error('a deepar state has a network');
  const layout = readLayout(state);
  const shape = readSequence(state, layout);
  const { horizon, lag, known } = shape;
  const distribution = readLoss(state).name === 'gaussian' ? 'gaussian' : 'student-t';
  const paths = numberFact(state, 'samples');
  const covariates = covariateValues(shape);
  const encoded = encodedSteps(shape);
  const sampler = await openSampler({
    network: networkGraph(state.network),
    weights: networkWeightsOf(state),
    distribution,
    drawsChange: shape.normalisation === 'last-value',
    lags: lag,
    covariates,
    encoded,
    horizon,
    paths,
    noise: pathNoise(distribution, paths, horizon, numberFact(state, 'samplingSeed')),
  });
  const targets = state.targets.length;
  const width = ownValues(shape) + covariates + 1;

  /** Of the same futures, for each list of levels [origins, horizon, targets, levels]. */
  async function quantileLists(
    inputs: InputMatrix,
    origins: Int32Array,
    lists: readonly (readonly number[])[],
    future: InputMatrix | undefined,
  ): Promise<Float64Array[]> {
    const given = known > 0 ? (future?.columns ?? []) : [];
    if (given.length !== known) {
      throw new TrainyardError(
        'WINDOW_INVALID',
        `The model reads ${known} known-future covariates, and ${given.length} were given.`,
      );
    }
    const cells = origins.length * horizon * targets;
    const results = lists.map((levels) => new Float64Array(cells * levels.length));
    const step = new Float64Array(paths);
    const ofStep = lists.map((levels) => new Float64Array(levels.length));
    for (const [asset, part] of layout.parts.entries()) {
      const column = inputs.columns[part.columns[0]!]!;
      const own = column.map((value) => part.slope * value + part.intercept);
      const columns = sequenceColumns(inputs, layout, asset, own, given);
      for (let from = 0; from < origins.length; from += ORIGINS_AT_ONCE) {
        const block = origins.subarray(from, from + ORIGINS_AT_ONCE);
        const steps = new Float32Array(block.length * encoded * width);
        const history = new Float32Array(block.length * lag);
        const ahead = new Float32Array(block.length * horizon * (covariates + 1));
        const scales = Array.from(block, (origin): WindowScale => windowScale(shape, own, origin));
        let [atStep, atHistory, atAhead] = [0, 0, 0];
        block.forEach((origin, n) => {
          const scale = scales[n]!;
          for (let row = origin - encoded; row < origin; row++) {
            atStep = writeStep(shape, columns, scale, origin, row, steps, atStep);
            steps[atStep++] = 1;
          }
          for (let row = origin - lag + 1; row <= origin; row++) {
            history[atHistory++] = (own[row]! - scale.location) / scale.scale;
          }
          for (let row = origin; row < origin + horizon; row++) {
            atAhead = writeCovariates(shape, columns, scale, origin, row, ahead, atAhead);
            ahead[atAhead++] = 1;
          }
        });
        await sampler.sample(steps, history, ahead, block.length, (drawn, first, count) => {
          for (let n = 0; n < count; n++) {
            const { location, scale } = scales[first + n]!;
            for (let h = 0; h < horizon; h++) {
              const start = (n * horizon + h) * paths;
              for (let path = 0; path < paths; path++) step[path] = drawn[start + path]!;
              step.sort();
              const cell = ((from + first + n) * horizon + h) * targets + asset;
              lists.forEach((levels, list) => {
                sampleQuantiles(step, levels, ofStep[list]!, 0);
                ofStep[list]!.forEach((value, at) => {
                  results[list]![cell * levels.length + at] = location + scale * value;
                });
              });
            }
          }
        });
      }
    }
    return results;
  }

  return {
    forecast: async (inputs, origins, future) => (await quantileLists(inputs, origins, [[0.5]], future))[0]!,
    forecastQuantiles: async (inputs, origins, levels, future) =>
      (await quantileLists(inputs, origins, [levels], future))[0]!,
    async forecastWithQuantiles(inputs, origins, levels, future) {
      const [forecasts, quantiles] = await quantileLists(inputs, origins, [[0.5], levels], future);
      return { forecasts: forecasts!, quantiles: quantiles! };
    },
    dispose: () => void sampler.dispose(),
  };
}
