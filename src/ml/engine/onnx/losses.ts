import {
  absolute,
  add,
  clampMagnitude,
  divide,
  exp,
  isPositive,
  log,
  multiply,
  softplus,
  subtract,
} from '../graph/elementwise.js';
import { sizeOf, type GraphBuilder, type SymbolicTensor } from '../graph/graph-builder.js';
import { reshape, split } from '../graph/movement.js';
import { mean } from '../graph/mean.js';
import { sum } from '../graph/reductions.js';
import { SMALLEST_DEVIATION } from '../element-loss.js';
import { outputsPerTarget, type LossSpecification } from '../training-setup.js';

/** What the weights of `weightedLoss` carry as a factor: that of the derivative of a square. */
export const weightScale = ({ name }: LossSpecification): number => (name === 'mse' ? 2 : 1);

/** The loss of a step, which gradients are taken of, and what is left to be divided by `weightScale` to be that. */
export interface WeightedLoss {
  readonly total: SymbolicTensor;
  readonly scaled: SymbolicTensor;
}

/**
 * The weighted sum of the losses of all target values; `weights`, [rows, 1] or [rows, targets], come multiplied with
 * `weightScale`. The squared error has its gradient written by hand: with the factor in w it is e∘w, and Σ e∘(e∘w) the loss.
 */
export function weightedLoss(
  g: GraphBuilder,
  loss: LossSpecification,
  output: SymbolicTensor,
  target: SymbolicTensor,
  weights: SymbolicTensor,
): WeightedLoss {
  if (loss.name !== 'mse') {
    const total = sum(g, multiply(g, elementLosses(g, loss, output, target), weights));
    return { total, scaled: total };
  }
  const prediction = reshape(g, output, target.shape);
  const { gradient, scaled, total } = g.withoutRecording(() => {
    const error = subtract(g, prediction, target);
    const gradient = multiply(g, error, weights);
    const scaled = sum(g, multiply(g, error, gradient));
    return { gradient, scaled, total: divide(g, scaled, weightScale(loss)) };
  });
  g.record([prediction], [total], ([d]) => [() => multiply(g, gradient, d!)]);
  return { total, scaled };
}

/**
 * The loss of each target value, [rows, targets], of an output [rows, …, targets·k].
 * Sources: Huber 1964; Koenker & Bassett 1978 (quantiles); Salinas et al. 2020 (likelihoods of DeepAR).
 */
function elementLosses(
  g: GraphBuilder,
  loss: LossSpecification,
  output: SymbolicTensor,
  target: SymbolicTensor,
): SymbolicTensor {
  const [rows, targets] = target.shape as readonly [number, number];
  const each = outputsPerTarget(loss);
  if (sizeOf(output.shape) !== rows * targets * each) {
    throw new Error(
      `${loss.name} takes ${each} output(s) for each of ${targets} targets, not [${output.shape.join()}]`,
    );
  }
  const one = (): SymbolicTensor => reshape(g, output, [rows, targets]);
  const spread = (): SymbolicTensor => reshape(g, output, [rows, targets, each]);
  const parts = (): readonly SymbolicTensor[] =>
    split(g, spread(), 2, new Array<number>(each).fill(1)).map((part) => reshape(g, part, [rows, targets]));
  switch (loss.name) {
    case 'mse': {
      const error = subtract(g, one(), target);
      return multiply(g, error, error);
    }
    case 'mae':
      return absolute(g, subtract(g, one(), target));
    case 'huber': {
      const error = subtract(g, one(), target);
      const clamped = clampMagnitude(g, error, loss.delta);
      return multiply(g, clamped, subtract(g, error, multiply(g, clamped, 0.5)));
    }
    case 'quantile':
      return mean(g, pinball(g, loss.levels, spread(), target), [2]);
    case 'gaussian': {
      const [location, raw] = parts();
      const deviation = add(g, softplus(g, raw!), SMALLEST_DEVIATION);
      const z = divide(g, subtract(g, target, location!), deviation);
      return add(g, add(g, log(g, deviation), multiply(g, multiply(g, z, z), 0.5)), 0.5 * Math.log(2 * Math.PI));
    }
    case 'student-t':
      return studentLoss(g, parts(), target);
    case 'binary-cross-entropy':
      return subtract(g, softplus(g, one()), multiply(g, one(), target));
    case 'categorical-cross-entropy':
      return crossEntropy(g, spread(), target);
  }
}

