import type { Forecaster, ModelState } from '../algorithm.js';

/** The `forecast` of a model of the task direction: it has none, and who asks for one has forgotten the task. */
export function noValues({ algorithm }: ModelState): Forecaster['forecast'] {
  return () => Promise.reject(new Error(`this ${algorithm} gives probabilities of directions, not values`));
}
