import { planComplexTransform } from './complex-transform.js';

/** The harmonics 0 … ⌊n/2⌋ of n real numbers; the others are their conjugates. Overwritten by the next call. */
export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export type RealTransform = (values: Float64Array) => Spectrum;

/**
 * Plans X_j = Σ_m x_m e^{−2πi jm / n}, j = 0 … ⌊n/2⌋, of n real numbers. An even n is transformed as n/2 complex numbers
 * z_m = x_{2m} + i x_{2m+1} with Z their transform: X_j = E_j + e^{−2πi j/n} O_j, where E and O, the transforms of the even
 * and odd elements, are (Z_j + Z*_{n/2−j}) / 2 and (Z_j − Z*_{n/2−j}) / 2i (Press et al., Numerical Recipes, 12.3).
 */
export function planRealTransform(length: number): RealTransform {
  return length % 2 === 0 ? planEven(length) : planOdd(length);
}

function planEven(length: number): RealTransform {
  const half = length / 2;
  const transform = planComplexTransform(half);
  const cosines = Float64Array.from({ length: half + 1 }, (_, at) => Math.cos((2 * Math.PI * at) / length));
  const sines = Float64Array.from({ length: half + 1 }, (_, at) => -Math.sin((2 * Math.PI * at) / length));
  const packedRe = new Float64Array(half);
  const packedIm = new Float64Array(half);
  const re = new Float64Array(half + 1);
  const im = new Float64Array(half + 1);
  return (values) => {
    for (let at = 0; at < half; at++) {
      packedRe[at] = values[2 * at]!;
      packedIm[at] = values[2 * at + 1]!;
    }
    transform(packedRe, packedIm);
    for (let at = 0; at <= half; at++) {
      const [low, high] = [at % half, (half - at) % half];
      const evenRe = (packedRe[low]! + packedRe[high]!) / 2;
      const evenIm = (packedIm[low]! - packedIm[high]!) / 2;
      const oddRe = (packedIm[low]! + packedIm[high]!) / 2;
      const oddIm = (packedRe[high]! - packedRe[low]!) / 2;
      re[at] = evenRe + oddRe * cosines[at]! - oddIm * sines[at]!;
      im[at] = evenIm + oddRe * sines[at]! + oddIm * cosines[at]!;
    }
    return { re, im };
  };
}

function planOdd(length: number): RealTransform {
  const transform = planComplexTransform(length);
  const re = new Float64Array(length);
  const im = new Float64Array(length);
  const harmonics = (length + 1) / 2;
  const spectrum = { re: re.subarray(0, harmonics), im: im.subarray(0, harmonics) };
  return (values) => {
    re.set(values);
    im.fill(0);
    transform(re, im);
    return spectrum;
  };
}
