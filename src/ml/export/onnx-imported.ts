import type { ModelState } from '../algorithms/algorithm.js';
import { readImportedUse } from '../algorithms/imported/imported-facts.js';
import { add, divide, multiply, subtract } from '../engine/graph/elementwise.js';
import type { Initialiser } from '../engine/graph/graph-builder.js';
import { reshape, transpose } from '../engine/graph/movement.js';
import { lowerNetwork } from '../engine/onnx/lower-network.js';
import type { NetworkArchitecture } from '../engine/network.js';
import { networkGraph } from '../engine/network-graph.js';
import type { BatchedBuild } from './free-batch.js';
import { networkWeightsOf } from './network-weights.js';

/**
 * A network that was imported, between the same ends as every other model's: from `window` [rows, lookBack, columns] to
 * the forecast [rows, horizon, targets], both in scaled units. The columns of each part are gathered, put into the units
 * and the order of the file, and run as rows of their own; what it makes is put back.
 */
export function importedForecast(state: ModelState, architecture: NetworkArchitecture): BatchedBuild {
  const network = networkGraph(architecture);
  const weights = networkWeightsOf(state);
  const { layout, parts, outputs } = readImportedUse(state);
  const { lookBack, horizon } = state;
  const [count, width] = [parts.length, parts[0]!.columns.length];
  const each = layout.columns === 'all' ? state.targets.length : 1;
  return (g, rows) => {
    const window = g.input('window', [rows, lookBack, state.inputs.length]);
    const initialisers = network.layers.flatMap((layer) =>
      layer.weights.map(({ name, shape }): Initialiser => {
        const { data } = weights[layer.name]![name]!;
        return { name: `${layer.name}/${name}`, shape, type: g.precision, values: data };
      }),
    );
    const columns = parts.flatMap((part) => part.columns);
    const gathered = g.emit('Gather', [window, g.integers(columns)], [rows, lookBack, columns.length], {
      axis: { int: 2 },
    });
    const constant = (values: readonly number[]) => g.constant([...values], [values.length]);
    const inUnits = add(
      g,
      multiply(g, gathered, constant(parts.flatMap(({ ranges }) => ranges))),
      constant(parts.flatMap(({ offsets }) => offsets)),
    );
    const byPart = transpose(
      g,
      reshape(g, inUnits, [rows, lookBack, count, width]),
      layout.inputOrder === 'rows-columns' ? [0, 2, 1, 3] : [0, 2, 3, 1],
    );
    const output = lowerNetwork(g, network, {
      inputs: [reshape(g, byPart, [rows * count, ...layout.inputShape])],
      weights: Object.fromEntries(initialisers.map((initialiser) => [initialiser.name, initialiser])),
      masks: {},
    });
    const made =
      layout.outputOrder === 'steps-targets'
        ? transpose(g, reshape(g, output, [rows, count, horizon, each]), [0, 2, 1, 3])
        : transpose(g, reshape(g, output, [rows, count, each, horizon]), [0, 3, 1, 2]);
    const forecast = divide(
      g,
      subtract(g, reshape(g, made, [rows, horizon, state.targets.length]), constant(outputs.offsets)),
      constant(outputs.ranges.map((range) => (range === 0 ? Infinity : range))),
    );
    return { inputs: [window], weights: initialisers, outputs: { forecast } };
  };
}
