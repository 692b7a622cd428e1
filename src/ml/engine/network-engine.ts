import type { NetworkArchitecture, NetworkWeights } from './network.js';
import type { OptimiserState, TrainingBatches, TrainingSetup } from './training-setup.js';

export type EngineName = 'onnx' | 'onnx-web' | 'tfjs-node' | 'tfjs-wasm';

/**
 * A network on an engine. Inputs are row-major [rows, …shape], one array per network input; outputs likewise, of the
 * first output layer. One call at a time: the next one begins when the promise of the last is settled.
 */
export interface NetworkRunner {
  readonly engine: EngineName;
  /**
   * Forward pass. The numbers of a row depend on that row alone, bit for bit, whatever rows stand beside it: the engine
   * always computes batches of one fixed size, the last one filled up.
   */
  predict(inputs: readonly Float32Array[], rows: number): Promise<Float32Array>;
  /**
   * Steps of the optimiser, one after the other; gives the loss before each. How many steps are in a call makes no
   * difference to the bits. Only for a runner that was opened for training.
   */
  train(batches: TrainingBatches): Promise<Float32Array>;
  /** Copies. */
  weights(): NetworkWeights;
  optimiser(): OptimiserState;
  /** Replaces all weights; the optimiser's state stays. */
  setWeights(weights: NetworkWeights): void;
  /** Frees native memory; the runner is of no use afterwards. */
  dispose(): Promise<void>;
}

/** Opens networks. `ENGINE_UNAVAILABLE` when the backend cannot run here, or lacks what the network is made of. */
export interface NetworkEngine {
  readonly name: EngineName;
  /** Without a setup the runner only predicts. */
  open(
    architecture: NetworkArchitecture,
    weights: NetworkWeights,
    training: TrainingSetup | null,
  ): Promise<NetworkRunner>;
}
