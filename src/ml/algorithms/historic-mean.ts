import type { Algorithm } from './algorithm.js';
import { fitWindowRule, restoreWindowRule, type WindowRule } from './window-rule.js';

/**
 * ŷ[t + h] = mean of the look-back's rows, for every h. A window is complete, small gaps filled, so all its rows count.
 * Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice, 3rd ed., 5.2.
 */
export const historicMean: Algorithm = {
  name: 'historic-mean',
  title: 'Historic mean',
  description: 'Forecasts the mean of the window for every step: right for series that return to a level.',
  family: 'baseline',
  usesFeatures: false,
  usesWeights: false,
  hyperparameters: {},
  fit: (data, values, context) => fitWindowRule('historic-mean', repeatMean, data, values, context),
  restore: (state) => restoreWindowRule(state, repeatMean),
};

const repeatMean: WindowRule = (window, out) => {
  let sum = 0;
  for (let i = 0; i < window.length; i++) sum += window[i]!;
  out.fill(sum / window.length);
};
