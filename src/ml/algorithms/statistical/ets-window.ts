import { normalQuantile } from '../../metrics/normal-quantile.js';
import { cholesky, solveCholesky } from '../linear/cholesky.js';
import { writeSampledShares } from '../direction/change-shares.js';
import { sampleQuantiles } from '../sampling/sample-quantiles.js';
import type { WindowRule } from '../window-rule.js';
import type { StateSpread } from './ets-fit.js';
import { ESTIMATED_SEASON_ROWS } from './ets-fit.js';
import { initialState } from './ets-initial.js';
import {
  filterStates,
  forecastStates,
  neutralState,
  type EtsKind,
  type EtsState,
  type Smoothing,
} from './ets-model.js';
import { EtsPass, packParameters, stateOf } from './ets-pass.js';
import { openEtsPaths } from './ets-paths.js';
import { etsDeviations, repeatDeviations } from './forecast-deviations.js';
import { normalRules, writeNormal, writeNormalChanges, type LocalRules } from './local-rules.js';
import { repeatSeason } from './repeat-season.js';

export interface EtsModel {
  readonly kind: EtsKind;
  readonly smoothing: Smoothing;
  readonly spread: StateSpread;
  /** 0 without a season. */
  readonly seasonLength: number;
  /** σ² of the errors as the likelihood has them, relative ones where they multiply; null in models without quantiles. */
  readonly variance: number | null;
  /** Of what simulated futures are drawn from. */
  readonly seed: number;
}

/**
 * Forecasts from one window alone. The state before its first row is unknown; it is the one that minimises
 *
 *   Σ e_t² / σ² + (b − b̄)² / var b + Σ (s_i − s̄)² / var s
 *
 * over the window, with smoothing parameters and the moments of b and s from the train part (s̄ is 0, or 1 where seasons
 * multiply): the errors' own likelihood, and states as the train part had them. A trend that hardly moved there stays
 * what it was, one that moved is read from the window. Then the filter goes through the window from that state.
 *
 * Where seasons do not multiply, errors are linear in the state: its estimate is a fixed matrix times the errors from a
 * state of zeros, made once. Where they do, it is one Gauss–Newton step (phases only up to 24 rows a season) from
 * `initialState` of the window, taken if it lowers the sum; such a model cannot forecast from a window with a value that
 * is not positive, of which its train part had none, and repeats that window's last season.
 */
export function openEtsWindow(model: EtsModel, lookBack: number): WindowRule {
  const { kind, smoothing, seasonLength } = model;
  const stateAfter = openEtsStates(model, lookBack);
  return (window, out) => {
    const state = stateAfter(window);
    if (state !== null) {
      forecastStates(kind, smoothing, state, lookBack, out);
      if (out.every(Number.isFinite)) return;
    }
    repeatSeason(window, seasonLength || 1, out);
  };
}

/** The state after the last row of a window, valid until the next call; null where the model cannot be in one. */
type StateAfter = (window: Float64Array) => EtsState | null;

function openEtsStates(model: EtsModel, lookBack: number): StateAfter {
  return model.kind.season === 'M' ? multiplicative(model, lookBack) : additive(model, lookBack);
}

/**
 * The forecast of `openEtsWindow` with its distribution: normal with known deviations where errors add, simulated where
 * they multiply. A window that is only repeated has the deviations of a random walk of seasons, the errors' own for each.
 */
export function openEtsRules(model: EtsModel, lookBack: number, horizon: number): LocalRules {
  const { kind, smoothing, seasonLength, variance, seed } = model;
  const forecast = openEtsWindow(model, lookBack);
  if (variance === null) return { forecast, quantiles: null, changes: null };
  if (kind.error === 'A') {
    return normalRules(forecast, etsDeviations(kind, smoothing, seasonLength, variance, horizon));
  }
  /** `read` of simulated values of each step, `normal` where the window has no state to go on from. */
  const simulated = (
    read: (values: Float64Array, step: number, window: Float64Array, out: Float64Array) => void,
    normal: (point: Float64Array, deviations: Float64Array, window: Float64Array, out: Float64Array) => void,
  ): WindowRule => {
    const stateAfter = openEtsStates(model, lookBack);
    const simulate = openEtsPaths(kind, smoothing, variance, seed, horizon);
    const point = new Float64Array(horizon);
    return (window, out) => {
      const state = stateAfter(window);
      if (state !== null) {
        simulate(state, lookBack, (values, step) => read(values, step, window, out));
        if (out.every(Number.isFinite)) return;
      }
      const size = Math.sqrt(window.reduce((sum, value) => sum + value * value, 0) / lookBack);
      repeatSeason(window, seasonLength || 1, point);
      normal(point, repeatDeviations(seasonLength || 1, Math.sqrt(variance) * size, horizon), window, out);
    };
  };
  return {
    forecast,
    quantiles(levels) {
      const z = levels.map(normalQuantile);
      return simulated(
        (values, step, _window, out) => sampleQuantiles(values.sort(), levels, out, step * levels.length),
        (point, deviations, _window, out) => writeNormal(point, deviations, z, out),
      );
    },
    changes: (limits) =>
      simulated(
        (values, step, window, out) => writeSampledShares(values, window[lookBack - 1]!, limits[step]!, out, step * 3),
        (point, deviations, window, out) => writeNormalChanges(point, deviations, window, limits, out),
      ),
  };
}

