import { cholesky, solveCholesky } from '../algorithms/linear/cholesky.js';

/** P(1 | x) = 1 / (1 + e^−(intercept + weights · x)). */
export interface LogisticModel {
  readonly intercept: number;
  readonly weights: Float64Array;
}

const MAXIMUM_STEPS = 50;
const TOLERANCE = 1e-10;

/**
 * Logistic regression by iteratively reweighted least squares: Newton steps on −Σ log P(yᵢ | xᵢ) + λ/2 · |w|², halved
 * while they do not descend. Weights are penalised on columns of mean 0 and deviation 1 and given for the columns as
 * they are; the intercept is free. A column that never varies gets the weight 0. With λ > 0 there is one minimum, also
 * for classes that a plane separates. Deterministic. Source: Hastie, Tibshirani, Friedman, The Elements of Statistical
 * Learning, 2nd edition, 4.4.1.
 *
 * `rows`: [n, width] row-major, finite; `labels`: n of 0 and 1, both of them present.
 */
export function fitLogistic(rows: Float64Array, labels: Uint8Array, width: number, lambda: number): LogisticModel {
  const { scaled, means, deviations } = standardised(rows, labels.length, width);
  const size = width + 1;
  const ones = labels.reduce((sum, label) => sum + label, 0);
  let theta = new Float64Array(size);
  theta[width] = Math.log(ones / (labels.length - ones));
  let loss = penalisedLoss(scaled, labels, theta, lambda);
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    const direction = newtonDirection(scaled, labels, theta, lambda);
    let share = 1;
    let next = moved(theta, direction, share);
    let nextLoss = penalisedLoss(scaled, labels, next, lambda);
    while (nextLoss > loss && share > 1e-6) {
      share /= 2;
      next = moved(theta, direction, share);
      nextLoss = penalisedLoss(scaled, labels, next, lambda);
    }
    if (nextLoss > loss) break;
    const gain = loss - nextLoss;
    [theta, loss] = [next, nextLoss];
    if (gain <= TOLERANCE * (1 + loss)) break;
  }
  const weights = Float64Array.from(means, (_, at) => (deviations[at] === 0 ? 0 : theta[at]! / deviations[at]!));
  const shift = weights.reduce((sum, weight, at) => sum + weight * means[at]!, 0);
  return { intercept: theta[width]! - shift, weights };
}

/** 1 / (1 + e^−x), without overflow on either side. */
export function logistic(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

function standardised(rows: Float64Array, count: number, width: number) {
  const means = new Float64Array(width);
  const deviations = new Float64Array(width);
  for (let at = 0; at < rows.length; at++) means[at % width]! += rows[at]! / count;
  for (let at = 0; at < rows.length; at++) deviations[at % width]! += (rows[at]! - means[at % width]!) ** 2 / count;
  deviations.forEach((variance, column) => {
    // What is left of a constant after rounding is no variation.
    const deviation = Math.sqrt(variance);
    deviations[column] = deviation <= 1e-9 * Math.max(1, Math.abs(means[column]!)) ? 0 : deviation;
  });
  const scaled = rows.map((value, at) => {
    const column = at % width;
    return deviations[column] === 0 ? 0 : (value - means[column]!) / deviations[column]!;
  });
  return { scaled, means, deviations };
}

function linear(scaled: Float64Array, row: number, theta: Float64Array): number {
  const width = theta.length - 1;
  let sum = theta[width]!;
  for (let column = 0; column < width; column++) sum += theta[column]! * scaled[row * width + column]!;
  return sum;
}

function penalisedLoss(scaled: Float64Array, labels: Uint8Array, theta: Float64Array, lambda: number): number {
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const z = linear(scaled, row, theta) * (labels[row] === 1 ? -1 : 1);
    loss += Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  for (let column = 0; column < theta.length - 1; column++) loss += (lambda / 2) * theta[column]! ** 2;
  return loss;
}

function newtonDirection(scaled: Float64Array, labels: Uint8Array, theta: Float64Array, lambda: number): Float64Array {
  const size = theta.length;
  const width = size - 1;
  const hessian = new Float64Array(size * size);
  const descent = new Float64Array(size);
  const x = new Float64Array(size);
  x[width] = 1;
  for (let row = 0; row < labels.length; row++) {
    x.set(scaled.subarray(row * width, (row + 1) * width));
    const p = logistic(linear(scaled, row, theta));
    // Kept off 0, so that examples that are already certain leave the matrix invertible.
    const weight = Math.max(p * (1 - p), 1e-12);
    for (let i = 0; i < size; i++) {
      const xi = x[i]!;
      descent[i]! += (labels[row]! - p) * xi;
      for (let j = 0; j <= i; j++) hessian[i * size + j]! += weight * xi * x[j]!;
    }
  }
  for (let i = 0; i < width; i++) {
    hessian[i * size + i]! += lambda;
    descent[i]! -= lambda * theta[i]!;
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) hessian[j * size + i] = hessian[i * size + j]!;
  const factor = cholesky(hessian, size);
  if (factor === null) throw new Error('the Hessian of a penalised logistic regression is not positive definite');
  return solveCholesky(factor, size, descent, 1);
}

function moved(theta: Float64Array, direction: Float64Array, share: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(theta, (value, at) => value + share * direction[at]!);
}
