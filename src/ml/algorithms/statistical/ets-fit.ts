import { minimiseSquares } from './bounded-least-squares.js';
import { initialState } from './ets-initial.js';
import { filterStates, type EtsKind, type EtsState, type Smoothing } from './ets-model.js';
import { EtsPass, packParameters, smoothingOf, stateOf } from './ets-pass.js';

/** Longest season whose initial phases are estimated with the rest, as in R; longer ones start from the data. */
export const ESTIMATED_SEASON_ROWS = 24;
/** Seasons that the starting values of the estimation are taken from. */
const STARTING_SEASONS = 4;

export interface EtsFit {
  readonly kind: EtsKind;
  readonly smoothing: Smoothing;
  /** Before the first row of the train part. */
  readonly initial: EtsState;
  readonly logLikelihood: number;
  readonly aicc: number;
  readonly spread: StateSpread;
  /** σ² of the errors as the likelihood has them: y − ŷ where they add, (y − ŷ) / ŷ where they multiply. */
  readonly variance: number;
}

/** What the states of the train part were like: what a window's unknown first state is drawn from. */
export interface StateSpread {
  /** σ² of the errors that the filter gives, relative ones for multiplicative seasons. */
  readonly error: number;
  readonly slopeMean: number;
  readonly slopeVariance: number;
  readonly seasonVariance: number;
}

/**
 * Maximum likelihood over smoothing parameters and initial state, from the two best of a few starting points. Bounds as in
 * R's `ets`: α, β / α and γ / (1 − α) within [0.0001, 0.9999], φ within [0.8, 0.98]. Null when no starting point is
 * allowed, as for a multiplicative model of values that are not positive.
 * AICc = −2 ln L + 2k + 2k(k + 1) / (n − k − 1), k counting the initial state and σ².
 */
export function fitEts(
  kind: EtsKind,
  seasonLength: number,
  values: Float64Array,
  isOver: () => boolean = () => false,
): EtsFit | null {
  const season = kind.season === 'N' ? 0 : seasonLength;
  const held = initialState(kind, season, season === 0 ? values : values.subarray(0, STARTING_SEASONS * season));
  const pass = new EtsPass(kind, values, held, season <= ESTIMATED_SEASON_ROWS);
  const { layout, count } = pass;
  const lower = new Float64Array(layout.size).fill(-Infinity);
  const upper = new Float64Array(layout.size).fill(Infinity);
  const bound = (at: number, low: number, high: number): void => {
    if (at < 0) return;
    lower[at] = low;
    upper[at] = high;
  };
  for (const at of [layout.alpha, layout.beta, layout.gamma]) bound(at, 1e-4, 0.9999);
  bound(layout.phi, 0.8, 0.98);
  if (kind.season === 'M' && layout.seasons >= 0) {
    for (let phase = 0; phase < season - 1; phase++) bound(layout.seasons + phase, 1e-3, season);
  }
  const problem = { lower, upper, isOver, at: (parameters: Float64Array) => pass.at(parameters) };
  const starts = startingPoints(kind)
    .map((smoothing) => packParameters(layout, smoothing, held))
    .map((parameters) => ({ parameters, squares: squaresOf(kind, pass, parameters, held, values) }))
    .filter(({ squares }) => Number.isFinite(squares))
    .sort((a, b) => a.squares - b.squares)
    .slice(0, 2);
  const fits = starts.map(({ parameters }) => minimiseSquares(problem, parameters));
  if (fits.length === 0) return null;
  const best = fits.reduce((a, b) => (b.squares < a.squares ? b : a));
  if (!Number.isFinite(best.squares)) return null;

  const smoothing = smoothingOf(kind, layout, best.parameters);
  const initial = stateOf(kind, layout, best.parameters, held);
  const concentrated = Math.max(best.squares, Number.MIN_VALUE) / count;
  const logLikelihood = (-count / 2) * (Math.log(2 * Math.PI * concentrated) + 1);
  // Phases that are held cost as much as if they had been estimated: they come from the same data.
  const k = layout.size + (layout.seasons < 0 && season > 0 ? season - 1 : 0) + 1;
  const left = count - k - 1;
  const aicc = left > 0 ? -2 * logLikelihood + 2 * k + (2 * k * (k + 1)) / left : Infinity;
  const variance = errorsOf(kind, smoothing, initial.slice(), values).squares / count;
  return {
    kind,
    smoothing,
    initial,
    logLikelihood,
    aicc,
    variance,
    spread: spreadOf(kind, smoothing, initial, values),
  };
}

function startingPoints({ trend, season }: EtsKind): Parameters<typeof packParameters>[1][] {
  const points: Parameters<typeof packParameters>[1][] = [];
  for (const alpha of [0.05, 0.3, 0.7, 0.95]) {
    for (const betaStar of trend === 'N' ? [0] : [0.02, 0.3]) {
      for (const gammaStar of season === 'N' ? [0] : [0.05, 0.4])
        points.push({ alpha, betaStar, gammaStar, phi: 0.95 });
    }
  }
  return points;
}

/** S without derivatives: what comparing starting points needs. */
function squaresOf(
  kind: EtsKind,
  { layout, count }: EtsPass,
  parameters: Float64Array,
  held: EtsState,
  values: Float64Array,
): number {
  const state = stateOf(kind, layout, parameters, held);
  const { squares, logs } = errorsOf(kind, smoothingOf(kind, layout, parameters), state, values);
  return squares * Math.exp((2 * logs) / count);
}

/** Sum of squared errors, and Σ log ŷ where they multiply; takes the state along. Infinite where some ŷ is not positive. */
function errorsOf(
  kind: EtsKind,
  smoothing: Smoothing,
  state: EtsState,
  values: Float64Array,
): { readonly squares: number; readonly logs: number } {
  const errors = new Float64Array(values.length);
  filterStates(kind, smoothing, state, values, errors);
  const relative = kind.error === 'M';
  let squares = 0;
  let logs = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value !== value) continue;
    const forecast = kind.season === 'M' ? value / (1 + errors[row]!) : value - errors[row]!;
    if (relative && !(forecast > 0)) return { squares: Infinity, logs: 0 };
    squares += (relative ? value / forecast - 1 : errors[row]!) ** 2;
    if (relative) logs += Math.log(forecast);
  }
  return { squares, logs };
}

function spreadOf(kind: EtsKind, smoothing: Smoothing, initial: EtsState, values: Float64Array): StateSpread {
  const state = initial.slice();
  const seasonLength = state.length - 2;
  const slopes: number[] = [];
  const errors = new Float64Array(values.length);
  let seasonSquares = 0;
  let seasons = 0;
  // Slopes and seasons are looked at every few rows, in whole seasons: they move slowly.
  const stride = seasonLength > 0 ? seasonLength * Math.ceil(10 / seasonLength) : 10;
  for (let from = 0; from < values.length; from += stride) {
    slopes.push(state[1]!);
    for (let at = 2; at < state.length; at++, seasons++) {
      seasonSquares += (state[at]! - (kind.season === 'M' ? 1 : 0)) ** 2;
    }
    const block = values.subarray(from, from + stride);
    filterStates(kind, smoothing, state, block, errors.subarray(from, from + block.length));
  }
  const slopeMean = slopes.reduce((sum, slope) => sum + slope, 0) / slopes.length;
  return {
    error: errors.reduce((sum, error) => sum + error * error, 0) / values.length,
    slopeMean,
    slopeVariance: slopes.reduce((sum, slope) => sum + (slope - slopeMean) ** 2, 0) / slopes.length,
    seasonVariance: seasons > 0 ? seasonSquares / seasons : 0,
  };
}
