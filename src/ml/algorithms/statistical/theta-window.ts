import { normalQuantile } from '../../metrics/normal-quantile.js';
import type { WindowRule } from '../window-rule.js';
import { classicalSeason } from './classical-season.js';
import { thetaDeviations } from './forecast-deviations.js';
import { writeNormal, writeNormalChanges, type LocalRules } from './local-rules.js';

export interface ThetaModel {
  readonly alpha: number;
  /** 0 without a season. */
  readonly seasonLength: number;
  readonly multiplies: boolean;
}

/**
 * The Theta forecast of one window of L rows, the combination of the lines θ = 0 and θ = 2 in equal parts, which is simple
 * exponential smoothing with half the slope b of the straight line through the window as drift:
 *
 *   ŷ[t + h] = ℓ + (b / 2)·(h − 1 + 1/α − (1 − α)^L / α)
 *
 * ℓ is smoothed from the first row on. With a season the window is adjusted by its own classical decomposition first, and
 * the forecast seasonalised again; where values must be positive for that and one is not, the window's season adds.
 * Source: Assimakopoulos & Nikolopoulos, International Journal of Forecasting 16, 2000; this form Hyndman & Billah, ibid.
 * 19, 2003.
 */
export function openThetaWindow(model: ThetaModel, lookBack: number): WindowRule {
  const read = openTheta(model, lookBack);
  return (window, out) => void read(window, out);
}

/**
 * The same with its distribution: normal, the deviation of step h being σ·√(1 + (h − 1)·α²), as of simple exponential
 * smoothing, times the seasonal factor of the step where seasons multiply.
 */
export function openThetaRules(
  model: ThetaModel,
  variance: number | null,
  lookBack: number,
  horizon: number,
): LocalRules {
  const forecast = openThetaWindow(model, lookBack);
  if (variance === null) return { forecast, quantiles: null, changes: null };
  const point = new Float64Array(horizon);
  /** Writes the forecast into `point`, and gives the deviations of its steps. */
  const opened = (): ((window: Float64Array) => Float64Array) => {
    const read = openTheta(model, lookBack);
    const deviations = thetaDeviations(model.alpha, variance, horizon);
    return (window) => {
      const factors = read(window, point);
      return factors === null
        ? deviations
        : deviations.map((deviation, h) => deviation * factors[(lookBack + h) % factors.length]!);
    };
  };
  return {
    forecast,
    quantiles(levels) {
      const deviationsOf = opened();
      const z = levels.map(normalQuantile);
      return (window, out) => writeNormal(point, deviationsOf(window), z, out);
    },
    changes(limits) {
      const deviationsOf = opened();
      return (window, out) => writeNormalChanges(point, deviationsOf(window), window, limits, out);
    },
  };
}

/** Mean square of what one step of the method misses over a whole series, adjusted for its season; 0 of a single row. */
export function thetaVariance(alpha: number, adjusted: Float64Array): number {
  const line = { rows: 0, row: 0, value: 0, products: 0, squares: 0 };
  adjusted.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    line.rows++;
    const [toRow, toValue] = [row - line.row, value - line.value];
    line.row += toRow / line.rows;
    line.value += toValue / line.rows;
    line.products += toRow * (value - line.value);
    line.squares += toRow * (row - line.row);
  });
  const slope = line.squares > 0 ? line.products / line.squares : 0;
  const first = adjusted.findIndex((value) => !Number.isNaN(value));
  let level = adjusted[first] ?? 0;
  let kept = 1 - alpha;
  let squares = 0;
  for (let row = first + 1; row < adjusted.length; row++) {
    const lead = (1 - kept) / alpha;
    kept *= 1 - alpha;
    const value = adjusted[row]!;
    if (Number.isNaN(value)) continue;
    squares += (value - level - (slope / 2) * lead) ** 2;
    level += alpha * (value - level);
  }
  return line.rows > 1 ? squares / (line.rows - 1) : 0;
}

/** Writes the forecast, and gives the factors of the window's season by phase where they multiply. */
function openTheta(
  { alpha, seasonLength, multiplies }: ThetaModel,
  lookBack: number,
): (window: Float64Array, out: Float64Array) => Float64Array | null {
  const adjusted = new Float64Array(lookBack);
  const meanRow = (lookBack - 1) / 2;
  const rowSquares = (lookBack * (lookBack * lookBack - 1)) / 12;
  const lead = (1 - (1 - alpha) ** lookBack) / alpha;
  return (window, out) => {
    const ratio = multiplies && window.every((value) => value > 0);
    const season = seasonLength > 0 ? classicalSeason(window, seasonLength, ratio) : null;
    adjusted.set(window);
    if (season !== null) {
      for (let row = 0; row < lookBack; row++) {
        const part = season[row % seasonLength]!;
        adjusted[row] = ratio ? window[row]! / part : window[row]! - part;
      }
    }
    let level = adjusted[0]!;
    let products = 0;
    for (let row = 0; row < lookBack; row++) {
      level += alpha * (adjusted[row]! - level);
      products += (row - meanRow) * adjusted[row]!;
    }
    const slope = rowSquares > 0 ? products / rowSquares : 0;
    for (let h = 0; h < out.length; h++) {
      const value = level + (slope / 2) * (h + lead);
      if (season === null) out[h] = value;
      else {
        const part = season[(lookBack + h) % seasonLength]!;
        out[h] = ratio ? value * part : value + part;
      }
    }
    return ratio ? season : null;
  };
}
