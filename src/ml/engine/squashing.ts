const LIMIT = 7.90531110763549805;

/**
 * tanh as a ratio of polynomials, x·P(x²)/Q(x²), clamped where float32 has reached ±1: within 3e-7 of the exact value.
 * Four basic operations only, so every machine computes the same bits, which `Math.tanh` does not promise, and several
 * times faster. Source: the coefficients of Eigen's and TensorFlow's float tanh.
 */
export function tanh(value: number): number {
  const x = value > LIMIT ? LIMIT : value < -LIMIT ? -LIMIT : value;
  const s = x * x;
  const numerator =
    ((((((-2.76076847742355e-16 * s + 2.00018790482477e-13) * s - 8.60467152213735e-11) * s + 5.12229709037114e-8) * s +
      1.48572235717979e-5) *
      s +
      6.37261928875436e-4) *
      s +
      4.89352455891786e-3) *
    x;
  const denominator =
    ((1.19825839466702e-6 * s + 1.18534705686654e-4) * s + 2.268434632439e-3) * s + 4.89352518554385e-3;
  return numerator / denominator;
}

/** 1 / (1 + e⁻ˣ) = (1 + tanh(x/2)) / 2. */
export function sigmoid(value: number): number {
  return 0.5 + 0.5 * tanh(0.5 * value);
}
