import type { Random } from '../../engine/random.js';

/**
 * Numbers between 0 and 1 for `paths` sampled futures of `steps` steps, [paths, steps]: in each step every stratum of width
 * 1 / paths has one, in an order of its own (Latin hypercube sampling), so that a hundred paths give quantiles like those
 * of several hundred independent ones. An even number of paths comes in mirrored pairs, u and 1 − u: what is symmetric
 * stays so.
 * Source: McKay, Beckman & Conover, Technometrics 21 (1979).
 */
export function stratifiedPaths(random: Random, paths: number, steps: number): Float64Array {
  const uniform = new Float64Array(paths * steps);
  const half = paths % 2 === 0 ? paths / 2 : paths;
  const order = new Int32Array(half);
  for (let step = 0; step < steps; step++) {
    for (let n = 0; n < half; n++) order[n] = n;
    random.shuffle(order);
    for (let path = 0; path < half; path++) {
      // Strata in the lower half for the first of each pair; which of the two comes first is drawn.
      const u = (order[path]! + random.uniform()) / paths;
      const inside = Math.min(1 - 1e-9, Math.max(1e-9, u));
      if (half === paths) uniform[path * steps + step] = inside;
      else {
        const upper = random.uniform() < 0.5 ? 0 : half;
        uniform[(path + upper) * steps + step] = inside;
        uniform[(path + half - upper) * steps + step] = 1 - inside;
      }
    }
  }
  return uniform;
}
