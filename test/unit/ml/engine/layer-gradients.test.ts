import { weightedLoss, weightScale } from '#src/ml/engine/onnx/losses.js';
import { lowerNetwork } from '#src/ml/engine/onnx/lower-network.js';
import { elementLoss } from '#src/ml/engine/element-loss.js';
import { sum } from '#src/ml/engine/graph/reductions.js';
import { multiply } from '#src/ml/engine/graph/elementwise.js';
import { reshape } from '#src/ml/engine/graph/movement.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import type { NetworkLayer } from '#src/ml/engine/network.js';
import { createRandom } from '#src/ml/engine/random.js';
import { outputsPerTarget, type LossSpecification } from '#src/ml/engine/training-setup.js';
import { gradientError, scalarWithGradients, type GivenTensor } from '../../../support/onnx-graph.js';

const random = createRandom(11);
const drawn = (size: number): Float64Array => Float64Array.from({ length: size }, () => random.normal());
const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

type Layers = readonly Omit<NetworkLayer, 'name'>[];

/** A network after a Dense layer, so that gradients of inputs are needed, as parameters of a scalar. */
async function networkGradientError(shape: readonly number[], layers: Layers): Promise<number> {
  const graph = networkGraph({
    name: 'net',
    inputs: [{ name: 'x', shape }],
    layers: layers.map((layer, n) => ({ ...layer, name: `layer${n}` })),
    outputs: [`layer${layers.length - 1}`],
  });
  const rows = 3;
  const paths = graph.layers.flatMap((layer) =>
    layer.weights.map(({ name, shape: extents }) => ({ path: `${layer.name}/${name}`, shape: extents })),
  );
  const given = paths.map(({ shape: extents }): GivenTensor => ({
    shape: extents,
    values: drawn(sizeOf(extents)).map((value) => 0.5 * value),
  }));
  const x = drawn(rows * sizeOf(shape));
  return gradientError((g, parameters) => {
    const output = lowerNetwork(g, graph, {
      inputs: [g.constant(x, [rows, ...shape])],
      weights: Object.fromEntries(paths.map(({ path }, n) => [path, parameters[n]!])),
      masks: {},
    });
    const flat = reshape(g, output, [sizeOf(output.shape)]);
    const weights = Float64Array.from({ length: sizeOf(output.shape) }, (_, n) => Math.cos(n));
    return sum(g, multiply(g, flat, g.constant(weights, flat.shape)));
  }, given);
}

const dense = { type: 'Dense', config: { units: 3 } };

test.each<[string, Layers]>([
  ['Dense', [dense, { type: 'Dense', config: { units: 2, activation: 'softplus' } }]],
  ['LSTM', [dense, { type: 'LSTM', config: { units: 4 } }]],
  ['LSTM, sequences', [dense, { type: 'LSTM', config: { units: 4, return_sequences: true } }]],
  ['LSTM, backwards', [dense, { type: 'LSTM', config: { units: 4, go_backwards: true } }]],
  ['LSTM, no bias', [dense, { type: 'LSTM', config: { units: 2, use_bias: false } }]],
  [
    'stacked LSTM',
    [
      dense,
      { type: 'LSTM', config: { units: 3, return_sequences: true } },
      { type: 'LSTM', config: { units: 2, return_sequences: true } },
      { type: 'LSTM', config: { units: 2 } },
    ],
  ],
  ['GRU', [dense, { type: 'GRU', config: { units: 4 } }]],
  ['GRU, sequences', [dense, { type: 'GRU', config: { units: 3, return_sequences: true } }]],
  ['GRU, no bias', [dense, { type: 'GRU', config: { units: 2, use_bias: false } }]],
  ...(['LSTM', 'GRU'] as const).map((cell): [string, Layers] => [
    `stacked bidirectional ${cell}`,
    [
      dense,
      { type: 'Bidirectional', config: { layer: { class_name: cell, config: { units: 3, return_sequences: true } } } },
      { type: 'Bidirectional', config: { layer: { class_name: cell, config: { units: 2 } } } },
    ],
  ]),
  [
    'causal convolutions',
    [
      { type: 'Conv1D', config: { filters: 3, kernel_size: 3, padding: 'causal', activation: 'relu' } },
      { type: 'Conv1D', config: { filters: 2, kernel_size: 2, padding: 'causal', dilation_rate: 2 } },
      { type: 'Conv1D', config: { filters: 2, kernel_size: 2, padding: 'causal', activation: 'tanh' } },
    ],
  ],
  ['overlapping patches', [dense, { type: 'Conv1D', config: { filters: 4, kernel_size: 4, strides: 2 } }]],
  ['layer normalisation', [dense, { type: 'LayerNormalization', config: { epsilon: 1e-3 } }]],
  [
    'wide layer normalisation',
    [{ type: 'Dense', config: { units: 70 } }, { type: 'LayerNormalization', config: {} }, dense],
  ],
  ['attention', [dense, { type: 'MultiHeadAttention', config: { num_heads: 2, key_dim: 2 } }]],
  [
    'layers that move values',
    [
      dense,
      { type: 'Permute', config: { dims: [2, 1] } },
      { type: 'Cropping1D', config: { cropping: [1, 0] } },
      { type: 'GlobalAveragePooling1D', config: {} },
      { type: 'RepeatVector', config: { n: 3 } },
      { type: 'Activation', config: { activation: 'softmax' } },
      { type: 'Rescaling', config: { scale: 3, offset: 1 } },
      { type: 'Flatten', config: {} },
    ],
  ],
])('gradients of %s are those of central differences, to 1e-6', async (_name, layers) => {
  expect(await networkGradientError([6, 2], layers)).toBeLessThan(1e-6);
});

