import { logGamma } from '../metrics/student-t.js';
import type { LossSpecification } from './training-setup.js';

const softplus = (x: number): number => (x > 30 ? x : Math.log1p(Math.exp(x)));

/** Keeps a deviation away from 0, where a likelihood has no bound. */
export const SMALLEST_DEVIATION = 1e-6;

/** What an output says of a Student t's scale and degrees of freedom, from the raw values of a network. */
export function studentParameters(rawScale: number, rawFreedom: number): { scale: number; freedom: number } {
  return { scale: softplus(rawScale) + SMALLEST_DEVIATION, freedom: softplus(rawFreedom) + 2 };
}

export const gaussianDeviation = (raw: number): number => softplus(raw) + SMALLEST_DEVIATION;

/** Whether a target value counts: in a classification it has to be the number of a class. */
export function hasLoss(loss: LossSpecification, target: number): boolean {
  return loss.name !== 'categorical-cross-entropy' || target < loss.classes;
}

/**
 * The loss of one target value, from the outputs at `at`, `at` + 1, …: what the graph of a training computes, in double
 * precision, for losses on windows that are not trained on.
 */
export function elementLoss(loss: LossSpecification, outputs: Float32Array, at: number, target: number): number {
  const first = outputs[at]!;
  switch (loss.name) {
    case 'mse':
      return (first - target) ** 2;
    case 'mae':
      return Math.abs(first - target);
    case 'huber': {
      const error = Math.abs(first - target);
      return error <= loss.delta ? error ** 2 / 2 : loss.delta * (error - loss.delta / 2);
    }
    case 'quantile': {
      let sum = 0;
      loss.levels.forEach((level, n) => {
        const error = target - outputs[at + n]!;
        sum += error > 0 ? level * error : (level - 1) * error;
      });
      return sum / loss.levels.length;
    }
    case 'gaussian': {
      const deviation = gaussianDeviation(outputs[at + 1]!);
      return Math.log(deviation) + ((target - first) / deviation) ** 2 / 2 + Math.log(2 * Math.PI) / 2;
    }
    case 'student-t': {
      const { scale, freedom } = studentParameters(outputs[at + 1]!, outputs[at + 2]!);
      const z = (target - first) / scale;
      return (
        Math.log(freedom * Math.PI) / 2 +
        Math.log(scale) +
        logGamma(freedom / 2) -
        logGamma((freedom + 1) / 2) +
        ((freedom + 1) / 2) * Math.log1p((z * z) / freedom)
      );
    }
    case 'binary-cross-entropy':
      return softplus(first) - first * target;
    case 'categorical-cross-entropy': {
      if (!hasLoss(loss, target)) return 0;
      const logits = outputs.subarray(at, at + loss.classes);
      const largest = logits.reduce((a, b) => Math.max(a, b));
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
      return Math.log(total) + largest - logits[target]!;
    }
  }
}
