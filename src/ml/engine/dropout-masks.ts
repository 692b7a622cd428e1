import type { Shape } from './layers.js';
import type { NetworkGraph } from './network-graph.js';
import type { Random } from './random.js';

/** A layer that training draws a mask for. */
export interface DropoutLayer {
  readonly layer: string;
  /** Of the mask of one row. */
  readonly shape: Shape;
  readonly rate: number;
}

/** The dropout layers that drop anything. */
export function dropoutLayers({ layers }: NetworkGraph): DropoutLayer[] {
  return layers
    .filter(({ type, config }) => type === 'Dropout' && (config['rate'] as number) > 0)
    .map(({ name, outputShape, config }) => ({ layer: name, shape: outputShape, rate: config['rate'] as number }));
}

/**
 * Fills `mask` with 0 for a share `rate` of its elements and 1 / (1 − rate) for the others. Each element takes 16 random
 * bits: the rate is met to 1.6e-5, at half the draws.
 */
export function drawMask(mask: Float32Array, rate: number, random: Random): void {
  const limit = Math.round(rate * 65_536);
  const kept = 1 / (1 - rate);
  for (let at = 0; at < mask.length; at += 2) {
    const bits = random.nextUint32();
    mask[at] = (bits & 0xffff) < limit ? 0 : kept;
    if (at + 1 < mask.length) mask[at + 1] = bits >>> 16 < limit ? 0 : kept;
  }
}
