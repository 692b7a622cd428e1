import type { GraphBuilder, SymbolicTensor } from '../../graph/graph-builder.js';
import { add, multiply, sigmoid, subtract, tanh } from '../../graph/elementwise.js';
import { concat, reshape, split, transpose } from '../../graph/movement.js';
import { gemm } from '../../graph/products.js';
import { canFuse, fusedGru } from './fused-recurrent.js';
import type { LayerLowering } from './layer-lowering.js';
import { recurrentShape, runCell, type RecurrentShape, type RecurrentCell } from './recurrent.js';

/**
 * GRU with the reset after the product (Keras' `reset_after`, and cuDNN's form). Blocks r, z, a, q of W·[h; x; 1], where
 * a = Uₙh + cₙ and q = Wₙx + bₙ; Keras' order is z, r, n.
 *
 *   r, z = σ;  n = tanh(q + r∘a);  h′ = n + z∘(h − n)
 *
 * On the way back dz = K∘dh in each block, with κ = (1 − z)∘(1 − n²) and
 * K = [κ∘a∘r∘(1 − r); z∘(1 − z)∘(h − n); κ∘r; κ]; h gets dh∘z besides.
 * Source: Cho et al., EMNLP 2014.
 */
export const gru: LayerLowering = (g, layer, [input], { weights }) => {
  if (layer.config['reset_after'] !== true) throw new Error(`${layer.name}: a GRU resets after the product here`);
  const shape = recurrentShape(layer, input!);
  if (canFuse(g, input!, weights)) return fusedGru(g, layer, input!, shape, weights);
  return runCell(g, layer, input!, shape, gruCell(g, shape, weights));
};

function gruCell(
  g: GraphBuilder,
  { width, units, rows }: RecurrentShape,
  weights: Readonly<Record<string, SymbolicTensor>>,
): RecurrentCell {
  const { kernel, recurrent_kernel: recurrent, bias } = weights as Record<string, SymbolicTensor>;
  const zeros = (count: number): SymbolicTensor => g.constant(0, [count, units]);
  const gates = (matrix: SymbolicTensor): readonly SymbolicTensor[] => split(g, matrix, 1, [units, units, units]);
  /** Rows of W transposed: what one source, h or x or the ones, gives to r, z, a and q. */
  const rowsOf = (matrix: SymbolicTensor, isHidden: boolean): SymbolicTensor => {
    const [z, r, n] = gates(matrix);
    const none = zeros(matrix.shape[0]!);
    return concat(g, isHidden ? [r!, z!, n!, none] : [r!, z!, none, n!], 1);
  };
  const matrix = g.withoutRecording(() => {
    const sources = [rowsOf(recurrent!, true), rowsOf(kernel!, false)];
    if (bias) {
      const [ofInput, ofHidden] = split(g, bias, 0, [1, 1]);
      sources.push(add(g, rowsOf(ofInput!, false), rowsOf(ofHidden!, true)));
    } else {
      sources.push(g.constant(0, [1, 4 * units]));
    }
    return transpose(g, concat(g, sources, 0), [1, 0]);
  });
  /** From rows of the gradient of Wᵀ, in blocks r, z, a, q, to Keras' columns z, r, n. */
  const columnsOf = (block: SymbolicTensor, isHidden: boolean): SymbolicTensor => {
    const [r, z, a, q] = split(g, block, 1, [units, units, units, units]);
    return concat(g, [z!, r!, isHidden ? a! : q!], 1);
  };
  return {
    matrix,
    stateCount: 1,
    forward([h], input) {
      const joined = concat(g, [h!, input], 0);
      const [rz, a, q] = split(g, gemm(g, matrix, joined), 0, [2 * units, units, units]);
      const [r, z] = split(g, sigmoid(g, rz!), 0, [units, units]);
      const reset = multiply(g, r!, a!);
      const n = tanh(g, add(g, q!, reset));
      const moved = multiply(g, z!, subtract(g, h!, n));
      const hidden = add(g, n, moved);
      const open = subtract(g, 1, z!);
      const kappa = subtract(g, open, multiply(g, open, multiply(g, n, n)));
      const ofReset = multiply(g, kappa, reset);
      const factors = concat(
        g,
        [subtract(g, ofReset, multiply(g, ofReset, r!)), multiply(g, moved, open), multiply(g, kappa, r!), kappa],
        0,
      );
      return { states: [hidden], kept: [joined, factors, z!] };
    },
    backward([dh], [joined, factors, z]) {
      const byBlock = reshape(g, factors!, [4, units, rows]);
      const gates = reshape(g, multiply(g, byBlock, dh!), [4 * units, rows]);
      return { states: [multiply(g, dh!, z!)], gates, joined: joined! };
    },
    weights: bias ? [recurrent!, kernel!, bias] : [recurrent!, kernel!],
    weightGradients(ofMatrix) {
      const [ofHidden, ofInput, ofOnes] = split(g, ofMatrix, 0, [units, width, 1]);
      const gradients = [columnsOf(ofHidden!, true), columnsOf(ofInput!, false)];
      return bias ? [...gradients, concat(g, [columnsOf(ofOnes!, false), columnsOf(ofOnes!, true)], 0)] : gradients;
    },
  };
}
