import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';
import { requiredColumn } from './price-bars.js';

/**
 * On-balance volume (J. Granville, New Key to Stock Market Profits, 1963): OBV_t = OBV_{t−1} + volume_t where the close
 * rose, − volume_t where it fell, and unchanged where it stood. Begins with 0 (TA-Lib begins with the first volume and
 * is that much higher throughout) and begins anew after a NaN in the close or the volume. Its level depends on where the
 * series starts; what it says lies in its changes.
 */
export const obv: FeatureStep = {
  name: 'obv',
  title: 'On-balance volume',
  description: 'Sum of the volumes of rising rows less those of falling rows.',
  codeVersion: 1,
  scope: 'asset',
  parameters: {},
  requiredColumns: () => ['volume'],
  warmUp: () => 0,
  columnNames: () => ['OBV'],
  compute(input, values) {
    resolveParameters({}, values, 'obv');
    const volumes = requiredColumn('obv', input, 'volume');
    const balances = new Float64Array(volumes.length);
    let balance = NaN;
    let before = NaN;
    for (let row = 0; row < volumes.length; row++) {
      const close = input.value[row]!;
      const volume = volumes[row]!;
      if (Number.isNaN(close) || Number.isNaN(volume)) balance = NaN;
      else if (Number.isNaN(balance)) balance = 0;
      else if (close > before) balance += volume;
      else if (close < before) balance -= volume;
      balances[row] = balance;
      before = close;
    }
    return [{ name: 'OBV', values: balances }];
  },
};
