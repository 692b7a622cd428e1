import { createRandom } from '../../engine/random.js';
import type { AutoregressivePlan } from '../../engine/onnx/sampling-graph.js';
import { normalQuantile } from '../../metrics/normal-quantile.js';
import { magnitudeOrder, pathScores, stratifiedPaths } from '../sampling/stratified-paths.js';

/** Stream of random numbers; see `createRandom`. Those of the training are 1, 2 and 3. */
const PATH_STREAM = 4;

/** Degrees of freedom for which paths are put in order. */
const TYPICAL_FREEDOM = 5;

const GOLDEN_RATIO = (1 + Math.sqrt(5)) / 2;

/**
 * The random numbers of all paths, [horizon, paths] as the sampling graph takes them: the same for every origin, and in
 * each step spread evenly, so that few paths tell much. Paths come in mirrored pairs.
 */
export function pathNoise(
  distribution: AutoregressivePlan['distribution'],
  paths: number,
  horizon: number,
  seed: number,
): Float32Array[] {
  const random = createRandom(seed, PATH_STREAM);
  if (distribution === 'gaussian') {
    const uniform = stratifiedPaths(random, paths, horizon);
    return [
      Float32Array.from({ length: horizon * paths }, (_, at) =>
        normalQuantile(uniform[(at % paths) * horizon + Math.floor(at / paths)]!),
      ),
    ];
  }
  // Two numbers for each value: points of a lattice over the unit square, shifted at random in each step, and given to the
  // paths by how far from 0 they lead.
  const half = Math.ceil(paths / 2);
  const logs = new Float32Array(horizon * paths);
  const cosines = new Float32Array(horizon * paths);
  pathScores(random, paths, horizon).forEach((scores, step) => {
    const shift = random.uniform();
    const points = Array.from({ length: half }, (_, n) => ({
      log: -2 * Math.log((n + 1 - random.uniform()) / half),
      cosine: Math.abs(Math.cos(2 * Math.PI * (n * GOLDEN_RATIO + shift))),
    }));
    const values = points.map(({ log, cosine }) => Math.sqrt(Math.expm1(log / TYPICAL_FREEDOM)) * cosine);
    const byValue = magnitudeOrder(Float64Array.from(values));
    magnitudeOrder(scores).forEach((path, rank) => {
      const { log, cosine } = points[byValue[rank]!]!;
      const at = step * paths + path;
      logs[at] = log;
      cosines[at] = scores[path]! < 0 ? -cosine : cosine;
      if (path + half >= paths) return;
      logs[at + half] = log;
      cosines[at + half] = -cosines[at];
    });
  });
  return [logs, cosines];
}
