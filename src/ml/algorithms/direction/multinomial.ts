import { cholesky, solveCholesky } from '../linear/cholesky.js';
import { minimise, type Minimum } from './lbfgs.js';

/** Rows [count, width], row-major and finite, with a class and a weight each. */
export interface ClassifiedRows {
  readonly rows: Float64Array;
  readonly width: number;
  /** 0, 1 or 2. */
  readonly labels: Uint8Array;
  /** Null where all count alike. */
  readonly weights: Float64Array | null;
}

/** Of directions, see `DIRECTIONS`. */
const CLASSES = 3;
const MAXIMUM_ITERATIONS = 500;

/**
 * Multinomial logistic regression with an L2 penalty,
 *
 *   min over W, b of  Σᵢ wᵢ·(−ln softmax(W xᵢ + b)[yᵢ]) / Σᵢ wᵢ  +  λ/2 · Σ W²
 *
 * in the symmetric form: every class has weights, those of a column sum to 0 at the minimum, and so do the intercepts,
 * which are not penalised and start so. With λ > 0 it has one minimum in W, also for classes that a plane separates.
 * `start` and the result: [3, width + 1], row-major, the intercept last. It ends where no element of the gradient is
 * larger than `tolerance`.
 * Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2nd edition, 4.4 and 18.3.2.
 */
export function fitMultinomial(
  given: ClassifiedRows,
  lambda: number,
  start: Float64Array,
  tolerance: number,
  precondition?: Preconditioner,
): Minimum {
  return minimise((theta, gradient) => penalisedLoss(given, lambda, theta, gradient), start, {
    tolerance,
    maximumIterations: MAXIMUM_ITERATIONS,
    ...(precondition && { precondition }),
  });
}

/** Applied in place, see `minimise`. */
export type Preconditioner = (theta: Float64Array) => void;

/** Wider rows go without: the matrix would cost more than it saves. */
const WIDEST_BOUND = 512;

/**
 * The inverse of ½·XᵀWX / Σ w + λ for each class, X with a column of ones: the bound on the curvature of the loss, which
 * does not depend on labels or probabilities. Null for rows that are too wide. Source: Böhning, Multinomial logistic
 * regression algorithm, Annals of the Institute of Statistical Mathematics 44 (1992).
 */
export function curvatureBound(
  { rows, width, weights }: Omit<ClassifiedRows, 'labels'>,
  count: number,
): ((lambda: number) => Preconditioner) | null {
  if (width > WIDEST_BOUND) return null;
  const size = width + 1;
  const squares = new Float64Array(size * size);
  const x = new Float64Array(size).fill(1);
  let total = 0;
  for (let row = 0; row < count; row++) {
    const weight = weights === null ? 1 : weights[row]!;
    if (weight === 0) continue;
    total += weight;
    x.set(rows.subarray(row * width, (row + 1) * width));
    for (let i = 0; i < size; i++) {
      const scaled = weight * x[i]!;
      const first = i * size;
      for (let j = 0; j <= i; j++) squares[first + j]! += scaled * x[j]!;
    }
  }
  return (lambda) => {
    const bound = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) {
        const value = squares[i * size + j]! / (2 * total);
        bound[i * size + j] = value;
        bound[j * size + i] = value;
      }
      bound[i * size + i]! += lambda;
    }
    const factor = cholesky(bound, size);
    if (factor === null) throw new Error('the bound of a penalised logistic regression is not positive definite');
    return (theta) => {
      for (let first = 0; first < theta.length; first += size) {
        theta.set(solveCholesky(factor, size, theta.slice(first, first + size), 1), first);
      }
    };
  };
}

/** The function that is minimised, with its gradient. The loop that the search spends its time in: three sums at once. */
export function penalisedLoss(
  { rows, width, labels, weights }: ClassifiedRows,
  lambda: number,
  theta: Float64Array,
  gradient: Float64Array,
): number {
  const size = width + 1;
  const [second, third] = [size, 2 * size];
  gradient.fill(0);
  let [loss, total] = [0, 0];
  for (let row = 0, at = 0; row < labels.length; row++, at += width) {
    const weight = weights === null ? 1 : weights[row]!;
    if (weight === 0) continue;
    let z0 = theta[width]!;
    let z1 = theta[second + width]!;
    let z2 = theta[third + width]!;
    for (let column = 0; column < width; column++) {
      const x = rows[at + column]!;
      z0 += theta[column]! * x;
      z1 += theta[second + column]! * x;
      z2 += theta[third + column]! * x;
    }
    const largest = Math.max(z0, z1, z2);
    const [e0, e1, e2] = [Math.exp(z0 - largest), Math.exp(z1 - largest), Math.exp(z2 - largest)];
    const raised = e0 + e1 + e2;
    const label = labels[row]!;
    loss += weight * (Math.log(raised) + largest - (label === 0 ? z0 : label === 1 ? z1 : z2));
    total += weight;
    const scale = weight / raised;
    const s0 = e0 * scale - (label === 0 ? weight : 0);
    const s1 = e1 * scale - (label === 1 ? weight : 0);
    const s2 = e2 * scale - (label === 2 ? weight : 0);
    for (let column = 0; column < width; column++) {
      const x = rows[at + column]!;
      gradient[column]! += s0 * x;
      gradient[second + column]! += s1 * x;
      gradient[third + column]! += s2 * x;
    }
    gradient[width]! += s0;
    gradient[second + width]! += s1;
    gradient[third + width]! += s2;
  }
  let squares = 0;
  for (let at = 0; at < theta.length; at++) {
    const isIntercept = at % size === width;
    gradient[at] = gradient[at]! / total + (isIntercept ? 0 : lambda * theta[at]!);
    if (!isIntercept) squares += theta[at]! ** 2;
  }
  return loss / total + (lambda / 2) * squares;
}

/**
 * Where the search begins: no weight, intercepts that give the classes' shares, one row added to each class, so that one
 * without rows is improbable and not impossible. The minimum itself for λ → ∞.
 */
export function sharesOnly({ width, labels, weights }: ClassifiedRows): Float64Array {
  const counts = new Float64Array(CLASSES).fill(1);
  labels.forEach((label, row) => (counts[label]! += weights === null ? 1 : weights[row]!));
  const logarithms = counts.map(Math.log);
  const mean = logarithms.reduce((sum, one) => sum + one, 0) / CLASSES;
  const theta = new Float64Array(CLASSES * (width + 1));
  logarithms.forEach((one, at) => (theta[at * (width + 1) + width] = one - mean));
  return theta;
}
