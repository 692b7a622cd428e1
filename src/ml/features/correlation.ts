import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';
import { getReferenceValue } from './reference-value.js';
import { rollingCovariance } from './rolling-covariance.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 60,
    minimum: 2,
    maximum: 10_000,
    unit: 'rows',
    description: 'Pairs of values that a correlation is taken from.',
  },
  of: {
    kind: 'choice',
    values: ['returns', 'changes', 'levels'],
    default: 'returns',
    description:
      'What is correlated: x_t / x_{t−1} − 1, x_t − x_{t−1}, or the values. Changes suit series that cross zero; levels of two series with trends correlate whatever they have to do with each other.',
  },
} as const satisfies ParameterSpace;

/**
 * Pearson's correlation of an asset u and its reference v over the last w rows, cov(u, v) / (σ_u σ_v), −1…1, and beta,
 * the slope of u on v, cov(u, v) / σ_v² (Sharpe 1964), of returns, changes or levels.
 *
 * NaN in the first w rows (levels: w − 1) and while a NaN is in the window; a return from 0 is NaN. Where u or v is
 * constant over the window the correlation is 0, and where v is, so is beta: no common movement is to be seen, and a NaN
 * would mask rows of a model for an asset that merely rests.
 */
export const correlation: FeatureStep = {
  name: 'correlation',
  title: 'Correlation',
  description: 'Correlation of two assets over the last rows, and the slope of one on the other.',
  codeVersion: 1,
  scope: 'pair',
  parameters,
  warmUp: (values) => {
    const { window, of } = resolveParameters(parameters, values, 'correlation');
    return of === 'levels' ? window - 1 : window;
  },
  columnNames: (values) => {
    const { window, of } = resolveParameters(parameters, values, 'correlation');
    const suffix = of === 'returns' ? `${window}` : `${window}_${of}`;
    return [`CORR_${suffix}`, `BETA_${suffix}`];
  },
  /** Windows are cut into blocks that count from the first row, whose own change is not known after a restart. */
  restartRow: (row, values) => {
    const { window, of } = resolveParameters(parameters, values, 'correlation');
    const first = of === 'levels' ? row - window + 1 : row - window;
    return Math.max(0, Math.floor(first / window) * window);
  },
  compute(input, values) {
    const { window, of } = resolveParameters(parameters, values, 'correlation');
    const own = movements(input.value, of);
    const other = movements(getReferenceValue(input, 'correlation'), of);
    const { xVariances, yVariances, covariances } = rollingCovariance(own, other, window);
    const correlations = covariances.map((covariance, row) => {
      const [xDeviation, yDeviation] = [Math.sqrt(xVariances[row]!), Math.sqrt(yVariances[row]!)];
      if (xDeviation === 0 || yDeviation === 0) return 0;
      const value = covariance / xDeviation / yDeviation;
      return Number.isFinite(value) ? Math.max(-1, Math.min(1, value)) : NaN;
    });
    const slopes = covariances.map((covariance, row) => {
      if (yVariances[row] === 0) return 0;
      const value = covariance / yVariances[row]!;
      return Number.isFinite(value) ? value : NaN;
    });
    const [correlationName, slopeName] = correlation.columnNames(values);
    return [
      { name: correlationName!, values: correlations },
      { name: slopeName!, values: slopes },
    ];
  },
};

function movements(values: Float64Array, of: string): Float64Array {
  if (of === 'levels') return values;
  return values.map((value, row) => {
    if (row === 0) return NaN;
    const before = values[row - 1]!;
    const moved = of === 'changes' ? value - before : value / before - 1;
    return Number.isFinite(moved) ? moved : NaN;
  });
}
