import { directionOf, DIRECTIONS } from '../../windows/direction-labels.js';
import { normalCdf } from '../../metrics/normal-cdf.js';

const CLASSES = DIRECTIONS.length;

/** Writes the probabilities of down, flat and up of a change that is `mean` with a normal error of this `deviation`. */
export function writeNormalShares(
  mean: number,
  deviation: number,
  limit: number,
  into: Float64Array,
  at: number,
): void {
  if (deviation === 0) {
    into.fill(0, at, at + CLASSES);
    into[at + directionOf(mean, limit)] = 1;
    return;
  }
  const down = normalCdf((-limit - mean) / deviation);
  const up = normalCdf((mean - limit) / deviation);
  into[at] = down;
  into[at + 1] = Math.max(0, 1 - down - up);
  into[at + 2] = up;
}

/**
 * Writes the shares of down, flat and up among `outcomes` that are equally likely, as changes from `last`:
 * (count + 1) / (all + 3), the rule of succession, since a direction that no outcome of a hundred has is improbable and
 * not impossible. NaN where an outcome is none.
 */
export function writeSampledShares(
  outcomes: Float64Array,
  last: number,
  limit: number,
  into: Float64Array,
  at: number,
): void {
  const counts = [0, 0, 0];
  for (const outcome of outcomes) {
    const direction = directionOf(outcome - last, limit);
    if (direction < CLASSES) counts[direction]! += 1;
    else return void into.fill(NaN, at, at + CLASSES);
  }
  counts.forEach((count, one) => (into[at + one] = (count + 1) / (outcomes.length + CLASSES)));
}
