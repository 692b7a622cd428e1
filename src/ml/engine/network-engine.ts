import type { AdamState } from './adam.js';
import type { NetworkArchitecture, NetworkWeights } from './network.js';
import type { Random } from './random.js';

export type EngineName = 'tfjs-node' | 'tfjs-wasm';

/** What a training sets out from. */
export interface NetworkTraining {
  readonly learningRate: number;
  /** Null for a fresh start. */
  readonly optimiser: AdamState | null;
}

/**
 * A network on an engine. Inputs are row-major [rows, …shape], one array per network input; outputs likewise, of the
 * first output layer. Calls run to their end before they return: nothing else touches the backend meanwhile.
 */
export interface NetworkRunner {
  readonly engine: EngineName;
  /**
   * Forward pass. The numbers of a row depend on that row alone, bit for bit, whatever rows stand beside it: the engine
   * always computes batches of one fixed size, the last one filled up.
   */
  predict(inputs: readonly Float32Array[], rows: number): Float32Array;
  /**
   * One step of Adam on the mean squared error over all elements; gives the loss before the step. `random` draws the
   * dropout masks. With `rowWeights` each square is multiplied by the weight of its row before the mean is taken. Only
   * for a runner that was opened for training.
   */
  trainStep(
    inputs: readonly Float32Array[],
    targets: Float32Array,
    rows: number,
    random: Random,
    rowWeights?: Float32Array,
  ): number;
  /** Copies. */
  weights(): NetworkWeights;
  optimiser(): AdamState;
  /** Replaces all weights; the optimiser's state stays. */
  setWeights(weights: NetworkWeights): void;
  /** Frees native memory; the runner is of no use afterwards. */
  dispose(): void;
}

/** Opens networks. `ENGINE_UNAVAILABLE` when the backend cannot run here. */
export interface NetworkEngine {
  readonly name: EngineName;
  open(architecture: NetworkArchitecture, weights: NetworkWeights, training: NetworkTraining | null): NetworkRunner;
}
