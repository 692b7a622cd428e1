import { GraphBuilder, liveNodes, sizeOf } from '../graph/graph-builder.js';
import type { NetworkGraph } from '../network-graph.js';
import type { NetworkWeights } from '../network.js';
import { lowerNetwork } from './lower-network.js';
import { encodeOnnxModel } from './onnx-model.js';

/**
 * Rows computed at once. The numbers of a row must not depend on the rows beside it, so every product has the same
 * extents whatever the number of rows asked for; a multiple of the widest vector keeps the kernels' remainder code,
 * whose last bits may differ, out of the way.
 *
 * A request asks for one row and pays for the block. Dense layers take a block of 32 in the time of one of 8, nearly;
 * recurrent ones, a product for each step, take three times as long (LSTM 32, 30 steps: 0.61 and 0.21 ms), and gain
 * little from it where there are many rows (19 and 26 µs a row).
 */
export function blockRows(network: NetworkGraph): number {
  return network.layers.some(({ type }) => RECURRENT.has(type)) ? 8 : 32;
}

const RECURRENT = new Set(['LSTM', 'GRU', 'Bidirectional']);

/**
 * Compiles the forward pass: a `Scan` over blocks of rows. Inputs `input{n}` [blocks, rows, …shape] and the weights by
 * their path; output `output` [blocks, rows, size]. With `constants` the weights are part of the model instead, which
 * the runtime packs once: for models that are served.
 */
export function compileForecast(network: NetworkGraph, constants: NetworkWeights | null): Uint8Array {
  const g = new GraphBuilder();
  const rows = blockRows(network);
  const inputs = network.inputs.map(({ shape }, n) => g.input(`input${n}@block`, [rows, ...shape]));
  const weights = network.layers.flatMap((layer) =>
    layer.weights.map(({ name, shape }) => {
      const path = `${layer.name}/${name}`;
      const tensor = constants ? g.constant(constants[layer.name]![name]!.data, shape) : g.input(path, shape);
      return [path, tensor] as const;
    }),
  );
  const values = lowerNetwork(g, network, { inputs, weights: Object.fromEntries(weights), masks: {} });
  // A network may end in a layer that does nothing here; a body must make what it gives.
  const output = g.emit('Identity', [values], values.shape);
  const size = sizeOf(values.shape) / rows;
  return encodeOnnxModel({
    name: network.name,
    nodes: [
      {
        operator: 'Scan',
        inputs: network.inputs.map((_, n) => `input${n}`),
        outputs: ['blocks'],
        attributes: {
          body: { graph: { nodes: liveNodes(g.nodes, [output]), inputs, outputs: [output] } },
          num_scan_inputs: { int: inputs.length },
        },
        captures: [],
      },
      { operator: 'Reshape', inputs: ['blocks', 'shape'], outputs: ['output'], attributes: {}, captures: [] },
    ],
    initialisers: [
      ...g.initialisers,
      { name: 'shape', shape: [3], type: 'int64', values: BigInt64Array.from([-1n, BigInt(rows), BigInt(size)]) },
    ],
    inputs: [
      ...network.inputs.map(({ shape }, n) => ({
        name: `input${n}`,
        shape: ['blocks', rows, ...shape],
        type: g.precision,
      })),
      ...(constants ? [] : weights.map(([, tensor]) => tensor)),
    ],
    outputs: [{ name: 'output', shape: ['blocks', rows, size], type: g.precision }],
  });
}
