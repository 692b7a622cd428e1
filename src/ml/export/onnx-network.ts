import type { ModelState } from '../algorithms/algorithm.js';
import { readLoss } from '../algorithms/neural/loss-parameters.js';
import { pointReader } from '../algorithms/neural/network-outputs.js';
import { readLayout, type SampleLayout } from '../algorithms/neural/sample-layout.js';
import { SMALLEST_DEVIATION } from '../engine/element-loss.js';
import { add, multiply, softplus } from '../engine/graph/elementwise.js';
import type { GraphBuilder, Initialiser, SymbolicTensor } from '../engine/graph/graph-builder.js';
import { concat, reshape, slice, transpose } from '../engine/graph/movement.js';
import { expand } from '../engine/graph/reductions.js';
import type { NetworkArchitecture } from '../engine/network.js';
import { networkGraph } from '../engine/network-graph.js';
import { lowerNetwork } from '../engine/onnx/lower-network.js';
import { outputsPerTarget, type LossSpecification } from '../engine/training-setup.js';
import type { BatchedBuild } from './free-batch.js';
import { networkWeightsOf } from './network-weights.js';
import { quantileOutputs } from './onnx-quantiles.js';

/**
 * A network's state as a graph from `window` [rows, lookBack, columns], and, where covariates are used, `known_future`
 * [rows, lookBack + horizon, covariates], to what its loss has taught it: `forecast` [rows, horizon, targets]; beside it
 * `quantiles` [rows, horizon, targets, levels], in order, or the parameters of a `distribution`
 * [rows, horizon, targets, parameters]; for directions `probabilities` [rows, horizon, targets, 3] alone. Where one network
 * serves all assets, the columns of each are gathered, run as rows of their own, and joined again.
 */
export function networkForecast(state: ModelState, architecture: NetworkArchitecture): BatchedBuild {
  const network = networkGraph(architecture);
  const weights = networkWeightsOf(state);
  const layout = readLayout(state);
  const loss = readLoss(state);
  const { lookBack, horizon } = state;
  const parts = layout.parts.length;
  const targets = state.targets.length;
  const each = outputsPerTarget(loss);
  return (g, rows) => {
    const window = g.input('window', [rows, lookBack, state.inputs.length]);
    const { known } = layout;
    const future = known > 0 ? g.input('known_future', [rows, lookBack + horizon, known]) : null;
    const initialisers = network.layers.flatMap((layer) =>
      layer.weights.map(({ name, shape }): Initialiser => {
        const { data } = weights[layer.name]![name]!;
        return { name: `${layer.name}/${name}`, shape, type: g.precision, values: data };
      }),
    );
    const own = layout.channels === 'shared' ? ofParts(g, window, layout) : window;
    const covariates = (from: number, to: number): SymbolicTensor => forParts(g, slice(g, future!, 1, from, to), parts);
    const output = lowerNetwork(g, network, {
      inputs:
        future === null
          ? [own]
          : [concat(g, [own, covariates(0, lookBack)], 2), covariates(lookBack, lookBack + horizon)],
      weights: Object.fromEntries(initialisers.map((initialiser) => [initialiser.name, initialiser])),
      masks: {},
    });
    const values =
      layout.channels === 'shared'
        ? transpose(g, reshape(g, output, [rows, parts, horizon, each]), [0, 2, 1, 3])
        : reshape(g, output, [rows, horizon, targets, each]);
    const inputs = future === null ? [window] : [window, future];
    return { inputs, weights: initialisers, outputs: meaningOf(g, loss, values) };
  };
}

/** The outputs of a file from the values that a network gives for each target and step. */
function meaningOf(
  g: GraphBuilder,
  loss: LossSpecification,
  values: SymbolicTensor,
): Readonly<Record<string, SymbolicTensor>> {
  const cells = values.shape.slice(0, 3);
  const raw = (at: number): SymbolicTensor => slice(g, values, 3, at, at + 1);
  const deviation = (at: number): SymbolicTensor => add(g, softplus(g, raw(at)), SMALLEST_DEVIATION);
  switch (loss.name) {
    case 'categorical-cross-entropy':
      return { probabilities: values };
    case 'quantile': {
      const point = pointReader(loss);
      return quantileOutputs(g, values, (quantiles) => point(Float32Array.from(quantiles), 0));
    }
    case 'gaussian':
      return { forecast: reshape(g, raw(0), cells), distribution: concat(g, [raw(0), deviation(1)], 3) };
    case 'student-t': {
      const freedom = add(g, softplus(g, raw(2)), 2);
      return { forecast: reshape(g, raw(0), cells), distribution: concat(g, [raw(0), deviation(1), freedom], 3) };
    }
    default:
      return { forecast: reshape(g, values, cells) };
  }
}

/** The names of the parameters of a distribution, in the order of the output `distribution`; null without one. */
export function distributionParameters(loss: LossSpecification): readonly string[] | null {
  if (loss.name === 'gaussian') return ['mean', 'standard deviation'];
  return loss.name === 'student-t' ? ['location', 'scale', 'degrees of freedom'] : null;
}

/** [rows, length, covariates] for each part of each row, [rows · parts, length, covariates]. */
function forParts(g: GraphBuilder, future: SymbolicTensor, parts: number): SymbolicTensor {
  const [rows, length, known] = future.shape as readonly [number, number, number];
  if (parts === 1) return future;
  const repeated = expand(g, reshape(g, future, [rows, 1, length, known]), [rows, parts, length, known]);
  return reshape(g, repeated, [rows * parts, length, known]);
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
