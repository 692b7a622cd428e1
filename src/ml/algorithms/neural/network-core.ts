import type { NetworkLayer, NetworkWeights } from '../../engine/network.js';

/** What the layers of an algorithm stand between. */
export interface CoreShape {
  readonly lookBack: number;
  /** Columns of the window. */
  readonly width: number;
  readonly horizon: number;
  /** Values of each forecast step: targets · values for each, which is 1 but for quantiles and distributions. */
  readonly outputs: number;
  /** Name of the window that the core reads, for layers that do not read the one before them. */
  readonly window: string;
}

/** Layers from [lookBack, width] to [horizon, outputs], the first one reading the window unless it says otherwise. */
export interface NetworkCore {
  readonly layers: readonly NetworkLayer[];
  /** Weights of those that are not trained. */
  readonly fixed?: NetworkWeights;
  /** Start values of trained ones that are not to be drawn. */
  readonly start?: NetworkWeights;
}

/** From a vector of features to every value of the forecast. */
export function headLayers({ horizon, outputs }: CoreShape): NetworkLayer[] {
  return [
    { type: 'Dense', name: 'head', config: { units: horizon * outputs } },
    { type: 'Reshape', name: 'steps', config: { target_shape: [horizon, outputs] } },
  ];
}

/** Drops values of the layer before, where the rate is not 0. */
export function dropoutLayers(name: string, rate: number): NetworkLayer[] {
  return rate > 0 ? [{ type: 'Dropout', name, config: { rate } }] : [];
}

/**
 * Start values of a linear map that is all there is between window and forecast. Drawn ones would stay where the data
 * hardly varies: neighbouring rows of a window are much alike, so differences of their weights are barely trained, and what
 * was drawn for them is noise in each forecast. Hidden layers need drawn values to become different from one another.
 */
export function zeroDense(inputs: number, units: number): NetworkWeights[string] {
  return {
    kernel: { shape: [inputs, units], data: new Float32Array(inputs * units) },
    bias: { shape: [units], data: new Float32Array(units) },
  };
}
