const ABOVE = [
  0.0352624965998911, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871, 221.213596169931,
  220.206867912376,
] as const;
const BELOW = [
  0.0883883476483184, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674, 637.333633378831,
  793.826512519948, 440.413735824752,
] as const;

const horner = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, c) => sum * x + c, 0);

/**
 * Φ(x), the distribution function of the standard normal distribution: absolute error about 1e-15, relative error in the left
 * tail below 1e-8. Ask for Φ(−x) rather than 1 − Φ(x). 0 and 1 for −∞ and ∞, NaN for NaN.
 * Source: Hart et al., Computer Approximations, 1968, algorithm 5666, as given by West, Better approximations to
 * cumulative normal functions, Wilmott 2005.
 */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size > 38) return x < 0 ? 0 : 1;
  const density = Math.exp((-size * size) / 2);
  const tail =
    size < 7.07106781186547
      ? (density * horner(ABOVE, size)) / horner(BELOW, size)
      : density / (2.506628274631 * (size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))))));
  return x > 0 ? 1 - tail : tail;
}
