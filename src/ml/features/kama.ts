import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import { spanWeight } from './exponential-average.js';
import type { FeatureStep } from './feature-step.js';
import { ratioOr } from './ratio.js';
import { rollingMeans } from './rolling-moments.js';

const rows = { kind: 'integer', minimum: 1, maximum: 10_000, unit: 'rows' } as const;

const parameters = {
  window: { ...rows, default: 10, description: 'Rows of the efficiency ratio.' },
  fast: { ...rows, default: 2, description: 'Span of the average where the series goes straight on.' },
  slow: { ...rows, default: 30, description: 'Span of the average where it goes back and forth.' },
} as const satisfies ParameterSpace;

/**
 * Kaufman's adaptive moving average (P. Kaufman, Smarter Trading, 1995): KAMA_t = KAMA_{t−1} + c² (x_t − KAMA_{t−1}) with
 * c = E · (2/(fast + 1) − 2/(slow + 1)) + 2/(slow + 1) and the efficiency E = |x_t − x_{t−w}| / Σ |x_i − x_{i−1}| of the
 * last w changes, 0 where nothing moved. It begins in row w from x_{w−1} (TA-Lib's convention, whose spans are 2 and 30
 * throughout). It remembers everything since its beginning and begins anew after a NaN.
 */
export const kama: FeatureStep = {
  name: 'kama',
  title: "Kaufman's adaptive moving average",
  description: 'Exponential average that follows a straight course closely and a crooked one slowly.',
  codeVersion: 2,
  scope: 'asset',
  parameters,
  warmUp: (values) => parametersOf(values).window,
  columnNames: (values) => [nameOf(values)],
  compute(input, values) {
    const { window, fast, slow } = parametersOf(values);
    const averages = rollingMeans(absoluteChanges(input.value), window);
    const slowest = spanWeight(slow);
    const range = spanWeight(fast) - slowest;
    let average = NaN;
    for (let row = window; row < averages.length; row++) {
      const change = Math.abs(input.value[row]! - input.value[row - window]!);
      // Rounding may leave the way a hair shorter than the change that it makes up.
      const ratio = ratioOr(change, averages[row]! * window, 0);
      const efficiency = ratio > 1 ? 1 : ratio;
      const root = efficiency * range + slowest;
      if (Number.isNaN(average)) average = input.value[row - 1]!;
      average += root * root * (input.value[row]! - average);
      averages[row] = average;
    }
    return [{ name: nameOf(values), values: averages }];
  },
};

function absoluteChanges(values: Float64Array): Float64Array {
  const changes = new Float64Array(values.length).fill(NaN, 0, 1);
  for (let row = 1; row < changes.length; row++) changes[row] = Math.abs(values[row]! - values[row - 1]!);
  return changes;
}

function nameOf(values: ParameterValues): string {
  const { window, fast, slow } = parametersOf(values);
  return `KAMA_${window}_${fast}_${slow}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'kama');
}
