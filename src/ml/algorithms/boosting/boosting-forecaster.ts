import { compileTrees, predictRows, readTrees, type CompiledTrees } from '../../trees/compiled-trees.js';
import { DIRECTIONS } from '../../windows/direction-labels.js';
import type { InputMatrix } from '../../windows/windowed-data.js';
import type { Forecaster, ModelState } from '../algorithm.js';
import { noValues } from '../direction/no-values.js';
import { softmaxInPlace } from '../direction/softmax.js';
import { numberFact, numbersFact, readOwnSeries } from '../own-series.js';
import { interpolateQuantiles } from './interpolate-quantiles.js';
import {
  featureWidths,
  levelOf,
  ownColumns,
  readPlan,
  writeFixed,
  writeStep,
  type FeaturePlan,
  type SampleSource,
} from './sample-features.js';

/** Rows of samples made at once: bounds memory. */
const ROWS_AT_ONCE = 8_192;

/** A restored ensemble for each target (or one for all) and each level (or one without levels). */
interface Model {
  readonly plan: FeaturePlan;
  readonly horizon: number;
  readonly isRecursive: boolean;
  /** [parts, levels], row-major. */
  readonly ensembles: readonly CompiledTrees[];
  readonly levels: readonly number[];
  readonly isShared: boolean;
}

export async function restoreBoosting(state: ModelState): Promise<Forecaster> {
  const levels = numbersFact(state, 'levels');
  const count = numberFact(state, 'ensembles');
  const model: Model = {
    plan: readPlan(state),
    horizon: state.horizon,
    isRecursive: state.facts['strategy'] === 'recursive',
    ensembles: Array.from({ length: count }, (_, at) => compileTrees(readTrees(state.tensors, `trees/${at}/`))),
    levels,
    isShared: state.facts['isShared'] === true,
  };
  const own = readOwnSeries(state);
  const isDirection = state.task === 'direction';
  const targets = state.targets.length;

  /** [origins, horizon, targets, ensembles of a target], row-major. */
  function outputs(inputs: InputMatrix, origins: Int32Array, future: InputMatrix | undefined): Float64Array {
    if (model.plan.covariates > 0 && future === undefined) throw new Error('the model reads known-future covariates');
    const series = ownColumns(inputs, own);
    const each = isDirection ? DIRECTIONS.length : Math.max(1, levels.length);
    const all = new Float64Array(origins.length * model.horizon * targets * each);
    for (let target = 0; target < targets; target++) {
      const sourceOf = (origin: number): SampleSource => {
        return { series: series[target]!, at: origin, origin, target, inputs, future };
      };
      const atOnce = Math.max(1, Math.floor(ROWS_AT_ONCE / model.horizon));
      for (let from = 0; from < origins.length; from += atOnce) {
        const block = Array.from(origins.subarray(from, from + atOnce), sourceOf);
        if (isDirection) {
          // One ensemble has an output for each direction.
          const trees = model.ensembles[model.isShared ? 0 : target]!;
          forecastTable(model, trees, block).forEach((value, at) => {
            const cell = (from * model.horizon + Math.floor(at / each)) * targets + target;
            all[cell * each + (at % each)] = value;
          });
          continue;
        }
        for (let n = 0; n < each; n++) {
          const trees = model.ensembles[(model.isShared ? 0 : target) * each + n]!;
          const made = model.isRecursive
            ? forecastRecursively(model, trees, block)
            : forecastDirectly(model, trees, block);
          made.forEach((value, at) => {
            all[((from * model.horizon + at) * targets + target) * each + n] = value;
          });
        }
      }
    }
    return all;
  }

  const forecaster: Forecaster = {
    async forecast(inputs, origins, future) {
      const made = outputs(inputs, origins, future);
      return levels.length === 0 ? made : interpolateQuantiles(made, levels, [0.5]);
    },
    dispose() {},
  };
  if (isDirection) {
    return {
      forecast: noValues(state),
      async classProbabilities(inputs, origins, future) {
        const made = outputs(inputs, origins, future);
        for (let at = 0; at < made.length; at += DIRECTIONS.length) softmaxInPlace(made, at, DIRECTIONS.length);
        return made;
      },
      dispose() {},
    };
  }
  if (levels.length === 0) return forecaster;
  return {
    ...forecaster,
    async forecastQuantiles(inputs, origins, wanted, future) {
      return interpolateQuantiles(outputs(inputs, origins, future), levels, wanted);
    },
    async forecastWithQuantiles(inputs, origins, wanted, future) {
      const made = outputs(inputs, origins, future);
      return {
        forecasts: interpolateQuantiles(made, levels, [0.5]),
        quantiles: interpolateQuantiles(made, levels, wanted),
      };
    },
  };
}

/** [windows, horizon]: the change from the level, and the level. */
function forecastDirectly(model: Model, trees: CompiledTrees, block: readonly SampleSource[]): Float64Array {
  const { plan, horizon } = model;
  const made = forecastTable(model, trees, block);
  return made.map((value, at) => value + levelOf(plan, block[Math.floor(at / horizon)]!));
}

/** [windows, horizon, outputs of the trees]: one row of the table for every step. */
function forecastTable({ plan, horizon }: Model, trees: CompiledTrees, block: readonly SampleSource[]): Float64Array {
  const { fixed, all } = featureWidths(plan);
  const table = new Float64Array(block.length * horizon * all);
  block.forEach((source, window) => {
    const first = window * horizon * all;
    writeFixed(plan, source, table, first);
    for (let step = 1; step <= horizon; step++) {
      const row = first + (step - 1) * all;
      if (step > 1) table.copyWithin(row, first, first + fixed);
      writeStep(plan, source, step, step, table, row + fixed);
    }
  });
  return predictRows(trees, table, all);
}

/** [windows, horizon]: one step at a time, each forecast a value of the series for the next. */
function forecastRecursively(
  { plan, horizon }: Model,
  trees: CompiledTrees,
  block: readonly SampleSource[],
): Float64Array {
  const { lookBack } = plan;
  const { fixed, all } = featureWidths(plan);
  const extended = block.map((source): SampleSource => {
    const series = new Float64Array(lookBack + horizon);
    series.set(source.series.subarray(source.at - lookBack + 1, source.at + 1));
    return { ...source, series };
  });
  const made = new Float64Array(block.length * horizon);
  const table = new Float64Array(block.length * all);
  for (let step = 1; step <= horizon; step++) {
    const moved = extended.map((source): SampleSource => ({ ...source, at: lookBack - 2 + step }));
    moved.forEach((source, window) => {
      // Covariates at the row before the forecast one, as in training.
      const shifted = { ...source, origin: source.origin + step - 1 };
      writeFixed(plan, shifted, table, window * all);
      writeStep(plan, shifted, 1, 1, table, window * all + fixed);
    });
    predictRows(trees, table, all).forEach((value, window) => {
      const forecast = value + levelOf(plan, moved[window]!);
      extended[window]!.series[lookBack - 1 + step] = forecast;
      made[window * horizon + step - 1] = forecast;
    });
  }
  return made;
}
