import type { Random } from '../../engine/random.js';
import { normalQuantile } from '../../metrics/normal-quantile.js';

/** A step's numbers are made orthogonal to those of this share of the paths' count of steps before it, at most. */
const ORTHOGONAL_SHARE = 0.25;

/**
 * Scores that say which of `paths` sampled futures of `steps` steps get large numbers and which small ones, [steps, paths]:
 * half of them, each standing for a mirrored pair of scores s and −s, so `⌈paths / 2⌉` for each step. In each step the
 * normal scores of all strata in a random order, made orthogonal to the steps before, because random orders of a hundred
 * paths correlate by a tenth, which a sum over steps would carry into every forecast.
 * Source: Iman & Conover, A Distribution-Free Approach to Inducing Rank Correlation, Communications in Statistics 11 (1982).
 */
export function pathScores(random: Random, paths: number, steps: number): Float64Array[] {
  const half = Math.ceil(paths / 2);
  const window = Math.max(1, Math.floor(half * ORTHOGONAL_SHARE));
  const order = new Int32Array(half);
  const scores: Float64Array[] = [];
  for (let step = 0; step < steps; step++) {
    for (let n = 0; n < half; n++) order[n] = n;
    random.shuffle(order);
    const score = Float64Array.from(order, (rank) => {
      const magnitude = normalQuantile(0.5 + (rank + 0.5) / (2 * half));
      return random.uniform() < 0.5 ? -magnitude : magnitude;
    });
    for (const before of scores.slice(-window)) {
      let product = 0;
      let square = 0;
      for (let n = 0; n < half; n++) {
        product += score[n]! * before[n]!;
        square += before[n]! * before[n]!;
      }
      for (let n = 0; n < half; n++) score[n] = score[n]! - (product / square) * before[n]!;
    }
    scores.push(score);
  }
  return scores;
}

/** The places of the values by magnitude, smallest first: of equal ones the first. */
export function magnitudeOrder(scores: Float64Array): Int32Array {
  return Int32Array.from(scores.keys()).sort((a, b) => Math.abs(scores[a]!) - Math.abs(scores[b]!) || a - b);
}

/**
 * Numbers between 0 and 1 for `paths` sampled futures of `steps` steps, [paths, steps]: in each step every stratum of width
 * 1 / paths has one (Latin hypercube sampling), in nearly uncorrelated orders, see `pathScores`. Paths p and p + ⌈paths / 2⌉
 * are mirrored, u and 1 − u: what is symmetric stays so.
 * Source: McKay, Beckman & Conover, Technometrics 21 (1979).
 */
export function stratifiedPaths(random: Random, paths: number, steps: number): Float64Array {
  const uniform = new Float64Array(paths * steps);
  const half = Math.ceil(paths / 2);
  pathScores(random, paths, steps).forEach((scores, step) => {
    magnitudeOrder(scores).forEach((path, rank) => {
      const away = Math.min(0.5 - 1e-9, (rank + random.uniform()) / (2 * half));
      const u = scores[path]! < 0 ? 0.5 - away : 0.5 + away;
      uniform[path * steps + step] = u;
      if (path + half < paths) uniform[(path + half) * steps + step] = 1 - u;
    });
  });
  return uniform;
}
