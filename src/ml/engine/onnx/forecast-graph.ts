import { GraphBuilder, liveNodes, sizeOf } from '../graph/graph-builder.js';
import type { NetworkGraph } from '../network-graph.js';
import type { NetworkWeights } from '../network.js';
import { lowerNetwork } from './lower-network.js';
import { encodeOnnxModel } from './onnx-model.js';

/**
 * Rows computed at once. The numbers of a row must not depend on the rows beside it, so every product has the same
 * extents whatever the number of rows asked for; a multiple of the widest vector keeps the kernels' remainder code,
 * whose last bits may differ, out of the way.
 */
export const BLOCK_ROWS = 32;

/**
 * Compiles the forward pass: a `Scan` over blocks of rows. Inputs `input{n}` [blocks, rows, …shape] and the weights by
 * their path; output `output` [blocks, rows, size]. With `constants` the weights are part of the model instead, which
 * the runtime packs once: for models that are served.
 */
export function compileForecast(network: NetworkGraph, constants: NetworkWeights | null): Uint8Array {
  const g = new GraphBuilder();
  const inputs = network.inputs.map(({ shape }, n) => g.input(`input${n}@block`, [BLOCK_ROWS, ...shape]));
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
  const size = sizeOf(values.shape) / BLOCK_ROWS;
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
      { name: 'shape', shape: [3], type: 'int64', values: BigInt64Array.from([-1n, BigInt(BLOCK_ROWS), BigInt(size)]) },
    ],
    inputs: [
      ...network.inputs.map(({ shape }, n) => ({
        name: `input${n}`,
        shape: ['blocks', BLOCK_ROWS, ...shape],
        type: g.precision,
      })),
      ...(constants ? [] : weights.map(([, tensor]) => tensor)),
    ],
    outputs: [{ name: 'output', shape: ['blocks', BLOCK_ROWS, size], type: g.precision }],
  });
}
