import type { ParameterSpace, ParameterValues } from '../parameters.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { BAR_SOURCE, barColumns, priceBars, requiredColumn, sourceSuffix, typicalPrices } from './price-bars.js';
import { ratioOr } from './ratio.js';
import { restartOnBlocks } from './restart-rows.js';
import { rollingMeans } from './rolling-moments.js';

const parameters = {
  window: {
    kind: 'integer',
    default: 14,
    minimum: 1,
    maximum: 10_000,
    unit: 'rows',
    description: 'Rows whose money flows are added up.',
  },
  source: BAR_SOURCE,
} as const satisfies ParameterSpace;

/**
 * Money flow index (G. Quong and A. Soudack, Stocks & Commodities, 1989): MFI = 100 · P / (P + N), with the flow
 * typical price · volume of a row added to P where the typical price rose, to N where it fell and to neither where it
 * stood, over w rows. 0…100 for prices above 0; 50 where nothing flowed either way (no change or no volume). NaN in the
 * first w rows and while a NaN is in the window or in the row before it.
 */
export const mfi: FeatureStep = {
  name: 'mfi',
  title: 'Money flow index',
  description: 'Share of the money of rising rows in that of all moving rows of late; 0…100.',
  codeVersion: 2,
  scope: 'asset',
  parameters,
  requiredColumns: (values) => [...barColumns(parametersOf(values).source), 'volume'],
  warmUp: (values) => parametersOf(values).window,
  columnNames: (values) => [nameOf(values)],
  restartRow(row, values) {
    const { window } = parametersOf(values);
    return restartOnBlocks(row, window, window);
  },
  compute(input, values) {
    const { window, source } = parametersOf(values);
    const prices = typicalPrices(priceBars('mfi', input, source));
    const volumes = requiredColumn('mfi', input, 'volume');
    const rising = new Float64Array(prices.length).fill(NaN, 0, 1);
    const falling = new Float64Array(prices.length).fill(NaN, 0, 1);
    for (let row = 1; row < prices.length; row++) {
      const change = prices[row]! - prices[row - 1]!;
      const flow = Number.isNaN(change) ? NaN : prices[row]! * volumes[row]!;
      rising[row] = change > 0 || Number.isNaN(flow) ? flow : 0;
      falling[row] = change < 0 || Number.isNaN(flow) ? flow : 0;
    }
    const indices = rollingMeans(rising, window);
    const outflows = rollingMeans(falling, window);
    for (let row = 0; row < indices.length; row++) {
      indices[row] = 100 * ratioOr(indices[row]!, indices[row]! + outflows[row]!, 0.5);
    }
    return [{ name: nameOf(values), values: indices }];
  },
};

function nameOf(values: ParameterValues): string {
  const { window, source } = parametersOf(values);
  return `MFI_${window}${sourceSuffix(source)}`;
}

function parametersOf(values: ParameterValues) {
  return resolveParameters(parameters, values, 'mfi');
}
