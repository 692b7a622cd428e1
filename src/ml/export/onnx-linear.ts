import type { ModelState } from '../algorithms/algorithm.js';
import { numberFact, numbersFact, readOwnSeries } from '../algorithms/own-series.js';
import { add, multiply, subtract } from '../engine/graph/elementwise.js';
import type { GraphBuilder, SymbolicTensor } from '../engine/graph/graph-builder.js';
import { mean } from '../engine/graph/mean.js';
import { concat, reshape, slice, transpose } from '../engine/graph/movement.js';
import { gemm } from '../engine/graph/products.js';
import { sum } from '../engine/graph/reductions.js';
import type { BatchedBuild as Build } from './free-batch.js';

/** From the own series of the targets, [rows, targets, lookBack], to their forecasts, [rows, targets, horizon]. */
type SeriesRule = (g: GraphBuilder, series: SymbolicTensor) => SymbolicTensor;

/** Each target's own series in target units; see `OwnSeries`. */
function ownSeries(g: GraphBuilder, window: SymbolicTensor, state: ModelState): SymbolicTensor {
  const { columns, slopes, intercepts } = readOwnSeries(state);
  const [rows, lookBack] = window.shape as readonly [number, number];
  const shape = [rows, lookBack, columns.length];
  const gathered = g.emit('Gather', [window, g.integers(columns)], shape, { axis: { int: 2 } });
  const scaled = add(
    g,
    multiply(g, gathered, g.constant(slopes, [slopes.length])),
    g.constant(intercepts, [intercepts.length]),
  );
  return transpose(g, scaled, [0, 2, 1]);
}

const windowOf = (g: GraphBuilder, state: ModelState, rows: number): SymbolicTensor =>
  g.input('window', [rows, state.lookBack, state.inputs.length]);

const lastStep = (g: GraphBuilder, series: SymbolicTensor): SymbolicTensor =>
  slice(g, series, 2, series.shape[2]! - 1, series.shape[2]!);

function ruleForecast(state: ModelState, rule: SeriesRule): Build {
  return (g, rows) => {
    const window = windowOf(g, state, rows);
    const forecast = rule(g, ownSeries(g, window, state));
    return { inputs: [window], weights: [], outputs: { forecast: transpose(g, forecast, [0, 2, 1]) } };
  };
}

/** ŷ[t + h] = y[t − S + 1 + ((h − 1) mod S)]; S = 1 is naive. */
export function repetitionForecast(state: ModelState): Build {
  const season = numberFact(state, 'seasonLength');
  const { lookBack, horizon } = state;
  const steps = Array.from({ length: horizon }, (_, h) => lookBack - season + (h % season));
  return ruleForecast(state, (g, series) =>
    g.emit('Gather', [series, g.integers(steps)], [...series.shape.slice(0, 2), horizon], { axis: { int: 2 } }),
  );
}

/** ŷ[t + h] = y[t] + h·(y[t] − y[t − L + 1]) / (L − 1). */
export function driftForecast(state: ModelState): Build {
  const { lookBack, horizon } = state;
  const shares = Array.from({ length: horizon }, (_, h) => (h + 1) / (lookBack - 1));
  return ruleForecast(state, (g, series) => {
    const last = lastStep(g, series);
    const change = subtract(g, last, slice(g, series, 2, 0, 1));
    return add(g, multiply(g, change, g.constant(shares, [horizon])), last);
  });
}

/** ŷ[t + h] = mean of the window. */
export function meanForecast(state: ModelState): Build {
  const ones = new Array<number>(state.horizon).fill(1);
  return ruleForecast(state, (g, series) => multiply(g, mean(g, series, [2], true), g.constant(ones, [ones.length])));
}

/** The columns of a ridge design beside the window: [targets, columns] each loses its mean. */
interface RidgeParts {
  readonly windowInputs: number;
  readonly features: number;
  readonly covariates: number;
  /** [weight matrices, inputs, horizon], rows of columns that a matrix does not use are 0; and what it adds at the end. */
  readonly weights: Float64Array;
  readonly constants: Float64Array;
  readonly matrices: number;
  /** [targets, features + covariates] at the origin. */
  readonly means: Float64Array;
  /** [matrices, horizon, covariates] at the forecast rows. */
  readonly ahead: Float64Array;
}

/**
 * The map of `ridge` as one product. `window` [rows, lookBack, columns]; where known-future covariates are used also
 * `known_future` [rows, 1 + horizon, covariates]: their values at the origin and at the forecast rows.
 */