test('layers that merge pass their gradients to each', async () => {
  const graph = networkGraph({
    name: 'net',
    inputs: [{ name: 'x', shape: [4] }],
    layers: [
      { type: 'Dense', name: 'a', config: { units: 2 } },
      { type: 'Dense', name: 'b', config: { units: 2 }, from: ['x'] },
      { type: 'Multiply', name: 'm', config: {}, from: ['a', 'b'] },
      { type: 'Concatenate', name: 'c', config: {}, from: ['m', 'a', 'x'] },
      { type: 'Dense', name: 'd', config: { units: 2 } },
      { type: 'Subtract', name: 's', config: {}, from: ['d', 'b'] },
    ],
    outputs: ['s'],
  });
  const paths = graph.layers.flatMap((layer) =>
    layer.weights.map(({ name, shape }) => ({ path: `${layer.name}/${name}`, shape })),
  );
  const error = await gradientError(
    (g, parameters) => {
      const output = lowerNetwork(g, graph, {
        inputs: [g.constant(drawn(8), [2, 4])],
        weights: Object.fromEntries(paths.map(({ path }, n) => [path, parameters[n]!])),
        masks: {},
      });
      return sum(g, multiply(g, output, output));
    },
    paths.map(({ shape }) => ({ shape, values: drawn(sizeOf(shape)) })),
  );
  expect(error).toBeLessThan(1e-6);
});

const losses: readonly (readonly [LossSpecification, () => number])[] = [
  [{ name: 'mse' }, () => random.normal()],
  [{ name: 'mae' }, () => random.normal()],
  [{ name: 'huber', delta: 0.8 }, () => random.normal()],
  [{ name: 'quantile', levels: [0.1, 0.5, 0.9] }, () => random.normal()],
  [{ name: 'gaussian' }, () => random.normal()],
  [{ name: 'student-t' }, () => 3 * random.normal()],
  [{ name: 'binary-cross-entropy' }, () => random.integer(2)],
  [{ name: 'categorical-cross-entropy', classes: 4 }, () => random.integer(4)],
];

test.each(losses)('the loss %j is the formula, and its gradient that of central differences', async (loss, target) => {
  const [rows, targets] = [4, 3];
  const each = outputsPerTarget(loss);
  const outputs = { shape: [rows, targets, each], values: drawn(rows * targets * each).map(Math.fround) };
  const wanted = Float64Array.from({ length: rows * targets }, () => Math.fround(target()));
  const weights = Float64Array.from({ length: rows * targets }, (_, n) => 1 + Math.sin(n));
  const build: Parameters<typeof gradientError>[0] = (g, [output]) => {
    const scaled = weights.map((weight) => weight * weightScale(loss));
    return weightedLoss(g, loss, output!, g.constant(wanted, [rows, targets]), g.constant(scaled, [rows, targets]))
      .total;
  };
  const { value } = await scalarWithGradients(build, [outputs]);
  const single = Float32Array.from(outputs.values);
  const expected = wanted.reduce((so, one, n) => so + weights[n]! * elementLoss(loss, single, n * each, one), 0);
  expect(Math.abs(value / expected - 1)).toBeLessThan(1e-7);
  expect(await gradientError(build, [outputs])).toBeLessThan(1e-6);
});

test('the density of a Student t integrates to one, with its own location and scale', () => {
  // A raw value whose softplus is 1.5 and 3: scale 1.5, freedom 5.
  const raw = (value: number): number => Math.log(Math.expm1(value));
  const outputs = Float32Array.of(0.5, raw(1.5), raw(3));
  let mass = 0;
  const step = 0.01;
  for (let y = -200; y < 200; y += step) mass += step * Math.exp(-elementLoss({ name: 'student-t' }, outputs, 0, y));
  expect(mass).toBeCloseTo(1, 5);
});
