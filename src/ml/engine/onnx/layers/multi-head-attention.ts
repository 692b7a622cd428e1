import { multiply, softmax } from '../../graph/elementwise.js';
import type { SymbolicTensor } from '../../graph/graph-builder.js';
import { concat, reshape, split, transpose } from '../../graph/movement.js';
import { batchMatMul, gemm } from '../../graph/products.js';
import type { LayerLowering } from './layer-lowering.js';

/**
 * Self-attention of [steps, width]: query, key and value in one product, softmax(q·kᵀ/√d)·v for each head, one product
 * back to the width. Kernels are [width, heads, d] and [heads, d, width] as Keras keeps them.
 * Source: Vaswani et al., Attention Is All You Need, 2017.
 */
export const multiHeadAttention: LayerLowering = (g, layer, [input], { weights }) => {
  const { num_heads: heads, key_dim: size } = layer.config as Record<string, number>;
  const [rows, steps, width] = input!.shape as readonly [number, number, number];
  const inner = heads! * size!;
  const parts = ['query', 'key', 'value'];
  const kernels = parts.map((part) => reshape(g, weights[`${part}_kernel`]!, [width, inner]));
  const biases = parts.flatMap((part) => {
    const bias = weights[`${part}_bias`];
    return bias ? [reshape(g, bias, [inner])] : [];
  });
  const flat = reshape(g, input!, [rows * steps, width]);
  const projected = gemm(g, flat, concat(g, kernels, 1), biases.length > 0 ? concat(g, biases, 0) : null);
  const [query, key, value] = split(g, reshape(g, projected, [rows, steps, 3 * inner]), 2, [inner, inner, inner]).map(
    (part): SymbolicTensor => transpose(g, reshape(g, part, [rows, steps, heads!, size!]), [0, 2, 1, 3]),
  );
  const scores = multiply(g, batchMatMul(g, query!, key!, { b: true }), 1 / Math.sqrt(size!));
  const mixed = transpose(g, batchMatMul(g, softmax(g, scores), value!), [0, 2, 1, 3]);
  const joined = reshape(g, mixed, [rows * steps, inner]);
  const kernel = reshape(g, weights['output_kernel']!, [inner, width]);
  return reshape(g, gemm(g, joined, kernel, weights['output_bias'] ?? null), input!.shape);
};
