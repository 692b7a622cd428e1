import type { FittedChain } from './transform-chain.js';
import { getTransform } from './transforms.js';
import type { FittedTransform } from './transform-chain.js';

/** original = scaled · range + offset. */
export interface AffineUnits {
  readonly offset: number;
  readonly range: number;
}

/**
 * A fitted chain as the straight line that it is, when it is made of scalers alone; null where it has a transform of
 * another kind (a logarithm, a difference).
 *
 * A scaler is known by its inverse: offset = inverse(0) and range = inverse(1) − offset, of which only the range is
 * rounded, to a part in 2^53 of the offset.
 */
export function affineUnits({ transform, state, further = [] }: FittedChain): AffineUnits | null {
  let units: AffineUnits = { offset: 0, range: 1 };
  for (const link of [...further].reverse().concat([{ transform, state }])) {
    const own = ofScaler(link);
    if (own === null) return null;
    // What is undone first is inside: own(units(z)).
    units = { offset: units.offset * own.range + own.offset, range: units.range * own.range };
  }
  return units;
}

function ofScaler({ transform: name, state }: FittedTransform): AffineUnits | null {
  const transform = getTransform(name);
  if (transform.kind !== 'element-wise' || transform.appliesTo !== 'any') return null;
  const [offset, one] = transform.inverse(Float64Array.of(0, 1), state) as unknown as [number, number];
  return { offset, range: one - offset };
}
