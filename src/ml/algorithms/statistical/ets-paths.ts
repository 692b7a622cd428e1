import { createRandom } from '../../engine/random.js';
import { normalQuantile } from '../../metrics/normal-quantile.js';
import { stratifiedPaths } from '../sampling/stratified-paths.js';
import type { EtsKind, EtsState, Smoothing } from './ets-model.js';

/** Futures that are simulated for each window. */
const PATHS = 1000;

/** Tells the values of each step that follow on a state after `rows` rows, all equally likely; may be put in order. */
export type EtsSampler = (state: EtsState, rows: number, take: (values: Float64Array, step: number) => void) => void;

/**
 * Simulates a model with multiplicative errors, y = ŷ·(1 + e), since no distribution of known form comes out of it: the
 * same errors for every window, drawn once from the seed that the model holds.
 */
export function openEtsPaths(
  kind: EtsKind,
  { alpha, beta, gamma, phi }: Smoothing,
  variance: number,
  seed: number,
  horizon: number,
): EtsSampler {
  const deviation = Math.sqrt(variance);
  const errors = stratifiedPaths(createRandom(seed), PATHS, horizon).map((u) => deviation * normalQuantile(u));
  // [horizon, paths]: a step's values lie together, as they are read together.
  const values = new Float64Array(horizon * PATHS);
  const multiplies = kind.season === 'M';
  return (state, rows, take) => {
    const seasonLength = state.length - 2;
    const used = Math.min(seasonLength, horizon);
    const seasons = new Float64Array(used);
    for (let path = 0; path < PATHS; path++) {
      let level = state[0]!;
      let slope = state[1]!;
      for (let h = 0; h < used; h++) seasons[h] = state[2 + ((rows + h) % seasonLength)]!;
      for (let h = 0; h < horizon; h++) {
        const carried = level + phi * slope;
        const phase = seasonLength > 0 ? h % seasonLength : 0;
        const season = seasonLength > 0 ? seasons[phase]! : 0;
        const expected = multiplies ? carried * season : carried + season;
        const error = errors[path * horizon + h]!;
        const moved = (multiplies ? carried : expected) * error;
        level = carried + alpha * moved;
        slope = phi * slope + beta * moved;
        if (seasonLength > 0) seasons[phase] = season + gamma * (multiplies ? season * error : moved);
        values[h * PATHS + path] = expected * (1 + error);
      }
    }
    for (let h = 0; h < horizon; h++) take(values.subarray(h * PATHS, (h + 1) * PATHS), h);
  };
}
