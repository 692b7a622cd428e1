import { initialWeights } from '#src/ml/engine/initial-weights.js';
import { checkWeights, networkGraph } from '#src/ml/engine/network-graph.js';
import type { NetworkArchitecture, NetworkLayer } from '#src/ml/engine/network.js';
import { createRandom } from '#src/ml/engine/random.js';

function architecture(...layers: NetworkLayer[]): NetworkArchitecture {
  return { name: 'net', inputs: [{ name: 'x', shape: [4, 3] }], layers, outputs: [layers.at(-1)!.name] };
}
const lstm: NetworkLayer = { type: 'LSTM', name: 'encoder', config: { units: 5 } };
const head: NetworkLayer = { type: 'Dense', name: 'head', config: { units: 6 } };

test('shapes and weights of each layer follow from the input', () => {
  const graph = networkGraph(
    architecture(
      { type: 'LSTM', name: 'first', config: { units: 7, return_sequences: true } },
      { type: 'Dropout', name: 'drop', config: { rate: 0.2 } },
      lstm,
      head,
      { type: 'Reshape', name: 'steps', config: { target_shape: [3, 2] } },
    ),
  );
  expect(graph.layers.map((layer) => layer.outputShape)).toEqual([[4, 7], [4, 7], [5], [6], [3, 2]]);
  expect(graph.layers[2]!.weights).toEqual([
    { name: 'kernel', shape: [7, 20] },
    { name: 'recurrent_kernel', shape: [5, 20] },
    { name: 'bias', shape: [20] },
  ]);
  expect(graph.layers[2]!.config).toMatchObject({ activation: 'tanh', return_sequences: false, use_bias: true });
});

test.each([
  ['an unknown layer', [{ type: 'Attention', name: 'a', config: {} }], 'layer a is a Attention; known are Dense, LSTM'],
  ['a missing field', [{ type: 'Dense', name: 'a', config: {} }], 'Dense needs the field units'],
  ['a misspelt field', [{ type: 'Dense', name: 'a', config: { unit: 3 } }], 'Dense has no field unit'],
  ['a name twice', [lstm, lstm], 'two layers are named encoder'],
  ['a name with a slash', [{ ...lstm, name: 'a/b' }], '"a/b" is no layer name'],
  [
    'a source that is not there',
    [{ ...lstm, from: ['y'] }],
    'layer encoder reads y, which no layer before it is named',
  ],
  [
    'a shape that does not fit',
    [{ type: 'Reshape', name: 'r', config: { target_shape: [5] } }],
    '[4,3] cannot be reshaped to [5]',
  ],
  [
    'unequal shapes',
    [lstm, { type: 'Add', name: 'sum', config: {}, from: ['x', 'encoder'] }],
    'Add sum merges shapes [4,3] and [5]',
  ],
] as [string, NetworkLayer[], string][])('%s is refused', (_name, layers, message) => {
  expect(() => networkGraph(architecture(...layers))).toThrow(message);
});

test("start values lie within the Glorot limit, biases are 0 and the forget gate's 1", () => {
  const graph = networkGraph(architecture(lstm, head));
  const weights = initialWeights(graph, createRandom(1));
  const kernel = weights['encoder']!['kernel']!.data;
  const limit = Math.sqrt(6 / (3 + 20));
  expect(Math.max(...kernel.map(Math.abs))).toBeLessThanOrEqual(limit);
  expect(Math.max(...kernel.map(Math.abs))).toBeGreaterThan(0.8 * limit);
  expect([...weights['encoder']!['bias']!.data]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...weights['head']!['bias']!.data]).toEqual([0, 0, 0, 0, 0, 0]);
  expect(initialWeights(graph, createRandom(1))).toEqual(weights);
  expect(initialWeights(graph, createRandom(2))).not.toEqual(weights);
});

test('weights that do not fit are refused by name', () => {
  const graph = networkGraph(architecture(lstm, head));
  const weights = initialWeights(graph, createRandom(1));
  const withHead = (head: object): never => ({ ...weights, head: { ...weights['head'], ...head } }) as never;
  expect(() => checkWeights(graph, { encoder: weights['encoder']! })).toThrow('head: weight kernel is missing');
  expect(() => checkWeights(graph, withHead({ bias: { shape: [5], data: new Float32Array(5) } }))).toThrow(
    'head: weight bias has shape [5], not [6]',
  );
  expect(() => checkWeights(graph, withHead({ bias: { shape: [6], data: new Float32Array(6).fill(NaN) } }))).toThrow(
    'head: weight bias is not finite',
  );
  expect(() => checkWeights(graph, withHead({ gamma: { shape: [1], data: new Float32Array(1) } }))).toThrow(
    'head has no weight gamma',
  );
});
