import { resolveParameters } from '../resolve-parameters.js';
import type { ParameterSpace, ParameterValues } from '../parameters.js';
import type { FeatureStep } from './feature-step.js';
import { getReferenceValue } from './reference-value.js';
import { rollingMoments } from './rolling-moments.js';

const COLUMNS = { difference: 'SPREAD', ratio: 'RATIO', 'log-ratio': 'LOG_RATIO' } as const;

const parameters = {
  kind: {
    kind: 'choice',
    values: Object.keys(COLUMNS),
    default: 'difference',
    description: 'x − y, x / y, or ln(x / y) of the asset x and the reference y; a log-ratio suits prices.',
  },
  window: {
    kind: 'integer',
    default: 60,
    minimum: 2,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows that the mean and the deviation of the z-score are taken from.',
  },
} as const satisfies ParameterSpace;

/**
 * How far two assets are apart, and how unusual that is: s_t = x_t − y_t, x_t / y_t or ln(x_t / y_t), and the z-score
 * z_t = (s_t − mean) / σ over rows t − w + 1 … t, with the population deviation (Gatev, Goetzmann & Rouwenhorst, Pairs
 * Trading, 2006, standardise a spread so). The window includes row t, so |z| ≤ √(w − 1).
 *
 * NaN where either series is; a ratio also where y = 0, a log-ratio where x / y is not positive. z is NaN in the first
 * w − 1 rows and while a NaN is in the window, and 0 over a window in which the spread moves no more than rounding does:
 * it stands at its mean.
 */
export const spread: FeatureStep = {
  name: 'spread',
  title: 'Spread',
  description: 'Difference or ratio of two assets, and its z-score over the last rows.',
  codeVersion: 2,
  scope: 'pair',
  parameters,
  warmUp: (values) => settingsOf(values).window - 1,
  columnNames: (values) => {
    const { kind, window } = settingsOf(values);
    return [COLUMNS[kind], `${COLUMNS[kind]}_Z_${window}`];
  },
  /** Windows are cut into blocks that count from the first row. */
  restartRow: (row, values) => {
    const { window } = settingsOf(values);
    return Math.max(0, Math.floor((row - window + 1) / window) * window);
  },
  compute(input, values) {
    const { kind, window } = settingsOf(values);
    const reference = getReferenceValue(input, 'spread');
    const spreads = input.value.map((value, row) => finite(apart(kind, value, reference[row]!)));
    const { means, variances } = rollingMoments(spreads, window);
    const scores = spreads.map((value, row) => {
      const deviation = Math.sqrt(variances[row]!);
      const size =
        kind === 'difference' ? Math.abs(input.value[row]!) + Math.abs(reference[row]!) : Math.abs(value) + 1;
      return deviation <= 8 * Number.EPSILON * size ? 0 : finite((value - means[row]!) / deviation);
    });
    const [name, scoreName] = spread.columnNames(values);
    return [
      { name: name!, values: spreads },
      { name: scoreName!, values: scores },
    ];
  },
};

function apart(kind: keyof typeof COLUMNS, value: number, reference: number): number {
  if (kind === 'difference') return value - reference;
  return kind === 'ratio' ? value / reference : Math.log(value / reference);
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : NaN;
}

function settingsOf(values: ParameterValues): { readonly kind: keyof typeof COLUMNS; readonly window: number } {
  const { kind, window } = resolveParameters(parameters, values, 'spread');
  return { kind: kind as keyof typeof COLUMNS, window };
}
