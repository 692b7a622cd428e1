import type { WindowRule } from '../window-rule.js';
import { classicalSeason } from './classical-season.js';

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
export function openThetaWindow({ alpha, seasonLength, multiplies }: ThetaModel, lookBack: number): WindowRule {
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
  };
}
