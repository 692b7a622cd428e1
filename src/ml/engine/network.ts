/** A dense row-major tensor of named weights. `data.length` is the product of `shape`. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * One layer of a network, in Keras' terms: class, configuration and weight names are those of Keras 3, so that
 * exporters write them as they are and any engine can run them.
 */
export interface NetworkLayer {
  /** Keras class, for example `LSTM`. */
  readonly type: string;
  /** Unique, without `/`. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Layers or inputs it reads; by default the one before. */
  readonly from?: readonly string[];
}

/** A network without weights. Shapes are without the batch axis. */
export interface NetworkArchitecture {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly layers: readonly NetworkLayer[];
  /** Names of the output layers. */
  readonly outputs: readonly string[];
}

/** Weights by layer name, then by Keras weight name: `weights.encoder.kernel`. */
export type NetworkWeights = Readonly<Record<string, Readonly<Record<string, WeightTensor>>>>;
