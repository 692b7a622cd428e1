import { TrainyardError } from '../../../common/errors/index.js';
import { networkGraph } from '../../engine/network-graph.js';
import { openSampler } from '../../engine/open-engine.js';
import { networkWeightsOf } from '../../export/network-weights.js';
import type { InputMatrix } from '../../windows/windowed-data.js';
import type { Forecaster, ModelState } from '../algorithm.js';
import { writeSampledShares } from '../direction/change-shares.js';
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

/** What the futures of an origin go on from. */
interface DrawnWindow extends WindowScale {
  readonly last: number;
}

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

  /**
   * Tells the values of a step that the futures of an origin have, in units of its window, and the place of that step and
   * target in [origins, horizon, targets].
   */
  async function draw(
    inputs: InputMatrix,
    origins: Int32Array,
    future: InputMatrix | undefined,
    take: (values: Float64Array, window: DrawnWindow, step: number, target: number, cell: number) => void,
  ): Promise<void> {
    const given = known > 0 ? (future?.columns ?? []) : [];
    if (given.length !== known) {
      throw new TrainyardError(
        'WINDOW_INVALID',
        `The model reads ${known} known-future covariates, and ${given.length} were given.`,
      );
    }
    const values = new Float64Array(paths);
    for (const [asset, part] of layout.parts.entries()) {
      const column = inputs.columns[part.columns[0]!]!;
      const own = column.map((value) => part.slope * value + part.intercept);
      const columns = sequenceColumns(inputs, layout, asset, own, given);
      for (let from = 0; from < origins.length; from += ORIGINS_AT_ONCE) {
        const block = origins.subarray(from, from + ORIGINS_AT_ONCE);
        const steps = new Float32Array(block.length * encoded * width);
        const history = new Float32Array(block.length * lag);
        const ahead = new Float32Array(block.length * horizon * (covariates + 1));
        const scales = Array.from(block, (origin): DrawnWindow => {
          return { ...windowScale(shape, own, origin), last: own[origin]! };
        });
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
            for (let h = 0; h < horizon; h++) {
              const start = (n * horizon + h) * paths;
              for (let path = 0; path < paths; path++) values[path] = drawn[start + path]!;
              take(values, scales[first + n]!, h, asset, ((from + first + n) * horizon + h) * targets + asset);
            }
          }
        });
      }
    }
  }

  /** Of the same futures, for each list of levels [origins, horizon, targets, levels]. */
  async function quantileLists(
    inputs: InputMatrix,
    origins: Int32Array,
    lists: readonly (readonly number[])[],
    future: InputMatrix | undefined,
  ): Promise<Float64Array[]> {
    const results = lists.map((levels) => new Float64Array(origins.length * horizon * targets * levels.length));
    const ofStep = lists.map((levels) => new Float64Array(levels.length));
    await draw(inputs, origins, future, (values, { location, scale }, _step, _target, cell) => {
      values.sort();
      lists.forEach((levels, list) => {
        sampleQuantiles(values, levels, ofStep[list]!, 0);
        ofStep[list]!.forEach((value, at) => {
          results[list]![cell * levels.length + at] = location + scale * value;
        });
      });
    });
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
    /** The share of the futures that end there. */
    async changeProbabilities(inputs, origins, limits, future) {
      const shares = new Float64Array(origins.length * horizon * targets * 3);
      await draw(inputs, origins, future, (values, { location, scale, last }, step, target, cell) => {
        for (let path = 0; path < paths; path++) values[path] = location + scale * values[path]!;
        writeSampledShares(values, last, limits[target]![step]!, shares, cell * 3);
      });
      return shares;
    },
    dispose: () => void sampler.dispose(),
  };
}