function pinball(
  g: GraphBuilder,
  levels: readonly number[],
  quantiles: SymbolicTensor,
  target: SymbolicTensor,
): SymbolicTensor {
  const [rows, targets] = target.shape as readonly [number, number];
  const error = subtract(g, reshape(g, target, [rows, targets, 1]), quantiles);
  // τ·e above the quantile, (τ − 1)·e below it.
  const slope = subtract(
    g,
    isPositive(g, error),
    g.constant(
      levels.map((level) => 1 - level),
      [levels.length],
    ),
  );
  return multiply(g, error, slope);
}

/**
 * −log density of a Student t: location μ, scale σ, ν degrees of freedom.
 *   ½log(νπ) + log σ + logΓ(ν/2) − logΓ((ν + 1)/2) + (ν + 1)/2·log(1 + z²/ν),  z = (y − μ)/σ
 */
function studentLoss(
  g: GraphBuilder,
  [location, rawScale, rawFreedom]: readonly SymbolicTensor[],
  target: SymbolicTensor,
): SymbolicTensor {
  const scale = add(g, softplus(g, rawScale!), SMALLEST_DEVIATION);
  const freedom = add(g, softplus(g, rawFreedom!), 2);
  const z = divide(g, subtract(g, target, location!), scale);
  const half = multiply(g, add(g, freedom, 1), 0.5);
  const spread = log(g, add(g, divide(g, multiply(g, z, z), freedom), 1));
  const gammas = subtract(g, logGamma(g, multiply(g, freedom, 0.5)), logGamma(g, half));
  const constant = add(g, multiply(g, log(g, freedom), 0.5), 0.5 * Math.log(Math.PI));
  return add(g, add(g, add(g, constant, log(g, scale)), gammas), multiply(g, half, spread));
}

/**
 * log Γ(x) for x ≥ 1, to 1e-9: Stirling's series at x + 4, and Γ(x + 4) = x(x + 1)(x + 2)(x + 3)·Γ(x) back down.
 * Source: Abramowitz & Stegun 6.1.40.
 */
function logGamma(g: GraphBuilder, x: SymbolicTensor): SymbolicTensor {
  const up = add(g, x, 4);
  const inverse = divide(g, 1, up);
  const squared = multiply(g, inverse, inverse);
  const series = add(g, multiply(g, add(g, multiply(g, squared, 1 / 1260), -1 / 360), squared), 1 / 12);
  const stirling = add(
    g,
    subtract(g, multiply(g, subtract(g, up, 0.5), log(g, up)), up),
    add(g, multiply(g, series, inverse), 0.5 * Math.log(2 * Math.PI)),
  );
  const product = [1, 2, 3].reduce((so, n) => multiply(g, so, add(g, x, n)), x);
  return subtract(g, stirling, log(g, product));
}

/** log Σ exp(logits) − the logit of the class; 0 where the target is the number of no class. */
function crossEntropy(g: GraphBuilder, logits: SymbolicTensor, target: SymbolicTensor): SymbolicTensor {
  const [rows, targets, classes] = logits.shape as readonly [number, number, number];
  const numbers = reshape(g, target, [rows, targets, 1]);
  const indicator = g.constant(
    Array.from({ length: classes }, (_, n) => n),
    [classes],
  );
  const distance = g.withoutRecording(() => absolute(g, subtract(g, indicator, numbers)));
  const isClass = g.withoutRecording(() => subtract(g, 1, isPositive(g, distance)));
  const largest = g.withoutRecording(() =>
    g.emit('ReduceMax', [logits], [rows, targets, 1], { axes: { ints: [2] }, keepdims: { int: 1 } }),
  );
  const shifted = subtract(g, logits, largest);
  const total = log(g, sum(g, exp(g, shifted), [2]));
  const counts = g.withoutRecording(() => sum(g, isClass, [2]));
  return subtract(g, multiply(g, total, counts), sum(g, multiply(g, shifted, isClass), [2]));
}
