import { TrainyardError } from '../../common/errors/index.js';
import type { ParameterDeclaration } from '../parameters.js';
import type { FeatureInput } from './feature-step.js';

/** High, low and close of each row; the same array three times where only closes are used. */
export interface PriceBars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

/** The parameter `source` of steps whose formula is also used on closes alone. */
export const BAR_SOURCE = {
  kind: 'choice',
  values: ['ohlc', 'close'],
  default: 'ohlc',
  description:
    'ohlc takes the columns high and low, and the main column as close; close takes the main column for all three.',
} as const satisfies ParameterDeclaration;

export function barColumns(source: string): readonly string[] {
  return source === 'close' ? [] : ['high', 'low'];
}

/** Ends the column names of a step that was made of closes alone, so that both kinds can stand side by side. */
export function sourceSuffix(source: string): string {
  return source === 'close' ? '_close' : '';
}

export function priceBars(step: string, input: FeatureInput, source: string): PriceBars {
  const close = input.value;
  if (source === 'close') return { high: close, low: close, close };
  return { high: requiredColumn(step, input, 'high'), low: requiredColumn(step, input, 'low'), close };
}

/** Typical price (high + low + close) / 3; the close itself where all three are one. */
export function typicalPrices({ high, low, close }: PriceBars): Float64Array {
  if (high === close && low === close) return close;
  const prices = new Float64Array(close.length);
  for (let row = 0; row < prices.length; row++) prices[row] = (high[row]! + low[row]! + close[row]!) / 3;
  return prices;
}

/** A column that the step declares as required. The plan was checked for it; data of an online request may lack it. */
export function requiredColumn(step: string, input: FeatureInput, name: string): Float64Array {
  const values = input.column(name);
  if (values !== undefined) return values;
  throw new TrainyardError(
    'COLUMN_UNKNOWN',
    `Feature step ${step} needs the column ${name}, which the asset does not have: give it, or leave the step out`,
    { step, column: name },
  );
}
