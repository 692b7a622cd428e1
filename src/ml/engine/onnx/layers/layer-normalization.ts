import { add, divide, multiply, squareRoot, subtract } from '../../graph/elementwise.js';
import { sizeOf } from '../../graph/graph-builder.js';
import { reshape } from '../../graph/movement.js';
import { gemm } from '../../graph/products.js';
import { mean } from '../../graph/mean.js';
import type { LayerLowering } from './layer-lowering.js';

/** Up to this width products with small matrices beat reductions and broadcasts. */
const PRODUCT_WIDTH = 64;

/**
 * (x − mean) / √(variance + ε)·γ + β over the last axis. Narrow layers are written as products: x·(I − J/n) centres, and
 * the squares times J/n repeat the variance in every column. Source: Ba, Kiros & Hinton, Layer Normalization, 2016.
 */
export const layerNormalization: LayerLowering = (g, layer, [input], { weights }) => {
  const x = input!;
  const width = x.shape[x.shape.length - 1]!;
  const epsilon = layer.config['epsilon'] as number;
  const { gamma, beta } = weights;
  if (width > PRODUCT_WIDTH) {
    const last = x.shape.length - 1;
    const centred = subtract(g, x, mean(g, x, [last], true));
    const variance = mean(g, multiply(g, centred, centred), [last], true);
    const scaled = divide(g, centred, squareRoot(g, add(g, variance, epsilon)));
    return add(g, multiply(g, scaled, gamma!), beta!);
  }
  const square = (fill: (row: number, column: number) => number): number[] =>
    Array.from({ length: width * width }, (_, at) => fill(Math.floor(at / width), at % width));
  const shape = [width, width];
  const centring = g.constant(
    square((row, column) => (row === column ? 1 : 0) - 1 / width),
    shape,
  );
  const averaging = g.constant(1 / width, shape);
  const identity = g.constant(
    square((row, column) => (row === column ? 1 : 0)),
    shape,
  );
  const centred = gemm(g, reshape(g, x, [sizeOf(x.shape) / width, width]), centring);
  const variance = gemm(g, multiply(g, centred, centred), averaging);
  const scaled = divide(g, centred, squareRoot(g, add(g, variance, epsilon)));
  return reshape(g, gemm(g, scaled, multiply(g, identity, gamma!), beta), x.shape);
};
