import { sizeOf } from '../../graph/graph-builder.js';
import { reshape } from '../../graph/movement.js';
import { gemm } from '../../graph/products.js';
import { applyActivation } from './activation.js';
import type { LayerLowering } from './layer-lowering.js';

/** activation(x·kernel + bias) over the last axis. */
export const dense: LayerLowering = (g, layer, [input], { weights }) => {
  const inner = input!.shape[input!.shape.length - 1]!;
  const rows = reshape(g, input!, [sizeOf(input!.shape) / inner, inner]);
  const output = applyActivation(g, layer, gemm(g, rows, weights['kernel']!, weights['bias'] ?? null));
  return reshape(g, output, [...input!.shape.slice(0, -1), output.shape[1]!]);
};
