import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import { exponentialAverage } from './exponential-average.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, sourceSuffix, type PriceBars } from './price-bars.js';
import { ratioOr } from './ratio.js';
import { trueRanges } from './true-range.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 14,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows that each average begins with, and the inverse of its smoothing.',
  },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/**
 * Average directional index (J. W. Wilder, New Concepts in Technical Trading Systems, 1978), with
 * up = high_t − high_{t−1}, down = low_{t−1} − low_t, +DM = up where up > down and up > 0, −DM = down where down > up and
 * down > 0, else 0: ±DI = 100 · W(±DM) / W(TR), DX = 100 · |+DI − −DI| / (+DI + −DI), ADX = W(DX). W is Wilder's
 * smoothing, begun with the mean of the first w values, as in Wilder's work sheets (TA-Lib's first average counts w − 1
 * of them; the two come together in the long run). ±DI are 0 where the true range is 0, and DX is 0 where both are. ±DI
 * are NaN in the first w rows, ADX in the first 2w − 1. All begin anew after a NaN in a bar.
 */
export const adx: FeatureStep = {
  name: 'adx',
  title: 'Average directional index',
  description: 'How strong a trend is, whichever its direction, and the upward and downward movement in it; 0…100.',
  codeVersion: 3,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => barColumns(parametersOf(values).source),
  warmUp: (values) => 2 * parametersOf(values).window - 1,
  columnNames,
  compute(input, values) {
    const { window, source } = parametersOf(values);
    const { ranges, up, down } = directionalMovement(priceBars('adx', input, source));
    for (const series of [ranges, up, down]) exponentialAverage(series, window, 1 / window, series);
    const strengths = ranges;
    for (let row = 0; row < ranges.length; row++) {
      const range = ranges[row]!;
      const plus = 100 * ratioOr(up[row]!, range, 0);
      const minus = 100 * ratioOr(down[row]!, range, 0);
      up[row] = plus;
      down[row] = minus;
      strengths[row] = 100 * ratioOr(Math.abs(plus - minus), plus + minus, 0);
    }
    exponentialAverage(strengths, window, 1 / window, strengths);
    const [adxName, plusName, minusName] = columnNames(values);
    return [
      { name: adxName, values: strengths },
      { name: plusName, values: up },
      { name: minusName, values: down },
    ];
  },
};

/** True range, +DM and −DM, NaN together, so that their averages begin anew together. */
function directionalMovement(bars: PriceBars): Record<'ranges' | 'up' | 'down', Float64Array> {
  const { high, low } = bars;
  const ranges = trueRanges(bars);
  const up = new Float64Array(ranges.length).fill(NaN, 0, 1);
  const down = new Float64Array(ranges.length).fill(NaN, 0, 1);
  for (let row = 1; row < ranges.length; row++) {
    const rise = high[row]! - high[row - 1]!;
    const fall = low[row - 1]! - low[row]!;
    if (Number.isNaN(rise + fall + ranges[row]!)) {
      ranges[row] = up[row] = down[row] = NaN;
      continue;
    }
    up[row] = rise > fall && rise > 0 ? rise : 0;
    down[row] = fall > rise && fall > 0 ? fall : 0;
  }
  return { ranges, up, down };
}

function columnNames(values: ParameterValues): readonly [string, string, string] {
  const { window, source } = parametersOf(values);
  const suffix = `${window}${sourceSuffix(source)}`;
  return [`ADX_${suffix}`, `DI_Plus_${suffix}`, `DI_Minus_${suffix}`];
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'adx');
}
