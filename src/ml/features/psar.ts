import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, sourceSuffix, type PriceBars } from './price-bars.js';

const parameters = {
  acceleration: {
    kind: 'number',
    default: 0.02,
    minimum: 0.001,
    maximum: 1,
    description: 'What the acceleration begins with and grows by at each new extreme.',
  },
  limit: { kind: 'number', default: 0.2, minimum: 0.001, maximum: 1, description: 'Where the acceleration ends.' },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/**
 * Parabolic stop and reverse (J. W. Wilder, New Concepts in Technical Trading Systems, 1978): in a rise
 * SAR_{t+1} = SAR_t + a · (highest high of the rise − SAR_t), never above the lows of rows t − 1 and t; a begins with the
 * acceleration, and grows by it up to the limit with each new high. A low at or below it ends the rise: the stop jumps to
 * the highest high and a fall begins, the same upside down. The first direction is down where the second row's low fell
 * further than its high rose, else up; the stop then stands at the first row's opposite end (TA-Lib's beginning). NaN
 * in row 0; it remembers everything since its beginning and begins anew after a NaN in a high or a low.
 */
export const psar: FeatureStep = {
  name: 'psar',
  title: 'Parabolic stop and reverse',
  description: 'A stop that follows a trend ever closer and changes sides when it is touched.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => barColumns(parametersOf(values).source),
  warmUp: () => 1,
  columnNames: (values) => [nameOf(values)],
  compute(input, values) {
    const { acceleration, limit, source } = parametersOf(values);
    return [{ name: nameOf(values), values: parabolicStops(priceBars('psar', input, source), acceleration, limit) }];
  },
};

function parabolicStops({ high, low }: PriceBars, step: number, limit: number): Float64Array {
  const stops = new Float64Array(high.length).fill(NaN);
  const start = Math.min(step, limit);
  let begun = false;
  let rising = true;
  let stop = NaN;
  let extreme = NaN;
  let acceleration = start;
  let highNow = stops.length === 0 ? NaN : high[0]!;
  let lowNow = stops.length === 0 ? NaN : low[0]!;
  for (let row = 1; row < stops.length; row++) {
    let highBefore = highNow;
    let lowBefore = lowNow;
    highNow = high[row]!;
    lowNow = low[row]!;
    if (Number.isNaN(highBefore + lowBefore + highNow + lowNow)) {
      begun = false;
      continue;
    }
    if (!begun) {
      const fall = lowBefore - lowNow;
      rising = !(fall > 0 && fall > highNow - highBefore);
      stop = rising ? lowBefore : highBefore;
      extreme = rising ? highNow : lowNow;
      acceleration = start;
      // In its first row the stop is held by that row alone.
      highBefore = highNow;
      lowBefore = lowNow;
      begun = true;
    }
    if (rising ? lowNow <= stop : highNow >= stop) {
      stop = rising ? Math.max(extreme, highBefore, highNow) : Math.min(extreme, lowBefore, lowNow);
      rising = !rising;
      extreme = rising ? highNow : lowNow;
      acceleration = start;
      stops[row] = stop;
    } else {
      stops[row] = stop;
      if (rising ? highNow > extreme : lowNow < extreme) {
        extreme = rising ? highNow : lowNow;
        acceleration = Math.min(acceleration + step, limit);
      }
    }
    stop += acceleration * (extreme - stop);
    // No Math.min or Math.max in every row: no value is NaN here, and a plain comparison is mostly foreseen.
    if (rising) {
      if (lowBefore < stop) stop = lowBefore;
      if (lowNow < stop) stop = lowNow;
    } else {
      if (highBefore > stop) stop = highBefore;
      if (highNow > stop) stop = highNow;
    }
  }
  return stops;
}

function nameOf(values: ParameterValues): string {
  const { acceleration, limit, source } = parametersOf(values);
  return `PSAR_${acceleration}_${limit}${sourceSuffix(source)}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'psar');
}
