import type { ParameterSpace, ValuesOf } from '../parameters.js';
import { stateNumber } from './fitted-map.js';
import type { PositionalTransform, Series, TransformState } from './transform.js';

const MAXIMUM_LAG = 100_000;

const parameters = {
  lag: {
    kind: 'integer',
    default: 1,
    minimum: 1,
    maximum: MAXIMUM_LAG,
    unit: 'rows',
    description: 'Rows back that each value is compared with.',
  },
} as const satisfies ParameterSpace;

const seasonalParameters = {
  lag: {
    kind: 'integer',
    default: 0,
    minimum: 0,
    maximum: MAXIMUM_LAG,
    unit: 'rows',
    description: 'Rows of one season; 0 takes the season of the data.',
  },
} as const satisfies ParameterSpace;

/**
 * z[t] = x[t] − x[t − lag], from what is known at t. The first `lag` rows have nothing to be compared with and are NaN;
 * a missing value makes its own row and the one `lag` rows later NaN.
 *
 * Inverse after an origin o: x[o + h] = z[o + h] + x[o + h − lag], where rows after the origin are those just restored.
 * A forecast of h steps thus sums up to h / lag changes, and their errors. Source: Hyndman & Athanasopoulos,
 * "Forecasting: Principles and Practice", 3rd ed., section 9.1.
 */
export const difference: PositionalTransform = {
  kind: 'positional',
  name: 'difference',
  title: 'Difference',
  description: 'The change since `lag` rows before: takes a drifting level away.',
  parameters,
  appliesTo: 'series',
  fit: (_train, values) => ({ lag: (values as ValuesOf<typeof parameters>).lag }),
  transform: transformDifference,
  inverseAfter: inverseDifference,
  contextRows: lagOf,
};

/** `difference` whose lag is a season: z[t] = x[t] − x[t − m], which takes away what repeats and leaves the rest. */
export const seasonalDifference: PositionalTransform = {
  kind: 'positional',
  name: 'seasonal-difference',
  title: 'Seasonal difference',
  description: 'The change since the same phase of the season before: takes away what repeats.',
  parameters: seasonalParameters,
  appliesTo: 'series',
  fit(_train, values, { seasonLength }) {
    const { lag } = values as ValuesOf<typeof seasonalParameters>;
    return { lag: lag === 0 ? seasonLength : lag };
  },
  transform: transformDifference,
  inverseAfter: inverseDifference,
  contextRows: lagOf,
};

function transformDifference({ values }: Series, state: TransformState): Float64Array {
  const lag = lagOf(state);
  return values.map((value, row) => (row < lag ? NaN : value - values[row - lag]!));
}

function inverseDifference(
  future: Float64Array,
  { values }: Series,
  origin: number,
  state: TransformState,
): Float64Array {
  const lag = lagOf(state);
  const restored = new Float64Array(future.length);
  for (let at = 0; at < future.length; at++) {
    const before = at < lag ? (values[origin + 1 + at - lag] ?? NaN) : restored[at - lag]!;
    restored[at] = future[at]! + before;
  }
  return restored;
}

function lagOf(state: TransformState): number {
  return stateNumber(state, 'lag');
}
