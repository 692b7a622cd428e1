import type { GraphBuilder, SymbolicTensor } from '../../graph/graph-builder.js';
import { concat, reshape, slice, transpose } from '../../graph/movement.js';
import { scan, type ScanResult } from '../../graph/scan.js';
import type { GraphLayer } from '../../network-graph.js';

/**
 * What recurrent layers share. Inside they are feature-major: a step is [features, rows], so that one product
 * W·[h; x; 1] gives all gates, the bias folded in as a row of ones, and a gate is a contiguous block of rows. A `Scan`
 * repeats the cell over time, and a second one, backwards, is its gradient, written by hand: a few dozen nodes in all,
 * whatever the number of steps.
 */
export interface RecurrentShape {
  readonly rows: number;
  readonly steps: number;
  readonly width: number;
  readonly units: number;
}

/** x [rows, steps, width] as [steps, width + 1, rows] with a row of ones. */
export function stepInputs(g: GraphBuilder, x: SymbolicTensor, { rows, steps }: RecurrentShape): SymbolicTensor {
  return concat(g, [transpose(g, x, [1, 2, 0]), g.constant(1, [steps, 1, rows])], 1);
}

export function recurrentShape(layer: GraphLayer, input: SymbolicTensor): RecurrentShape {
  const { config, name } = layer;
  if (config['activation'] !== 'tanh' || config['recurrent_activation'] !== 'sigmoid') {
    throw new Error(`${name}: a recurrent layer has activations tanh and sigmoid here`);
  }
  if (config['dropout'] !== 0 || config['recurrent_dropout'] !== 0) {
    throw new Error(`${name}: dropout inside a recurrent layer is not supported; use a Dropout layer`);
  }
  // Keras gives such states in the order in which they were made; those of a wrapped layer stand at their own steps.
  if (layer.type !== 'Bidirectional' && config['go_backwards'] === true && config['return_sequences'] === true) {
    throw new Error(`${name}: a recurrent layer that goes backwards gives its last state only`);
  }
  const [rows, steps, width] = input.shape as readonly [number, number, number];
  return { rows, steps, width, units: config['units'] as number };
}

/** One step forward: the new states, h first, and what the way back needs. */
export type CellForward = (
  states: readonly SymbolicTensor[],
  input: SymbolicTensor,
) => { readonly states: readonly SymbolicTensor[]; readonly kept: readonly SymbolicTensor[] };

/**
 * One step back, from the gradients of the states after it: those of the states before it, the first null where h gets
 * nothing but what passes through the gates; those of the gates before their functions, [gates, rows]; and the
 * [h; x; 1] of the step.
 */
export type CellBackward = (
  states: readonly SymbolicTensor[],
  kept: readonly SymbolicTensor[],
) => {
  readonly states: readonly (SymbolicTensor | null)[];
  readonly gates: SymbolicTensor;
  readonly joined: SymbolicTensor;
};

export interface RecurrentCell {
  /** [gates, units + width + 1]: acts on [h; x; 1]. */
  readonly matrix: SymbolicTensor;
  readonly stateCount: number;
  readonly forward: CellForward;
  readonly backward: CellBackward;
  /** The weights of the layer, and their gradients from that of `matrix` transposed, [units + width + 1, gates]. */
  readonly weights: readonly SymbolicTensor[];
  weightGradients(ofMatrix: SymbolicTensor): readonly SymbolicTensor[];
}

