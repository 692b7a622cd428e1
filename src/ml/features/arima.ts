import { TrainyardError } from '../../common/errors/index.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { forecastRolling, type ForecastSettings, type RollingForecasts } from './arima/rolling-fits.js';
import type { FeatureStep } from './feature-step.js';

const parameters = {
  order: {
    kind: 'integers',
    default: [5, 1, 0],
    minimum: 0,
    maximum: 20,
    minimumLength: 3,
    maximumLength: 3,
    description: 'Autoregressive order p, differences d (at most 2), moving-average order q.',
  },
  search: {
    kind: 'boolean',
    default: false,
    description: 'Try every p and q up to those of the order at each fit and take the one with the smallest AICc.',
  },
  window: {
    kind: 'choice',
    values: ['expanding', 'rolling'],
    default: 'expanding',
    description: 'Fit to everything so far, or to the last windowRows rows.',
  },
  windowRows: {
    kind: 'integer',
    default: 250,
    minimum: 20,
    maximum: 100_000,
    unit: 'rows',
    description: 'Rows of a rolling window.',
  },
  minimumRows: {
    kind: 'integer',
    default: 60,
    minimum: 20,
    maximum: 100_000,
    unit: 'rows',
    description: 'Rows before the first fit, and observed values that any fit needs.',
  },
  refitEvery: {
    kind: 'integer',
    default: 20,
    minimum: 1,
    maximum: 100_000,
    unit: 'rows',
    description: 'Rows between two fits.',
  },
  failureFactor: {
    kind: 'number',
    default: 1.5,
    minimum: 1,
    maximum: 100,
    description: 'A fit is a failure when its root mean squared error is more than this many times the naive one.',
  },
  bridgeRows: {
    kind: 'integer',
    default: 5,
    minimum: 0,
    maximum: 10_000,
    unit: 'rows',
    description:
      'Missing rows in a row that forecasts stand in for; after more there is no forecast until values return.',
  },
} as const satisfies ParameterSpace;

/**
 * One-step forecasts of ARIMA(p, d, q) models, fitted by conditional least squares on an expanding or rolling window and
 * again every k rows (`ArimaModel`, `ArimaWindow`, `fitConditionalSum` have formulas and sources). Three columns:
 * `ARIMA`, the forecast of row t made at row t − 1; `ARIMA_residual`, x_t minus it; `ARIMA_next`, the forecast of row
 * t + 1 made at row t. A model is only ever applied to rows after those it was fitted to.
 *
 * NaN until the first fit at row minimumRows − 1, the forecast of row t one row longer. The residual is NaN where x is; at
 * most bridgeRows missing values in a row are bridged by their forecasts. A fit that is not finite, not stationary and
 * invertible, or worse than naive by failureFactor is told of, and the fit before it is used once more, then the naive
 * forecast x_t. Without a constant where d > 0, as in R and statsmodels. A search compares p and q, never d: the
 * likelihoods of different differences are not comparable. Names carry what is not default: the order, `search`, `rolling`.
 */
export const arima: FeatureStep = {
  name: 'arima',
  title: 'ARIMA forecast',
  description: 'One-step forecasts of an ARIMA model that is refitted as rows come in, and what it missed by.',
  codeVersion: 1,
  scope: 'asset',
  costly: true,
  parameters,
  warmUp: (values) => settingsOf(values).minimumRows,
  columnNames(values) {
    const name = nameOf(settingsOf(values));
    return [name, `${name}_residual`, `${name}_next`];
  },
  /** A rolling forecast depends on the window of its fit and on that of the fit before; fits keep their rows. */
  restartRow(row, values) {
    const { windowRows, minimumRows, refitEvery } = settingsOf(values);
    if (windowRows === null) return 0;
    const fit = minimumRows - 1 + Math.floor((row - minimumRows) / refitEvery) * refitEvery;
    return Math.max(0, Math.floor((fit - refitEvery - windowRows + 1) / refitEvery) * refitEvery);
  },
  compute(input, values, note) {
    const settings = settingsOf(values);
    const made = forecastRolling(input.value, settings);
    if (made.failures.size > 0) note?.(describeFailures(settings, made));
    const forecasts = new Float64Array(input.value.length).fill(NaN);
    forecasts.set(made.next.subarray(0, -1), Math.min(1, forecasts.length));
    const residuals = forecasts.map((forecast, row) => input.value[row]! - forecast);
    const [name, residualName, nextName] = arima.columnNames(values);
    return [
      { name: name!, values: forecasts },
      { name: residualName!, values: residuals },
      { name: nextName!, values: made.next },
    ];
  },
};

function describeFailures(settings: ForecastSettings, { fits, failures }: RollingForecasts): string {
  const { p, d, q } = settings.order;
  const total = [...failures.values()].reduce((sum, count) => sum + count, 0);
  const reasons = [...failures].map(([reason, count]) => `${reason} ${count}`).sort();
  return `ARIMA(${p},${d},${q}): ${total} of ${fits} fits failed (${reasons.join(', ')}); the fit before was used, after two failures in a row the naive forecast`;
}

function nameOf({ order: { p, d, q }, search, windowRows }: ForecastSettings): string {
  const order = [p, d, q].join('_') === parameters.order.default.join('_') ? '' : `_${p}_${d}_${q}`;
  return `ARIMA${order}${search ? '_search' : ''}${windowRows === null ? '' : `_rolling_${windowRows}`}`;
}

/** What the single parameters allow and together is no model: PARAMETER_INVALID. */
function settingsOf(values: ParameterValues): ForecastSettings {
  const { order, window, windowRows, ...others } = resolveParameters(parameters, values, 'arima');
  const [p, d, q] = order as readonly [number, number, number];
  const { minimumRows } = others;
  if (d > 2) throw invalid('arima.order', order, `differences ${d} times: use at most 2 differences`);
  const needed = d + Math.max(p, 1) + 2 * (p + q + 1);
  if (minimumRows < needed) {
    throw invalid('arima.minimumRows', minimumRows, `is too few rows to fit the order ${p},${d},${q}: use ${needed}`);
  }
  if (window === 'rolling' && windowRows < minimumRows) {
    throw invalid('arima.windowRows', windowRows, `is less than minimumRows ${minimumRows}: use at least as many`);
  }
  return { ...others, order: { p, d, q }, windowRows: window === 'rolling' ? windowRows : null };
}

function invalid(path: string, value: unknown, problem: string): TrainyardError {
  return new TrainyardError('PARAMETER_INVALID', `${path} ${JSON.stringify(value)} ${problem}`, { path, value });
}
