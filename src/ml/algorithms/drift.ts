import { TrainyardError } from '../../common/errors/index.js';
import type { Algorithm } from './algorithm.js';
import { fitWindowRule, restoreWindowRule, type WindowRule } from './window-rule.js';

/**
 * ŷ[t + h] = y[t] + h·(y[t] − y[t − L + 1]) / (L − 1) over a look-back of L rows: the last value goes on with the mean
 * change of the window. L = 1 has no change: `PARAMETER_INVALID`.
 * Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2.
 */
export const drift: Algorithm = {
  name: 'drift',
  title: 'Drift',
  description: 'Carries the last value on by the mean change over the window. Nothing is learned.',
  family: 'baseline',
  usesFeatures: false,
  usesWeights: false,
  hyperparameters: {},
  async fit(data, values, context) {
    if (data.lookBack < 2) {
      throw new TrainyardError(
        'PARAMETER_INVALID',
        `drift needs the change over a window, but the look-back is ${data.lookBack} row; set windows.lookBack to 2 or more.`,
        { path: 'windows.lookBack', value: data.lookBack, minimum: 2 },
      );
    }
    return fitWindowRule('drift', carryOn, data, values, context);
  },
  restore: (state) => restoreWindowRule(state, carryOn),
};

const carryOn: WindowRule = (window, out) => {
  const last = window[window.length - 1]!;
  const change = (last - window[0]!) / (window.length - 1);
  for (let h = 0; h < out.length; h++) out[h] = last + (h + 1) * change;
};
