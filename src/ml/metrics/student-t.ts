/**
 * P(T ≤ t) of Student's t distribution: 1 − I(ν / (ν + t²); ν/2, 1/2) / 2 for t ≥ 0, mirrored below, with I the
 * regularised incomplete beta function. Absolute error below 1e-10 for ν from 1 to 1e6. Source: Abramowitz, Stegun,
 * "Handbook of Mathematical Functions", 1964, 26.7.1.
 */
export function studentTCdf(t: number, degrees: number): number {
  const tail = regularisedBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

const TINY = 1e-300;
const PRECISION = 1e-15;
const MAXIMUM_TERMS = 10_000;

/**
 * I(x; a, b) for 0 ≤ x ≤ 1, a, b > 0, by its continued fraction, evaluated with Lentz' method on the side where it
 * converges fast. Source: Press et al., "Numerical Recipes", 3rd ed. 2007, section 6.4; the fraction is DLMF 8.17.22.
 */
export function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  if (x > (a + 1) / (a + b + 2)) return 1 - (front * betaFraction(1 - x, b, a)) / b;
  return (front * betaFraction(x, a, b)) / a;
}

function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MAXIMUM_TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let change = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      change = d * c;
      fraction *= change;
    }
    if (Math.abs(change - 1) < PRECISION) return fraction;
  }
  throw new Error(`the incomplete beta function of ${x}, ${a}, ${b} did not converge`);
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(z) for z > 0, relative error about 1e-14. Source: Lanczos (1964), with Godfrey's coefficients for g = 7, n = 9. */
export function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const x = z - 1;
  const series = LANCZOS.reduce((sum, coefficient, at) => sum + (at === 0 ? coefficient : coefficient / (x + at)), 0);
  const base = x + 7.5;
  return Math.log(2 * Math.PI) / 2 + (x + 0.5) * Math.log(base) - base + Math.log(series);
}
