/** What a network is trained to minimise. Each is a mean over rows and outputs, rows weighted where they are. */
export type LossSpecification =
  | { readonly name: 'mse' }
  | { readonly name: 'mae' }
  /** Quadratic up to `delta`, linear beyond. */
  | { readonly name: 'huber'; readonly delta: number }
  /** Pinball loss; the network gives one value for each level, in their order, on its last axis. */
  | { readonly name: 'quantile'; readonly levels: readonly number[] }
  /** Negative log-likelihood; last axis: mean, and what softplus turns into the deviation. */
  | { readonly name: 'gaussian' }
  /** Negative log-likelihood; last axis: location, and what softplus turns into scale and degrees of freedom − 2. */
  | { readonly name: 'student-t' }
  /** Of logits; targets are probabilities. */
  | { readonly name: 'binary-cross-entropy' }
  /** Of logits over the last axis; targets are the number of the class, and any other number costs nothing. */
  | { readonly name: 'categorical-cross-entropy'; readonly classes: number };

/** Values on the last axis of the network's output for each target value. */
export function outputsPerTarget(loss: LossSpecification): number {
  switch (loss.name) {
    case 'quantile':
      return loss.levels.length;
    case 'gaussian':
      return 2;
    case 'student-t':
      return 3;
    case 'categorical-cross-entropy':
      return loss.classes;
    default:
      return 1;
  }
}

export type OptimiserSpecification =
  | { readonly name: 'sgd'; readonly momentum: number }
  /** With a decay it is AdamW: weights shrink by learning rate · decay in each step, apart from the gradient. */
  | {
      readonly name: 'adam';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly decay: number;
    }
  | { readonly name: 'rmsprop'; readonly rho: number; readonly epsilon: number };

/** As Keras sets them. */
export const ADAM = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7, decay: 0 } as const;

/** Plain data: what a checkpoint holds so that training goes on bit for bit. */
export interface OptimiserState {
  readonly step: number;
  /** By name, for example `beta1Power`: powers are carried as products, since `Math.pow` may differ between platforms. */
  readonly powers: Readonly<Record<string, number>>;
  /** Vectors by slot (`first`, `second`, `momentum`), then by `layer/weight`. */
  readonly slots: Readonly<Record<string, Readonly<Record<string, Float32Array>>>>;
}

/** How a network is trained; fixed for the life of a runner. */
export interface TrainingSetup {
  readonly loss: LossSpecification;
  readonly optimiser: OptimiserSpecification;
  /** Gradients longer than this, all weights taken as one vector, are shortened to it; null leaves them. */
  readonly clipNorm: number | null;
  /** Rows of every step; a step of fewer is filled up with rows of weight 0. */
  readonly batchSize: number;
  /** Null for a fresh start. */
  readonly state: OptimiserState | null;
  /** Every step says how much each target value counts; left out, all count alike, and it costs nothing. */
  readonly masksTargets?: boolean;
}

/** The data of some successive steps, row-major. */
export interface TrainingBatches {
  readonly steps: number;
  /** [steps, batchSize, …shape] for each input of the network. */
  readonly inputs: readonly Float32Array[];
  /** [steps, batchSize, targets]. */
  readonly targets: Float32Array;
  /** [steps, batchSize]: the weight of each row over the number of rows of its step; 0 for rows that fill it up. */
  readonly weights: Float32Array;
  /**
   * [steps, batchSize, targets] where the setup masks targets: what the loss of each value is multiplied with, 0 for one
   * that is missing; its target must be finite all the same.
   */
  readonly targetWeights?: Float32Array;
  /** [steps]. */
  readonly learningRates: Float32Array;
  /** [steps, batchSize, …shape] for each dropout layer: 0 or 1 / (1 − rate). */
  readonly masks: Readonly<Record<string, Float32Array>>;
}
