import type { GraphBuilder, SymbolicTensor } from '../../graph/graph-builder.js';
import { add, multiply, sigmoid, subtract, tanh } from '../../graph/elementwise.js';
import { concat, reshape, split, transpose } from '../../graph/movement.js';
import { gemm } from '../../graph/products.js';
import { canFuse, fusedLstm } from './fused-recurrent.js';
import type { LayerLowering } from './layer-lowering.js';
import { asRow, recurrentShape, runCell, type RecurrentShape, type RecurrentCell } from './recurrent.js';

/**
 * LSTM with forget gate. Gates are kept in the order i, f, o, u; Keras' order is i, f, u (its c), o. The rows of u carry
 * a factor of 2, so that one sigmoid serves all gates: tanh z = 2σ(2z) − 1.
 *
 *   s = σ(W·[h; x; 1]);  c′ = f∘c + i∘(2u − 1);  τ = tanh c′;  h′ = o∘τ
 *
 * On the way back, with dh and dc the gradients of h′ and c′:
 *
 *   d = dh∘(o − h′∘τ) + dc;  dz = [d; d; dh; d] ∘ (P − P∘s), P = [i∘(2u − 1); f∘c; h′; 2i∘u];  dc ← d∘f
 *
 * which needs of the forward pass only A = o − h′∘τ, K = P − P∘s and f.
 */
export const lstm: LayerLowering = (g, layer, [input], { weights }) => {
  const shape = recurrentShape(layer, input!);
  if (canFuse(g, input!, weights)) return fusedLstm(g, layer, input!, shape, weights);
  return runCell(g, layer, input!, shape, lstmCell(g, shape, weights));
};

export function lstmCell(
  g: GraphBuilder,
  { width, units }: RecurrentShape,
  weights: Readonly<Record<string, SymbolicTensor>>,
): RecurrentCell {
  const { kernel, recurrent_kernel: recurrent, bias } = weights as Record<string, SymbolicTensor>;
  const blocks = [units, units, units, units];
  /** Keras' order of gates to ours and back: an exchange of the last two. */
  const reorder = (columns: SymbolicTensor): SymbolicTensor => {
    const [i, f, third, fourth] = split(g, columns, 1, blocks);
    return concat(g, [i!, f!, fourth!, third!], 1);
  };
  const scale = g.constant(
    Float32Array.from({ length: 4 * units }, (_, n) => (n < 3 * units ? 1 : 2)),
    [1, 4 * units],
  );
  const matrix = g.withoutRecording(() => {
    const biasRow = bias ? asRow(g, bias) : g.constant(0, [1, 4 * units]);
    return transpose(g, multiply(g, reorder(concat(g, [recurrent!, kernel!, biasRow], 0)), scale), [1, 0]);
  });
  return {
    matrix,
    stateCount: 2,
    forward([h, c], input) {
      const joined = concat(g, [h!, input], 0);
      const s = sigmoid(g, gemm(g, matrix, joined));
      const [i, f, o, u] = split(g, s, 0, blocks);
      const twice = multiply(g, add(g, i!, i!), u!);
      const written = subtract(g, twice, i!);
      const kept = multiply(g, f!, c!);
      const cell = add(g, kept, written);
      const squashed = tanh(g, cell);
      const hidden = multiply(g, o!, squashed);
      const slope = subtract(g, o!, multiply(g, hidden, squashed));
      const parts = concat(g, [written, kept, hidden, twice], 0);
      const factors = subtract(g, parts, multiply(g, parts, s));
      return { states: [hidden, cell], kept: [joined, slope, factors, f!] };
    },
    backward([dh, dc], [joined, slope, factors, f]) {
      const d = add(g, multiply(g, dh!, slope!), dc!);
      const gates = multiply(g, concat(g, [d, d, dh!, d], 0), factors!);
      return { states: [null, multiply(g, d, f!)], gates, joined: joined! };
    },
    weights: bias ? [recurrent!, kernel!, bias] : [recurrent!, kernel!],
    weightGradients(ofMatrix) {
      const scaled = reorder(multiply(g, ofMatrix, scale));
      const [ofRecurrent, ofKernel, ofBias] = split(g, scaled, 0, [units, width, 1]);
      const gradients = [ofRecurrent!, ofKernel!];
      return bias ? [...gradients, reshape(g, ofBias!, [4 * units])] : gradients;
    },
  };
}
