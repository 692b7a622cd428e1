import { multiply, softmax } from '../../graph/elementwise.js';
import { concat, reshape, split, transpose } from '../../graph/movement.js';
import { batchMatMul, gemm } from '../../graph/products.js';
import type { LayerLowering } from './layer-lowering.js';

/**
 * Self-attention of [steps, width]: query, key and value in one product, softmax(q·kᵀ/√d)·v for each head, one product
 * back to the width. Kernels are [width, heads, d] and [heads, d, width] as Keras keeps them. Steps come last in between:
 * one turn of a matrix for all heads, where steps and heads in the order of the textbook take one for each of q, k and v.
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
  const columns = transpose(g, reshape(g, projected, [rows, steps, 3 * inner]), [0, 2, 1]);
  const ofHeads = reshape(g, columns, [rows, 3 * heads!, size!, steps]);
  const [query, key, value] = split(g, ofHeads, 1, [heads!, heads!, heads!]);
  const scores = multiply(g, batchMatMul(g, query!, key!, { a: true }), 1 / Math.sqrt(size!));
  const mixed = batchMatMul(g, value!, softmax(g, scores), { b: true });
  const joined = reshape(g, transpose(g, reshape(g, mixed, [rows, inner, steps]), [0, 2, 1]), [rows * steps, inner]);
  const kernel = reshape(g, weights['output_kernel']!, [inner, width]);
  return reshape(g, gemm(g, joined, kernel, weights['output_bias'] ?? null), input!.shape);
};