function additive({ kind, smoothing, spread, seasonLength }: EtsModel, lookBack: number): StateAfter {
  const positions = [0, ...(kind.trend === 'N' ? [] : [1]), ...Array.from({ length: seasonLength }, (_, i) => 2 + i)];
  const size = positions.length;
  const zeros = new Float64Array(lookBack);
  const errors = new Float64Array(lookBack);
  const state = neutralState(kind, seasonLength);
  // [lookBack, size]: how much less each error is for a unit of each state.
  const design = new Float64Array(lookBack * size);
  positions.forEach((position, j) => {
    state.fill(0);
    state[position] = 1;
    filterStates(kind, smoothing, state, zeros, errors);
    for (let row = 0; row < lookBack; row++) design[row * size + j] = -errors[row]!;
  });
  const normal = new Float64Array(size * size);
  for (let row = 0; row < lookBack; row++) {
    for (let i = 0; i < size; i++) {
      const left = design[row * size + i]!;
      if (left === 0) continue;
      for (let j = 0; j <= i; j++) normal[i * size + j] = normal[i * size + j]! + left * design[row * size + j]!;
    }
  }
  const pull = new Float64Array(size);
  positions.forEach((position, i) => {
    const own = normal[i * size + i]!;
    const weight = Math.max(priorWeight(spread, position, own), 1e-10 * own + Number.MIN_VALUE);
    normal[i * size + i] = own + weight;
    if (position === 1) pull[i] = weight * spread.slopeMean;
  });
  const factor = cholesky(normal, size);
  if (factor === null) throw new Error('the states of a window have a positive definite design');
  const gain = solveCholesky(factor, size, design, lookBack);
  const base = solveCholesky(factor, size, pull, 1);
  const start = new Float64Array(size);

  return (window) => {
    state.fill(0);
    filterStates(kind, smoothing, state, window, errors);
    start.set(base);
    for (let row = 0; row < lookBack; row++) {
      const error = errors[row]!;
      for (let i = 0; i < size; i++) start[i] = start[i]! + error * gain[row * size + i]!;
    }
    state.fill(0);
    for (let i = 0; i < size; i++) state[positions[i]!] = start[i]!;
    filterStates(kind, smoothing, state, window, null);
    return state;
  };
}

/** σ² / variance of a state; a state that never moved is held by a weight that nothing in the window overcomes. */
function priorWeight({ error, slopeVariance, seasonVariance }: StateSpread, position: number, own: number): number {
  if (position === 0) return 0;
  const variance = position === 1 ? slopeVariance : seasonVariance;
  return variance > 0 ? Math.min(error / variance, 1e6 * (1 + own)) : 1e6 * (1 + own);
}

function multiplicative({ kind, smoothing, spread, seasonLength }: EtsModel, lookBack: number): StateAfter {
  const values = new Float64Array(lookBack);
  // Errors count absolutely here: within a window the level does not change enough to matter.
  const absolute: EtsKind = { ...kind, error: 'A' };
  const held = neutralState(kind, seasonLength);
  const pass = new EtsPass(absolute, values, held, seasonLength <= ESTIMATED_SEASON_ROWS);
  const { layout } = pass;
  const { alpha, beta, gamma, phi } = smoothing;
  const stars = { alpha, betaStar: beta / alpha, gammaStar: gamma / (1 - alpha), phi };
  const states = Array.from({ length: layout.size }, (_, at) => at).filter((at) => at >= layout.level);

  const improved = (from: EtsState): EtsState => {
    held.set(from);
    const parameters = packParameters(layout, stars, from);
    const mean = from[0]! + (from[1]! * lookBack) / 2;
    const weights = states.map((at) => {
      if (at === layout.level) return 0;
      const variance = at === layout.slope ? spread.slopeVariance : spread.seasonVariance;
      const own = 1e6 * (1 + mean * mean);
      return variance > 0 ? Math.min((spread.error * mean * mean) / variance, own) : own;
    });
    const centre = (at: number): number => (at === layout.slope ? spread.slopeMean : 1);
    const penalty = (of: Float64Array): number =>
      states.reduce((sum, at, i) => (weights[i] === 0 ? sum : sum + weights[i]! * (of[at]! - centre(at)) ** 2), 0);
    const now = pass.at(parameters);
    const size = states.length;
    const matrix = new Float64Array(size * size);
    const right = new Float64Array(size);
    states.forEach((at, i) => {
      right[i] = -now.gradient[at]! - (weights[i] === 0 ? 0 : weights[i]! * (parameters[at]! - centre(at)));
      for (let j = 0; j <= i; j++) matrix[i * size + j] = now.curvature[at * layout.size + states[j]!]!;
      matrix[i * size + i] = matrix[i * size + i]! * (1 + 1e-9) + weights[i]!;
    });
    const factor = cholesky(matrix, size);
    if (factor === null) return from;
    const move = solveCholesky(factor, size, right, 1);
    const tried = parameters.slice();
    states.forEach((at, i) => (tried[at] = parameters[at]! + move[i]!));
    const better = pass.at(tried).squares + penalty(tried) < now.squares + penalty(parameters);
    return better ? stateOf(absolute, layout, tried, held) : from;
  };

  return (window) => {
    if (!window.every((value) => value > 0)) return null;
    values.set(window);
    const state = improved(initialState(kind, seasonLength, window));
    filterStates(kind, smoothing, state, window, null);
    return state;
  };
}
