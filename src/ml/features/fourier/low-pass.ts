import { planRealTransform } from './real-transform.js';

/** What a window looks like through its strongest harmonics, at its last row. */
export interface LowPass {
  /** The reconstruction from the k strongest harmonics at the window's last row, one for each k. */
  readonly values: Float64Array;
  /** Share of the window's variance (after detrending) in the k strongest, 0…1, one for each k. */
  readonly shares: Float64Array;
  /** Rows of one cycle of the strongest harmonic. */
  readonly period: number;
}

/** Overwritten by the next call. */
export type LowPassFilter = (window: Float64Array) => LowPass;

/**
 * Plans the reconstruction of windows of w rows from their trend (a line, or the mean alone) and the k strongest of the
 * harmonics 1 … ⌊w/2⌋ of what is left. Strength is energy, c_j |X_j|² with c = 2, and 1 for the Nyquist harmonic of an even
 * w; of equal ones the slower counts first. At the last row the reconstruction is
 *   trend_{w−1} + Σ_{j strongest} c_j / w · Re(X_j e^{−2πi j / w}),
 * since e^{2πi j (w−1) / w} = e^{−2πi j / w}. By Parseval Σ c_j |X_j|² / w² is the variance, so shares are shares of it.
 * Values are measured from the window's last one: an offset costs no digits, and a constant window has no energy at all.
 * A window that its trend explains down to rounding has no cycles: it is rebuilt from the trend, every share is 1 and the
 * period w, the longest there is.
 *
 * `counts` are at most ⌊w/2⌋.
 */
export function planLowPass(window: number, counts: readonly number[], line: boolean): LowPassFilter {
  const transform = planRealTransform(window);
  const harmonics = Math.floor(window / 2);
  const middle = (window - 1) / 2;
  const spread = (window * (window * window - 1)) / 12;
  const rest = new Float64Array(window);
  const energies = new Float64Array(harmonics);
  const parts = new Float64Array(harmonics);
  const sorted = new Float64Array(harmonics);
  const values = new Float64Array(counts.length);
  const shares = new Float64Array(counts.length);
  const weights = Float64Array.from({ length: harmonics }, (_, at) => (2 * (at + 1) === window ? 1 : 2));
  const cosines = weights.map((_, at) => Math.cos((2 * Math.PI * (at + 1)) / window));
  const sines = weights.map((_, at) => Math.sin((2 * Math.PI * (at + 1)) / window));

  return (rows) => {
    const anchor = rows[window - 1]!;
    let mean = 0;
    let slope = 0;
    let size = 0;
    for (let at = 0; at < window; at++) {
      const value = rows[at]! - anchor;
      mean += value;
      if (line) slope += (at - middle) * value;
      size = Math.max(size, Math.abs(value));
    }
    mean /= window;
    slope /= spread;
    let squares = 0;
    for (let at = 0; at < window; at++) {
      const left = rows[at]! - anchor - mean - slope * (at - middle);
      rest[at] = left;
      squares += left * left;
    }
    const trend = anchor + mean + slope * middle;
    if (squares <= window * (ROUNDING * (size + Math.abs(anchor))) ** 2) {
      return { values: values.fill(trend), shares: shares.fill(1), period: window };
    }
    const { re, im } = transform(rest);
    let total = 0;
    for (let at = 0; at < harmonics; at++) {
      const [real, imaginary] = [re[at + 1]!, im[at + 1]!];
      const energy = weights[at]! * (real * real + imaginary * imaginary);
      energies[at] = energy;
      total += energy;
      parts[at] = (weights[at]! * (real * cosines[at]! + imaginary * sines[at]!)) / window;
    }
    sorted.set(energies);
    sorted.sort();
    counts.forEach((count, at) => {
      const { value, energy } = strongest(count, sorted[harmonics - count]!);
      values[at] = trend + value;
      shares[at] = Math.min(1, energy / total);
    });
    return { values, shares, period: window / (energies.indexOf(sorted[harmonics - 1]!) + 1) };
  };

  /** Sums of the `count` strongest harmonics, the weakest of which has the energy `threshold`. */
  function strongest(count: number, threshold: number): { value: number; energy: number } {
    let equal = count;
    for (let at = 0; at < harmonics; at++) if (energies[at]! > threshold) equal--;
    let value = 0;
    let energy = 0;
    for (let at = 0; at < harmonics; at++) {
      if (energies[at]! < threshold || (energies[at] === threshold && equal-- <= 0)) continue;
      value += parts[at]!;
      energy += energies[at]!;
    }
    return { value, energy };
  }
}

/** What is left of a window whose line was taken away, relative to its values, where it is nothing but their rounding. */
const ROUNDING = 16 * Number.EPSILON;