export function ridgeForecast(state: ModelState): Build {
  const { lookBack, horizon, tensors } = state;
  const targets = state.targets.length;
  const levels = tensors['levels']?.data ?? null;
  const parts = ridgeParts(state, levels === null ? lookBack - 1 : lookBack);
  const { windowInputs, features, covariates, matrices } = parts;
  const inputs = windowInputs + features + covariates;
  return (g, rows) => {
    const window = windowOf(g, state, rows);
    const series = ownSeries(g, window, state);
    const base = levels === null ? lastStep(g, series) : g.constant(levels, [targets, 1]);
    const columns = [subtract(g, slice(g, series, 2, 0, windowInputs), base)];
    if (features > 0) columns.push(featuresAtOrigin(g, window, state, parts));
    const future = covariates === 0 ? null : g.input('known_future', [rows, 1 + horizon, covariates]);
    if (future) {
      const means = pickMeans(parts, features, covariates);
      columns.push(subtract(g, slice(g, future, 1, 0, 1), g.constant(means, [targets, covariates])));
    }
    const design = concat(g, columns, 2);
    let sums: SymbolicTensor;
    if (matrices === 1) {
      const flat = reshape(g, design, [rows * targets, inputs]);
      const weights = g.constant(parts.weights, [inputs, horizon]);
      sums = reshape(g, gemm(g, flat, weights, g.constant(parts.constants, [horizon])), [rows, targets, horizon]);
    } else {
      const single = reshape(g, design, [rows, targets, 1, inputs]);
      const weights = g.constant(parts.weights, [targets, inputs, horizon]);
      const products = g.emit('MatMul', [single, weights], [rows, targets, 1, horizon]);
      sums = add(g, reshape(g, products, [rows, targets, horizon]), g.constant(parts.constants, [targets, horizon]));
    }
    if (future) {
      const means = state.tensors['covariateMeans']!.data;
      const centred = subtract(g, slice(g, future, 1, 1, 1 + horizon), g.constant(means, [covariates]));
      const coefficients = g.constant(parts.ahead, [matrices, horizon, covariates]);
      const weighed = multiply(g, reshape(g, centred, [rows, 1, horizon, covariates]), coefficients);
      sums = add(g, sums, sum(g, weighed, [3]));
    }
    return {
      inputs: future ? [window, future] : [window],
      weights: [],
      outputs: { forecast: transpose(g, add(g, sums, base), [0, 2, 1]) },
    };
  };
}

function featuresAtOrigin(
  g: GraphBuilder,
  window: SymbolicTensor,
  state: ModelState,
  parts: RidgeParts,
): SymbolicTensor {
  const [rows, lookBack, width] = window.shape as readonly [number, number, number];
  const targets = state.targets.length;
  const { features } = parts;
  const columns = numbersFact(state, 'featureColumns');
  const order = Array.from({ length: targets * features }, (_, at) => {
    return columns[(at % features) * targets + Math.floor(at / features)]!;
  });
  const last = reshape(g, slice(g, window, 1, lookBack - 1, lookBack), [rows, width]);
  const gathered = g.emit('Gather', [last, g.integers(order)], [rows, order.length], { axis: { int: 1 } });
  const means = g.constant(pickMeans(parts, 0, features), [targets, features]);
  return subtract(g, reshape(g, gathered, [rows, targets, features]), means);
}

/** Columns `from` … `from + count` − 1 of the means. */
function pickMeans({ means, features, covariates }: RidgeParts, from: number, count: number): Float64Array {
  const width = features + covariates;
  return means.filter((_, at) => at % width >= from && at % width < from + count);
}

/** Brings the weights of all targets to one design: what a target does not use weighs 0. */
function ridgeParts(state: ModelState, windowInputs: number): RidgeParts {
  const { horizon, tensors } = state;
  const targets = state.targets.length;
  const withFeatures = numbersFact(state, 'withFeatures');
  const withCovariates = 'withCovariates' in state.facts ? numbersFact(state, 'withCovariates') : [];
  const known = withCovariates.includes(1) ? tensors['covariateMeans']!.data.length : 0;
  const available = numbersFact(state, 'featureColumns').length / targets;
  const features = withFeatures.includes(1) ? available : 0;
  const inputs = windowInputs + features + known;
  const matrices = withFeatures.length;
  const weights = new Float64Array(matrices * inputs * horizon);
  const constants = new Float64Array(matrices * horizon);
  const ahead = new Float64Array(matrices * horizon * known);
  for (let k = 0; k < matrices; k++) {
    const stored = tensors[`weights/${k}`]!;
    const width = stored.shape[1]!;
    const ownFeatures = withFeatures[k] === 1 ? features : 0;
    const ownKnown = withCovariates[k] === 1 ? known : 0;
    // Where each stored column goes; the one after them is the constant.
    const places = [
      ...Array.from({ length: windowInputs + ownFeatures }, (_, n) => n),
      ...Array.from({ length: ownKnown }, (_, n) => windowInputs + features + n),
    ];
    for (let h = 0; h < horizon; h++) {
      places.forEach((place, n) => {
        weights[(k * inputs + place) * horizon + h] = stored.data[h * width + n]!;
      });
      if (width > places.length) constants[k * horizon + h] = stored.data[h * width + places.length]!;
    }
    if (ownKnown > 0) ahead.set(tensors[`ahead/${k}`]!.data, k * horizon * known);
  }
  const stored = tensors['featureMeans']?.data;
  const means = new Float64Array(targets * (features + known));
  for (let k = 0; k < targets; k++) {
    for (let n = 0; n < features + known; n++) {
      const row = n < features ? n : available + n - features;
      means[k * (features + known) + n] = stored![row * targets + k]!;
    }
  }
  return { windowInputs, features, covariates: known, weights, constants, matrices, means, ahead };
}
