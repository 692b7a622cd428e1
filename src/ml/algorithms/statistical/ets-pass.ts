import type { SquaresAt } from './bounded-least-squares.js';
import type { EtsKind, EtsState, Smoothing } from './ets-model.js';

/** What stands where in a parameter vector; −1 for what a kind does not have. */
export interface EtsLayout {
  readonly size: number;
  readonly alpha: number;
  /** β* = β / α. */
  readonly beta: number;
  /** γ* = γ / (1 − α). */
  readonly gamma: number;
  readonly phi: number;
  readonly level: number;
  readonly slope: number;
  /** The first m − 1 phases of the season; the last follows from their mean, 0 or 1. −1: held. */
  readonly seasons: number;
}

export function etsLayout({ trend, season }: EtsKind, seasonLength: number, withSeasons: boolean): EtsLayout {
  let size = 0;
  const place = (present: boolean, width = 1): number => {
    if (!present) return -1;
    size += width;
    return size - width;
  };
  const alpha = place(true);
  const beta = place(trend !== 'N');
  const gamma = place(season !== 'N');
  const phi = place(trend === 'Ad');
  const level = place(true);
  const slope = place(trend !== 'N');
  const seasons = place(season !== 'N' && withSeasons, seasonLength - 1);
  return { size, alpha, beta, gamma, phi, level, slope, seasons };
}

export function smoothingOf(kind: EtsKind, layout: EtsLayout, parameters: Float64Array): Smoothing {
  const alpha = parameters[layout.alpha]!;
  return {
    alpha,
    beta: layout.beta < 0 ? 0 : alpha * parameters[layout.beta]!,
    gamma: layout.gamma < 0 ? 0 : (1 - alpha) * parameters[layout.gamma]!,
    phi: kind.trend === 'N' ? 0 : layout.phi < 0 ? 1 : parameters[layout.phi]!,
  };
}

/** The state before the first row; `held` has the seasons that are no parameters. */
export function stateOf(kind: EtsKind, layout: EtsLayout, parameters: Float64Array, held: EtsState): EtsState {
  const state = held.slice();
  const seasonLength = state.length - 2;
  state[0] = parameters[layout.level]!;
  state[1] = layout.slope < 0 ? 0 : parameters[layout.slope]!;
  if (layout.seasons >= 0) {
    let last = kind.season === 'M' ? seasonLength : 0;
    for (let phase = 0; phase < seasonLength - 1; phase++) {
      const season = parameters[layout.seasons + phase]!;
      state[2 + phase] = season;
      last -= season;
    }
    state[1 + seasonLength] = last;
  }
  return state;
}

const NOT_ALLOWED: SquaresAt = { squares: Infinity, gradient: new Float64Array(0), curvature: new Float64Array(0) };

/**
 * The likelihood of one kind of model over one series as a sum of squares: S = Σe² for additive errors, and for
 * multiplicative ones S = G²·Σε² with ε = e / ŷ and G the geometric mean of ŷ, so that in both cases the concentrated
 * Gaussian log-likelihood is −n/2 · (ln(2πS / n) + 1). Exact derivatives by taking those of the state along (forward
 * mode). Missing rows do not count. Infinite where a multiplicative model forecasts nothing positive.
 * Source: Hyndman et al. 2008, section 5.1.
 */
export class EtsPass {
  readonly layout: EtsLayout;
  /** Rows that count. */
  readonly count: number;
  private readonly seasonSlopes: Float64Array;

  constructor(
    private readonly kind: EtsKind,
    private readonly values: Float64Array,
    private readonly held: EtsState,
    withSeasons: boolean,
  ) {
    const seasonLength = held.length - 2;
    this.layout = etsLayout(kind, seasonLength, withSeasons);
    this.count = values.reduce((count, value) => (Number.isNaN(value) ? count : count + 1), 0);
    this.seasonSlopes = new Float64Array(seasonLength * this.layout.size);
  }

