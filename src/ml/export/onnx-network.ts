import type { ModelState } from '../algorithms/algorithm.js';
import { readLoss } from '../algorithms/neural/loss-parameters.js';
import { readLayout, type SampleLayout } from '../algorithms/neural/sample-layout.js';
import { add, multiply } from '../engine/graph/elementwise.js';
import type { GraphBuilder, Initialiser, SymbolicTensor } from '../engine/graph/graph-builder.js';
import { reshape, transpose } from '../engine/graph/movement.js';
import type { NetworkArchitecture } from '../engine/network.js';
import { networkGraph } from '../engine/network-graph.js';
import { outputsPerTarget } from '../engine/training-setup.js';
import { lowerNetwork } from '../engine/onnx/lower-network.js';
import type { BatchedGraph } from './free-batch.js';
import { networkWeightsOf } from './network-weights.js';

/**
 * Networks that read covariates at the forecast rows, or give quantiles or a distribution, are not written as a graph:
 * those of point forecasts and of directions are.
 */
export function isGraphNetwork(state: ModelState): boolean {
  return readLayout(state).known === 0 && (state.task === 'direction' || outputsPerTarget(readLoss(state)) === 1);
}

/**
 * A network's state as a graph from `window` [rows, lookBack, columns] to the forecast [rows, horizon, targets], or to
 * the probabilities of directions [rows, horizon, targets, 3]. Where one
 * network serves all assets, the columns of each are gathered, run as rows of their own, and joined again.
 */
export function networkForecast(
  state: ModelState,
  architecture: NetworkArchitecture,
): (g: GraphBuilder, rows: number) => BatchedGraph {
  const network = networkGraph(architecture);
  const weights = networkWeightsOf(state);
  const layout = readLayout(state);
  const { lookBack, horizon } = state;
  const parts = layout.parts.length;
  return (g, rows) => {
    const window = g.input('window', [rows, lookBack, state.inputs.length]);
    const initialisers = network.layers.flatMap((layer) =>
      layer.weights.map(({ name, shape }): Initialiser => {
        const { data } = weights[layer.name]![name]!;
        return { name: `${layer.name}/${name}`, shape, type: g.precision, values: data };
      }),
    );
    const output = lowerNetwork(g, network, {
      inputs: [layout.channels === 'shared' ? ofParts(g, window, layout) : window],
      weights: Object.fromEntries(initialisers.map((initialiser) => [initialiser.name, initialiser])),
      masks: {},
    });
    const each = state.task === 'direction' ? [outputsPerTarget(readLoss(state))] : [];
    const forecast =
      layout.channels === 'shared'
        ? transpose(g, reshape(g, output, [rows, parts, horizon, ...each]), [0, 2, 1, ...each.map(() => 3)])
        : reshape(g, output, [rows, horizon, state.targets.length, ...each]);
    return { inputs: [window], weights: initialisers, output: forecast };
  };
}

/** [rows, lookBack, columns] as [rows · parts, lookBack, columns of a part], the own series of each in target units. */
function ofParts(g: GraphBuilder, window: SymbolicTensor, { parts }: SampleLayout): SymbolicTensor {
  const [rows, lookBack] = window.shape as readonly [number, number];
  const width = parts[0]!.columns.length;
  const columns = parts.flatMap((part) => part.columns);
  const shape = [rows, lookBack, columns.length];
  const gathered = g.emit('Gather', [window, g.integers(columns)], shape, { axis: { int: 2 } });
  const perColumn = (of: (part: SampleLayout['parts'][number]) => number, others: number): SymbolicTensor =>
    g.constant(
      parts.flatMap((part) => part.columns.map((_, position) => (position === 0 ? of(part) : others))),
      [columns.length],
    );
  const scaled = add(
    g,
    multiply(
      g,
      gathered,
      perColumn(({ slope }) => slope, 1),
    ),
    perColumn(({ intercept }) => intercept, 0),
  );
  const byPart = transpose(g, reshape(g, scaled, [rows, lookBack, parts.length, width]), [0, 2, 1, 3]);
  return reshape(g, byPart, [rows * parts.length, lookBack, width]);
}
