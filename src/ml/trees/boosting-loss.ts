import { logistic } from '../gaps/logistic-regression.js';
import { weightedQuantile } from './weighted-quantile.js';

/** What boosting needs to know of a loss. Gradients point downhill: they are what is to be added, to first order. */
export interface BoostingLoss {
  /** Sums that are learned together: 1, or one for each class. */
  readonly outputs: number;
  /** True when the second derivative is the weight of the row, so that the count of rows stands for it. */
  readonly hasUnitCurvature: boolean;
  /** Where the sums begin, by output. Weights null: all 1. */
  base(values: Float64Array, weights: Float64Array | null): Float64Array;
  /** By output, for every row; `curvatures` only where they are not the weights. */
  differentiate(
    values: Float64Array,
    weights: Float64Array | null,
    sums: readonly Float64Array[],
    gradients: readonly Float64Array[],
    curvatures: readonly Float64Array[] | null,
  ): void;
  /**
   * The best value of a leaf from its residuals, value − sum, with their weights; left out where one Newton step from
   * the gradients is meant.
   */
  leafValue?(residuals: Float64Array, weights: Float64Array | null): number;
  /** Weighted mean over the rows. */
  loss(values: Float64Array, weights: Float64Array | null, sums: readonly Float64Array[]): number;
}

export type BoostingLossName = 'squared' | 'absolute' | 'huber' | 'quantile' | 'logistic' | 'softmax';

/** (value − sum)². Starts at the mean. */
export const squaredLoss: BoostingLoss = {
  outputs: 1,
  hasUnitCurvature: true,
  base: (values, weights) => Float64Array.of(weightedMean(values, weights)),
  differentiate(values, weights, [sums], [gradients]) {
    for (let row = 0; row < values.length; row++) {
      gradients![row] = (values[row]! - sums![row]!) * (weights === null ? 1 : weights[row]!);
    }
  },
  loss: (values, weights, [sums]) => meanOf(values, weights, sums!, (error) => error * error),
};

/** |value − sum|. Starts at the median; leaves are medians of what is left over. */
export const absoluteLoss: BoostingLoss = {
  ...quantileLoss(0.5),
  loss: (values, weights, [sums]) => meanOf(values, weights, sums!, Math.abs),
};

/**
 * Squared up to `delta`, straight beyond: e²/2 or δ·(|e| − δ/2), twice that, so that it is the squared error for small
 * errors. Starts at the median. Source: Huber, Annals of Mathematical Statistics 35 (1964).
 */
export function huberLoss(delta: number): BoostingLoss {
  return {
    outputs: 1,
    hasUnitCurvature: true,
    base: (values, weights) => Float64Array.of(weightedQuantile(values, weights, 0.5)),
    differentiate(values, weights, [sums], [gradients]) {
      for (let row = 0; row < values.length; row++) {
        const error = values[row]! - sums![row]!;
        gradients![row] = Math.max(-delta, Math.min(delta, error)) * (weights === null ? 1 : weights[row]!);
      }
    },
    loss: (values, weights, [sums]) =>
      meanOf(values, weights, sums!, (error) => {
        const size = Math.abs(error);
        return size <= delta ? size * size : delta * (2 * size - delta);
      }),
  };
}

/**
 * Pinball loss: level · e for e = value − sum ≥ 0, (level − 1) · e below. Starts at the quantile; a leaf is the quantile
 * of what is left over in it. Source: Koenker & Bassett, Econometrica 46 (1978); leaves as in Friedman 2001, section 4.3.
 */
export function quantileLoss(level: number): BoostingLoss {
  return {
    outputs: 1,
    hasUnitCurvature: true,
    base: (values, weights) => Float64Array.of(weightedQuantile(values, weights, level)),
    differentiate(values, weights, [sums], [gradients]) {
      for (let row = 0; row < values.length; row++) {
        const slope = values[row]! < sums![row]! ? level - 1 : level;
        gradients![row] = slope * (weights === null ? 1 : weights[row]!);
      }
    },
    leafValue: (residuals, weights) => weightedQuantile(residuals, weights, level),
    loss: (values, weights, [sums]) =>
      meanOf(values, weights, sums!, (error) => (error < 0 ? level - 1 : level) * error),
  };
}

