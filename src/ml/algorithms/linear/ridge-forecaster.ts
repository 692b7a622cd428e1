import type { Forecaster, ModelState } from '../algorithm.js';
import { numbersFact, ownValue, readOwnSeries } from '../own-series.js';
import { multiplyMatrixVector } from './matrix-vector.js';

/** A stored ridge model; states from before there were covariates or a choice of normalisation have neither. */
export async function restoreRidge(state: ModelState): Promise<Forecaster> {
  const { lookBack, horizon, tensors } = state;
  const own = readOwnSeries(state);
  const targets = state.targets.length;
  const withFeatures = numbersFact(state, 'withFeatures');
  const withCovariates = 'withCovariates' in state.facts ? numbersFact(state, 'withCovariates') : [];
  const featureColumns = numbersFact(state, 'featureColumns');
  const features = featureColumns.length / targets;
  const columnMeans = tensors['featureMeans']?.data ?? new Float64Array(0);
  const covariateMeans = tensors['covariateMeans']?.data ?? new Float64Array(0);
  const levels = tensors['levels']?.data;
  const windowInputs = levels === undefined ? lookBack - 1 : lookBack;
  const groups = withFeatures.map((isFeatured, k) => ({
    weights: matrixOf(state, `weights/${k}`),
    features: isFeatured === 1 ? features : 0,
    coefficients: withCovariates[k] === 1 ? matrixOf(state, `ahead/${k}`) : null,
  }));
  return {
    async forecast(inputs, origins, future) {
      const forecasts = new Float64Array(origins.length * horizon * targets);
      const sums = new Float64Array(horizon);
      const covariates = future?.columns ?? [];
      for (const [at, origin] of origins.entries()) {
        for (let k = 0; k < targets; k++) {
          const { weights, features, coefficients } = groups.length === 1 ? groups[0]! : groups[k]!;
          const known = coefficients === null ? 0 : covariateMeans.length;
          if (known !== 0 && covariates.length !== known) {
            throw new Error(`${known} known-future covariates are needed, ${covariates.length} were given`);
          }
          const columns = features + known;
          // The constant that comes with columns, or with a level, is the 1 at the end.
          const design = new Float64Array(windowInputs + columns + (columns > 0 || levels ? 1 : 0)).fill(1);
          const base = levels?.[k] ?? ownValue(inputs, own, k, origin);
          const start = origin - lookBack + 1;
          for (let i = 0; i < windowInputs; i++) design[i] = ownValue(inputs, own, k, start + i) - base;
          for (let f = 0; f < features; f++) {
            const column = inputs.columns[featureColumns[f * targets + k]!]!;
            design[windowInputs + f] = column[origin]! - columnMeans[f * targets + k]!;
          }
          for (let c = 0; c < known; c++) {
            const mean = columnMeans[(featureColumns.length / targets + c) * targets + k]!;
            design[windowInputs + features + c] = covariates[c]![origin]! - mean;
          }
          multiplyMatrixVector(weights, horizon, design.length, design, sums);
          for (let h = 0; h < horizon; h++) {
            let value = base + sums[h]!;
            for (let c = 0; c < known; c++) {
              value += coefficients![h * known + c]! * (covariates[c]![origin + 1 + h]! - covariateMeans[c]!);
            }
            forecasts[(at * horizon + h) * targets + k] = value;
          }
        }
      }
      return forecasts;
    },
    dispose() {},
  };
}

function matrixOf(state: ModelState, name: string): Float64Array {
  const data = state.tensors[name]?.data;
  if (data instanceof Float64Array) return data;
  throw new Error(`a ridge state has float64 ${name}`);
}
