/**
 * One member of the exponential smoothing family in state-space form, written error–trend–season with N none, A additive,
 * M multiplicative, Ad additive and damped: `AAdM` has additive errors, a damped trend and a multiplicative season.
 *
 * With q = l + φ·b the level that goes on (φ = 1 undamped, b = 0 without trend):
 *
 *   season N or A   ŷ = q + s                u = y − ŷ        l' = q + α·u   b' = φ·b + β·u   s' = s + γ·u
 *   season M        ŷ = q · s                u = y / s − q    l' = q + α·u   b' = φ·b + β·u   s' = s + γ·(y / q − s)
 *
 * which holds for both kinds of error: they differ in the likelihood only. α in [0, 1], β = α·β*, γ = (1 − α)·γ*.
 * Multiplicative seasons are combined with multiplicative errors only, and there is no multiplicative trend: the others
 * are numerically unstable, and R's `ets` leaves them out, too.
 * Source: Hyndman, Koehler, Ord & Snyder, Forecasting with Exponential Smoothing, 2008, tables 2.2 and 2.3.
 */
export interface EtsKind {
  readonly error: 'A' | 'M';
  readonly trend: 'N' | 'A' | 'Ad';
  readonly season: 'N' | 'A' | 'M';
}

export interface Smoothing {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  /** 1 for an undamped trend, 0 for none. */
  readonly phi: number;
}

const TRENDS = ['N', 'A', 'Ad'] as const;

/** Simplest first. */
export const ETS_KINDS: readonly EtsKind[] = (['A', 'M'] as const).flatMap((error) =>
  (['N', 'A', 'M'] as const).flatMap((season) =>
    TRENDS.filter(() => error === 'M' || season !== 'M').map((trend) => ({ error, trend, season })),
  ),
);

export function etsName({ error, trend, season }: EtsKind): string {
  return `${error}${trend}${season}`;
}

/** Level, trend, then one season from the phase of the first row on: [l, b, s_0 … s_{m−1}]. */
export type EtsState = Float64Array;

export function neutralState(kind: EtsKind, seasonLength: number): EtsState {
  return new Float64Array(2 + seasonLength).fill(kind.season === 'M' ? 1 : 0, 2);
}

/**
 * Takes the state along `values`, in place; what it missed by goes into `errors` where given: y − ŷ, or relative to ŷ for
 * multiplicative seasons. A missing value is taken to be what was forecast.
 */
export function filterStates(
  kind: EtsKind,
  { alpha, beta, gamma, phi }: Smoothing,
  state: EtsState,
  values: Float64Array,
  errors: Float64Array | null,
): void {
  const seasonLength = state.length - 2;
  const multiplies = kind.season === 'M';
  let level = state[0]!;
  let slope = state[1]!;
  let phase = 2;
  for (let row = 0; row < values.length; row++) {
    const carried = level + phi * slope;
    const value = values[row]!;
    const missing = value !== value;
    if (multiplies) {
      const season = state[phase]!;
      const u = missing ? 0 : value / season - carried;
      level = carried + alpha * u;
      slope = phi * slope + beta * u;
      if (!missing) state[phase] = season + gamma * (value / carried - season);
      if (errors) errors[row] = u / carried;
    } else {
      const season = seasonLength > 0 ? state[phase]! : 0;
      const u = missing ? 0 : value - carried - season;
      level = carried + alpha * u;
      slope = phi * slope + beta * u;
      if (seasonLength > 0) state[phase] = season + gamma * u;
      if (errors) errors[row] = u;
    }
    if (++phase >= state.length) phase = 2;
  }
  state[0] = level;
  state[1] = slope;
}

/** Forecasts after `rows` rows were filtered: (l + (φ + … + φ^h)·b) with its season. */
export function forecastStates(
  kind: EtsKind,
  { phi }: Smoothing,
  state: EtsState,
  rows: number,
  out: Float64Array,
): void {
  const seasonLength = state.length - 2;
  let damped = 0;
  let weight = phi;
  for (let h = 0; h < out.length; h++) {
    damped += weight;
    weight *= phi;
    const carried = state[0]! + damped * state[1]!;
    const season = seasonLength > 0 ? state[2 + ((rows + h) % seasonLength)]! : 0;
    out[h] = kind.season === 'M' ? carried * season : carried + season;
  }
}
