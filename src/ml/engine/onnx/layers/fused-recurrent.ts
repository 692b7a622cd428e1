import type { GraphBuilder, SymbolicTensor } from '../../graph/graph-builder.js';
import { concat, reshape, split, transpose } from '../../graph/movement.js';
import type { GraphLayer } from '../../network-graph.js';
import { asRow, type RecurrentShape } from './recurrent.js';

type Weights = Readonly<Record<string, SymbolicTensor>>;

/**
 * Where nothing is learned, ONNX' own recurrent operators compute a layer: all steps in one call, a half to a seventh of
 * the time of a `Scan` over them. They have no gradient, and the runtime has them in single precision only.
 */
export function canFuse(g: GraphBuilder, x: SymbolicTensor, weights: Weights): boolean {
  return g.precision === 'float32' && ![x, ...Object.values(weights)].some((tensor) => g.isDifferentiable(tensor));
}

/** Keras' gates i, f, c, o in ONNX' order i, o, f, c. */
export function fusedLstm(g: GraphBuilder, layer: GraphLayer, x: SymbolicTensor, shape: RecurrentShape, own: Weights) {
  const { units } = shape;
  const gates = (matrix: SymbolicTensor): SymbolicTensor => {
    const [i, f, c, o] = split(g, matrix, 1, [units, units, units, units]);
    return concat(g, [i!, o!, f!, c!], 1);
  };
  const { kernel, recurrent_kernel: recurrent, bias } = own as Record<string, SymbolicTensor>;
  const biases = bias && [gates(asRow(g, bias)), g.constant(0, [1, 4 * units])];
  return fused(g, 'LSTM', layer, x, shape, { kernel: gates(kernel!), recurrent: gates(recurrent!), biases });
}

/** Keras' gates z, r, n are in ONNX' order. */
export function fusedGru(g: GraphBuilder, layer: GraphLayer, x: SymbolicTensor, shape: RecurrentShape, own: Weights) {
  const { kernel, recurrent_kernel: recurrent, bias } = own as Record<string, SymbolicTensor>;
  const biases = bias && split(g, bias, 0, [1, 1]);
  const options = { linear_before_reset: { int: 1 } };
  return fused(g, 'GRU', layer, x, shape, { kernel: kernel!, recurrent: recurrent!, biases }, options);
}

/** Weights in Keras' layout [width or units, gates], biases [1, gates] of input and state. */
function fused(
  g: GraphBuilder,
  operator: 'LSTM' | 'GRU',
  { config }: GraphLayer,
  x: SymbolicTensor,
  { rows, steps, units }: RecurrentShape,
  weights: {
    readonly kernel: SymbolicTensor;
    readonly recurrent: SymbolicTensor;
    readonly biases: readonly SymbolicTensor[] | undefined;
  },
  options: Readonly<Record<string, { readonly int: number }>> = {},
): SymbolicTensor {
  const oneDirection = (matrix: SymbolicTensor): SymbolicTensor => {
    const turned = transpose(g, matrix, [1, 0]);
    return reshape(g, turned, [1, ...turned.shape]);
  };
  const [sequence, last] = g.emitAll(
    operator,
    [
      transpose(g, x, [1, 0, 2]),
      oneDirection(weights.kernel),
      oneDirection(weights.recurrent),
      ...(weights.biases ? [concat(g, weights.biases, 1)] : []),
    ],
    [
      [steps, 1, rows, units],
      [1, rows, units],
    ],
    {
      hidden_size: { int: units },
      direction: { text: config['go_backwards'] === true ? 'reverse' : 'forward' },
      ...options,
    },
  );
  if (config['return_sequences'] !== true) return reshape(g, last!, [rows, units]);
  return transpose(g, reshape(g, sequence!, [steps, rows, units]), [1, 0, 2]);
}
