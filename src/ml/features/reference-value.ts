import type { FeatureInput } from './feature-step.js';

/** The other asset's series; a step of scope `pair` is never computed without one. */
export function getReferenceValue({ reference }: FeatureInput, step: string): Float64Array {
  if (reference === undefined) throw new Error(`feature step ${step} was given no reference asset`);
  return reference.value;
}