/** No probability at the start is nearer to 0: a class that no row has would begin at −∞. */
const LEAST_SHARE = 1e-6;

/** −log P(value), values 0 and 1, P(1) = 1 / (1 + e^−sum). Starts at the log odds. */
export const logisticLoss: BoostingLoss = {
  outputs: 1,
  hasUnitCurvature: false,
  base(values, weights) {
    const share = Math.max(LEAST_SHARE, Math.min(1 - LEAST_SHARE, weightedMean(values, weights)));
    return Float64Array.of(Math.log(share / (1 - share)));
  },
  differentiate(values, weights, [sums], [gradients], curvatures) {
    for (let row = 0; row < values.length; row++) {
      const p = logistic(sums![row]!);
      const weight = weights === null ? 1 : weights[row]!;
      gradients![row] = weight * (values[row]! - p);
      curvatures![0]![row] = weight * p * (1 - p);
    }
  },
  loss(values, weights, [sums]) {
    let [sum, total] = [0, 0];
    for (let row = 0; row < values.length; row++) {
      const weight = weights === null ? 1 : weights[row]!;
      const z = values[row] === 1 ? -sums![row]! : sums![row]!;
      sum += weight * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
      total += weight;
    }
    return sum / total;
  },
};

/**
 * −log P(value), values 0 … classes − 1, P the softmax of one sum for each class. Starts at the logarithms of the shares.
 * Curvatures are p · (1 − p) · K / (K − 1), since the classes' sums move together (Friedman 2001, algorithm 6).
 */
export function softmaxLoss(classes: number): BoostingLoss {
  const correction = classes / (classes - 1);
  return {
    outputs: classes,
    hasUnitCurvature: false,
    base(values, weights) {
      const shares = new Float64Array(classes);
      let total = 0;
      for (let row = 0; row < values.length; row++) {
        const weight = weights === null ? 1 : weights[row]!;
        shares[values[row]!]! += weight;
        total += weight;
      }
      return shares.map((share) => Math.log(Math.max(LEAST_SHARE, share / total)));
    },
    differentiate(values, weights, sums, gradients, curvatures) {
      const p = new Float64Array(classes);
      for (let row = 0; row < values.length; row++) {
        probabilities(sums, row, p);
        const weight = weights === null ? 1 : weights[row]!;
        for (let one = 0; one < classes; one++) {
          gradients[one]![row] = weight * ((values[row] === one ? 1 : 0) - p[one]!);
          curvatures![one]![row] = weight * correction * p[one]! * (1 - p[one]!);
        }
      }
    },
    loss(values, weights, sums) {
      const p = new Float64Array(classes);
      let [sum, total] = [0, 0];
      for (let row = 0; row < values.length; row++) {
        const weight = weights === null ? 1 : weights[row]!;
        probabilities(sums, row, p);
        sum -= weight * Math.log(Math.max(p[values[row]!]!, Number.MIN_VALUE));
        total += weight;
      }
      return sum / total;
    },
  };
}

/** Softmax of the sums of one row, into `out`. */
export function probabilities(sums: readonly Float64Array[], row: number, out: Float64Array): void {
  let largest = -Infinity;
  for (const ofClass of sums) largest = Math.max(largest, ofClass[row]!);
  let total = 0;
  for (let one = 0; one < out.length; one++) {
    out[one] = Math.exp(sums[one]![row]! - largest);
    total += out[one]!;
  }
  for (let one = 0; one < out.length; one++) out[one]! /= total;
}

function weightedMean(values: Float64Array, weights: Float64Array | null): number {
  let [sum, total] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const weight = weights === null ? 1 : weights[row]!;
    sum += weight * values[row]!;
    total += weight;
  }
  return sum / total;
}

function meanOf(
  values: Float64Array,
  weights: Float64Array | null,
  sums: Float64Array,
  of: (error: number) => number,
): number {
  let [sum, total] = [0, 0];
  for (let row = 0; row < values.length; row++) {
    const weight = weights === null ? 1 : weights[row]!;
    sum += weight * of(values[row]! - sums[row]!);
    total += weight;
  }
  return sum / total;
}
