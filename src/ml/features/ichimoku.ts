import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, sourceSuffix, type PriceBars } from './price-bars.js';
import { rollingHighest, rollingLowest } from './rolling-extremes.js';

const rows = { kind: 'integer', minimum: 1, maximum: 10_000, unit: 'rows' } as const;

const parameters = {
  conversion: { ...rows, default: 9, description: 'Rows of the conversion line (tenkan-sen).' },
  base: { ...rows, default: 26, description: 'Rows of the base line (kijun-sen).' },
  span: { ...rows, default: 52, description: 'Rows of the second leading span (senkou span B).' },
  displacement: { ...rows, minimum: 0, default: 26, description: 'Rows that the leading spans are drawn ahead.' },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/**
 * Ichimoku kinko hyo (G. Hosoda, 1969). With M_w = (highest high + lowest low) / 2 of w rows: conversion = M_9,
 * base = M_26, span A = (conversion + base) / 2 and span B = M_52. A chart draws the spans 26 rows ahead: over row t lies
 * the cloud that was known 26 rows before, and that is what row t gets, nothing later. The lagging span (chikou), which a
 * chart draws back, would be the close of 26 rows ahead and is therefore no column; the other way round it is the step
 * `lags`. Every column begins when its own rows are there and is NaN while a NaN is among them.
 */
export const ichimoku: FeatureStep = {
  name: 'ichimoku',
  title: 'Ichimoku cloud',
  description: 'Middles of the ranges of three windows, and the cloud that lies over each row.',
  codeVersion: 1,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => barColumns(parametersOf(values).source),
  warmUp: reachOf,
  columnNames,
  restartRow: (row, values) => Math.max(0, row - reachOf(values)),
  compute(input, values) {
    const { conversion, base, span, displacement, source } = parametersOf(values);
    const bars = priceBars('ichimoku', input, source);
    const conversions = rangeMiddles(bars, conversion);
    const bases = rangeMiddles(bars, base);
    const middles = conversions.map((middle, row) => (middle + bases[row]!) / 2);
    const columns = [
      conversions,
      bases,
      shifted(middles, displacement),
      shifted(rangeMiddles(bars, span), displacement),
    ];
    return columnNames(values).map((name, at) => ({ name, values: columns[at]! }));
  },
};

function rangeMiddles({ high, low }: PriceBars, window: number): Float64Array {
  const middles = rollingHighest(high, window);
  const lowest = rollingLowest(low, window);
  for (let row = 0; row < middles.length; row++) middles[row] = (middles[row]! + lowest[row]!) / 2;
  return middles;
}

function shifted(values: Float64Array, displacement: number): Float64Array {
  const later = new Float64Array(values.length).fill(NaN, 0, displacement);
  if (displacement < values.length) later.set(values.subarray(0, values.length - displacement), displacement);
  return later;
}

function reachOf(values: ParameterValues): number {
  const { conversion, base, span, displacement } = parametersOf(values);
  return Math.max(conversion, base, span) - 1 + displacement;
}

function columnNames(values: ParameterValues): readonly string[] {
  const { conversion, base, span, displacement, source } = parametersOf(values);
  const suffix = `${conversion}_${base}_${span}_${displacement}${sourceSuffix(source)}`;
  return ['Conversion', 'Base', 'SpanA', 'SpanB'].map((line) => `ICHI_${line}_${suffix}`);
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'ichimoku');
}