  at(parameters: Float64Array): SquaresAt {
    const { kind, values, layout, seasonSlopes } = this;
    const { size } = layout;
    const { alpha, beta, gamma, phi } = smoothingOf(kind, layout, parameters);
    const betaStar = layout.beta < 0 ? 0 : parameters[layout.beta]!;
    const gammaStar = layout.gamma < 0 ? 0 : parameters[layout.gamma]!;
    const state = stateOf(kind, layout, parameters, this.held);
    const seasonLength = state.length - 2;
    const multiplies = kind.season === 'M';
    const relative = kind.error === 'M';

    const dLevel = new Float64Array(size);
    const dSlope = new Float64Array(size);
    const dCarried = new Float64Array(size);
    const dResidual = new Float64Array(size);
    dLevel[layout.level] = 1;
    if (layout.slope >= 0) dSlope[layout.slope] = 1;
    this.startSeasonSlopes();

    const gradient = new Float64Array(size);
    const curvature = new Float64Array(size * size);
    // Of ln ŷ, summed: G's derivative.
    const logSlope = new Float64Array(size);
    let squares = 0;
    let logs = 0;
    let level = state[0]!;
    let slope = state[1]!;
    let phase = 0;
    for (let row = 0; row < values.length; row++) {
      const carried = level + phi * slope;
      for (let i = 0; i < size; i++) dCarried[i] = dLevel[i]! + phi * dSlope[i]!;
      if (layout.phi >= 0) dCarried[layout.phi] = dCarried[layout.phi]! + slope;
      const value = values[row]!;
      const at = phase * size;
      if (value !== value) {
        level = carried;
        dLevel.set(dCarried);
        if (layout.phi >= 0) dSlope[layout.phi] = dSlope[layout.phi]! + slope / phi;
        for (let i = 0; i < size; i++) dSlope[i] = phi * dSlope[i]!;
        slope *= phi;
        if (++phase >= seasonLength) phase = 0;
        continue;
      }
      const season = seasonLength > 0 ? state[2 + phase]! : multiplies ? 1 : 0;
      const forecast = multiplies ? carried * season : carried + season;
      if (relative && !(forecast > 0 && carried > 0)) return NOT_ALLOWED;
      // How residual, u of the level and u of the season move with q and with s.
      const u = multiplies ? value / season - carried : value - forecast;
      const v = multiplies ? value / carried - season : u;
      const uBySeason = multiplies ? -value / (season * season) : -1;
      const vByCarried = multiplies ? -value / (carried * carried) : -1;
      const byCarried = multiplies ? season : 1;
      const bySeason = multiplies ? carried : 1;
      const residual = relative ? value / forecast - 1 : u;
      const byForecast = relative ? -value / (forecast * forecast) : -1;
      squares += residual * residual;
      if (relative) logs += Math.log(forecast);

      for (let i = 0; i < size; i++) {
        const dq = dCarried[i]!;
        const ds = seasonLength > 0 ? seasonSlopes[at + i]! : 0;
        const dForecast = byCarried * dq + bySeason * ds;
        const dr = byForecast * dForecast;
        dResidual[i] = dr;
        if (relative) logSlope[i] = logSlope[i]! + dForecast / forecast;
        gradient[i] = gradient[i]! + dr * residual;
        const du = uBySeason * ds - dq;
        dLevel[i] = dq + alpha * du;
        dSlope[i] = phi * dSlope[i]! + beta * du;
        if (seasonLength > 0) seasonSlopes[at + i] = ds + gamma * (vByCarried * dq - ds);
      }
      for (let i = 0; i < size; i++) {
        const left = dResidual[i]!;
        for (let j = 0, to = i * size; j <= i; j++) curvature[to + j] = curvature[to + j]! + left * dResidual[j]!;
      }
      dLevel[layout.alpha] = dLevel[layout.alpha]! + u;
      if (layout.phi >= 0) dSlope[layout.phi] = dSlope[layout.phi]! + slope;
      if (layout.beta >= 0) {
        dSlope[layout.alpha] = dSlope[layout.alpha]! + betaStar * u;
        dSlope[layout.beta] = dSlope[layout.beta]! + alpha * u;
      }
      if (layout.gamma >= 0) {
        seasonSlopes[at + layout.alpha] = seasonSlopes[at + layout.alpha]! - gammaStar * v;
        seasonSlopes[at + layout.gamma] = seasonSlopes[at + layout.gamma]! + (1 - alpha) * v;
        state[2 + phase] = season + gamma * v;
      }
      level = carried + alpha * u;
      slope = phi * slope + beta * u;
      if (++phase >= seasonLength) phase = 0;
    }
    if (relative) scaleByMean(squares, logs, logSlope, this.count, gradient, curvature);
    const scale = relative ? Math.exp((2 * logs) / this.count) : 1;
    squares *= scale;
    return Number.isFinite(squares) ? { squares, gradient, curvature } : NOT_ALLOWED;
  }

  private startSeasonSlopes(): void {
    const { layout, seasonSlopes } = this;
    seasonSlopes.fill(0);
    if (layout.seasons < 0) return;
    const seasonLength = this.held.length - 2;
    for (let phase = 0; phase < seasonLength - 1; phase++) {
      seasonSlopes[phase * layout.size + layout.seasons + phase] = 1;
      seasonSlopes[(seasonLength - 1) * layout.size + layout.seasons + phase] = -1;
    }
  }
}

/** From Σε² to G²·Σε²: each residual becomes G·ε, its derivative G·(dε + ε·d ln G). In place. */
function scaleByMean(
  squares: number,
  logs: number,
  logSlope: Float64Array,
  count: number,
  gradient: Float64Array,
  curvature: Float64Array,
): void {
  const scale = Math.exp((2 * logs) / count);
  const size = gradient.length;
  const mean = logSlope.map((sum) => sum / count);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const at = i * size + j;
      const cross = gradient[i]! * mean[j]! + mean[i]! * gradient[j]! + squares * mean[i]! * mean[j]!;
      curvature[at] = scale * (curvature[at]! + cross);
    }
  }
  for (let i = 0; i < size; i++) gradient[i] = scale * (gradient[i]! + squares * mean[i]!);
}

/** Parameters at given values of smoothing and state. */
export function packParameters(
  layout: EtsLayout,
  smoothing: { readonly alpha: number; readonly betaStar: number; readonly gammaStar: number; readonly phi: number },
  state: EtsState,
): Float64Array {
  const parameters = new Float64Array(layout.size);
  const put = (at: number, value: number): void => {
    if (at >= 0) parameters[at] = value;
  };
  put(layout.alpha, smoothing.alpha);
  put(layout.beta, smoothing.betaStar);
  put(layout.gamma, smoothing.gammaStar);
  put(layout.phi, smoothing.phi);
  put(layout.level, state[0]!);
  put(layout.slope, state[1]!);
  if (layout.seasons >= 0) parameters.set(state.subarray(2, state.length - 1), layout.seasons);
  return parameters;
}