/** Runs a cell over [rows, steps, width]: [rows, units] after the last step, or [rows, steps, units] with sequences. */
export function runCell(
  g: GraphBuilder,
  layer: GraphLayer,
  x: SymbolicTensor,
  shape: RecurrentShape,
  cell: RecurrentCell,
): SymbolicTensor {
  const { rows, width, units } = shape;
  const sequences = layer.config['return_sequences'] === true;
  const reverse = layer.config['go_backwards'] === true;
  const zero = g.constant(0, [units, rows]);
  const { inputs, run } = g.withoutRecording(() => {
    const inputs = stepInputs(g, x, shape);
    const initial = Array.from({ length: cell.stateCount }, () => zero);
    const run: ScanResult = scan(
      g,
      initial,
      [inputs],
      (states, [input]) => {
        const step = cell.forward(states, input!);
        return { states: step.states, collected: sequences ? [...step.kept, step.states[0]!] : step.kept };
      },
      reverse ? 'backward' : 'forward',
    );
    return { inputs, run };
  });
  const kept = sequences ? run.collected.slice(0, -1) : run.collected;
  const hidden = sequences ? run.collected[run.collected.length - 1]! : run.states[0]!;
  const wantsInput = g.isDifferentiable(x);

  // The gradient of x is asked for in the layout in which the steps see it.
  const moved = wantsInput ? transpose(g, x, [1, 2, 0]) : inputs;
  g.record([moved, ...cell.weights], [hidden], ([dHidden]) => {
    const gates = cell.matrix.shape[0]!;
    const joined = units + width + 1;
    let result: { readonly weights: readonly SymbolicTensor[]; readonly input: SymbolicTensor | null } | null = null;
    const compute = (): NonNullable<typeof result> => {
      const flipped = transpose(g, slice(g, cell.matrix, 1, 0, wantsInput ? units + width : units), [1, 0]);
      const back = scan(
        g,
        [
          sequences ? zero : dHidden!,
          ...Array.from({ length: cell.stateCount - 1 }, () => zero),
          g.constant(0, [gates, joined]),
        ],
        [...kept, ...(sequences ? [dHidden!] : [])],
        (states, slices) => {
          const [h, ...others] = states.slice(0, cell.stateCount);
          const total = sequences ? g.emit('Add', [h!, slices[slices.length - 1]!], h!.shape) : h!;
          const step = cell.backward([total, ...others], slices.slice(0, kept.length));
          const passed = step.states[0] ?? null;
          const { dh, dx } = throughGates(g, flipped, step.gates, passed, wantsInput ? shape : null);
          const accumulated = states[cell.stateCount]!;
          const dMatrix = g.emit('Gemm', [step.gates, step.joined, accumulated], accumulated.shape, {
            transB: { int: 1 },
          });
          return {
            states: [dh, ...step.states.slice(1).map((state) => state!), dMatrix],
            collected: dx ? [dx] : [],
          };
        },
        reverse ? 'forward' : 'backward',
      );
      const ofMatrix = transpose(g, back.states[cell.stateCount]!, [1, 0]);
      return { weights: cell.weightGradients(ofMatrix), input: back.collected[0] ?? null };
    };
    const once = (): NonNullable<typeof result> => (result ??= compute());
    return [wantsInput ? () => once().input! : null, ...cell.weights.map((_, n) => () => once().weights[n]!)];
  });
  return sequences ? transpose(g, hidden, [2, 0, 1]) : transpose(g, hidden, [1, 0]);
}

/** What the gates pass back to h, and to x where that is wanted, in one product. */
function throughGates(
  g: GraphBuilder,
  flipped: SymbolicTensor,
  gates: SymbolicTensor,
  passed: SymbolicTensor | null,
  wanted: RecurrentShape | null,
): { readonly dh: SymbolicTensor; readonly dx: SymbolicTensor | null } {
  const rows = gates.shape[1]!;
  const shape = [flipped.shape[0]!, rows];
  if (!wanted) {
    return { dh: g.emit('Gemm', passed ? [flipped, gates, passed] : [flipped, gates], shape), dx: null };
  }
  const { units, width } = wanted;
  const both = g.emit('Gemm', [flipped, gates], shape);
  const [dh, dx] = g.emitAll(
    'Split',
    [both, g.integers([units, width])],
    [
      [units, rows],
      [width, rows],
    ],
    {
      axis: { int: 0 },
    },
  );
  return { dh: passed ? g.emit('Add', [dh!, passed], dh!.shape) : dh!, dx: dx! };
}

/** A bias vector as one row of a matrix. */
export const asRow = (g: GraphBuilder, vector: SymbolicTensor): SymbolicTensor =>
  reshape(g, vector, [1, vector.shape[0]!]);
