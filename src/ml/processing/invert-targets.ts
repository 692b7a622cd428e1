import { getTransform } from '../transforms/transforms.js';
import type { FittedProcessing } from './processing-plan.js';

/**
 * Forecasts from scaled into original units. `scaled` and the result: shape [horizon, targets] or
 * [origins, horizon, targets], row-major, the target running fastest.
 */
export function invertTargets({ targets }: Pick<FittedProcessing, 'targets'>, scaled: Float64Array): Float64Array {
  const width = targets.length;
  if (scaled.length % width !== 0) throw new Error(`${scaled.length} values are not whole rows of ${width} targets`);
  const original = new Float64Array(scaled.length);
  targets.forEach(({ transform, state }, target) => {
    const column = Float64Array.from({ length: scaled.length / width }, (_, row) => scaled[row * width + target]!);
    getTransform(transform)
      .inverse(column, state)
      .forEach((value, row) => (original[row * width + target] = value));
  });
  return original;
}
