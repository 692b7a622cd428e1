/**
 * A discrete Fourier transform of complex numbers of one length, in place: X_j = Σ_m x_m e^{−2πi jm / n}, unscaled.
 * `re` and `im` have n elements. Plans hold tables and work space: one thread, one plan.
 */
export type ComplexTransform = (re: Float64Array, im: Float64Array) => void;

/**
 * Plans a transform of any length n in O(n log n): radix 2 (Cooley & Tukey 1965) for powers of two, else Bluestein's
 * chirp transform (1970), which turns it into a convolution by transforms of a power of two ≥ 2n − 1. Angles are reduced
 * before their sine is taken, so that the error stays at some ε·log n whatever the length.
 */
export function planComplexTransform(length: number): ComplexTransform {
  return (length & (length - 1)) === 0 ? planRadixTwo(length) : planBluestein(length);
}

function planRadixTwo(length: number): ComplexTransform {
  const half = length >> 1;
  const cosines = Float64Array.from({ length: half }, (_, at) => Math.cos((2 * Math.PI * at) / length));
  const sines = Float64Array.from({ length: half }, (_, at) => -Math.sin((2 * Math.PI * at) / length));
  const reversed = new Uint32Array(length);
  for (let at = 1; at < length; at++) reversed[at] = (reversed[at >> 1]! >> 1) | (at & 1 ? half : 0);
  return (re, im) => {
    for (let at = 0; at < length; at++) {
      const other = reversed[at]!;
      if (other <= at) continue;
      const [reAt, imAt] = [re[at]!, im[at]!];
      re[at] = re[other]!;
      im[at] = im[other]!;
      re[other] = reAt;
      im[other] = imAt;
    }
    for (let span = 1; span < length; span <<= 1) {
      const stride = half / span;
      for (let start = 0; start < length; start += span << 1) {
        for (let at = start, turn = 0; at < start + span; at++, turn += stride) {
          const other = at + span;
          const [cosine, sine] = [cosines[turn]!, sines[turn]!];
          const reTurned = re[other]! * cosine - im[other]! * sine;
          const imTurned = re[other]! * sine + im[other]! * cosine;
          re[other] = re[at]! - reTurned;
          im[other] = im[at]! - imTurned;
          re[at] = re[at]! + reTurned;
          im[at] = im[at]! + imTurned;
        }
      }
    }
  };
}

function planBluestein(length: number): ComplexTransform {
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const transform = planRadixTwo(size);
  // e^{−πi m²/n}; m² mod 2n keeps the angle small.
  const angle = (at: number) => (-Math.PI * ((at * at) % (2 * length))) / length;
  const chirpRe = Float64Array.from({ length }, (_, at) => Math.cos(angle(at)));
  const chirpIm = Float64Array.from({ length }, (_, at) => Math.sin(angle(at)));
  const filterRe = new Float64Array(size);
  const filterIm = new Float64Array(size);
  for (let at = 0; at < length; at++) {
    filterRe[at] = filterRe[(size - at) % size] = chirpRe[at]!;
    filterIm[at] = filterIm[(size - at) % size] = -chirpIm[at]!;
  }
  transform(filterRe, filterIm);
  const workRe = new Float64Array(size);
  const workIm = new Float64Array(size);
  return (re, im) => {
    workRe.fill(0);
    workIm.fill(0);
    for (let at = 0; at < length; at++) {
      workRe[at] = re[at]! * chirpRe[at]! - im[at]! * chirpIm[at]!;
      workIm[at] = re[at]! * chirpIm[at]! + im[at]! * chirpRe[at]!;
    }
    transform(workRe, workIm);
    // The inverse transform is the conjugate of the transform of the conjugate, divided by its length.
    for (let at = 0; at < size; at++) {
      const product = workRe[at]! * filterRe[at]! - workIm[at]! * filterIm[at]!;
      workIm[at] = -(workRe[at]! * filterIm[at]! + workIm[at]! * filterRe[at]!);
      workRe[at] = product;
    }
    transform(workRe, workIm);
    for (let at = 0; at < length; at++) {
      const [productRe, productIm] = [workRe[at]! / size, -workIm[at]! / size];
      re[at] = productRe * chirpRe[at]! - productIm * chirpIm[at]!;
      im[at] = productRe * chirpIm[at]! + productIm * chirpRe[at]!;
    }
  };
}
