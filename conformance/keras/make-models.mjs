// Writes models of ours for compare.py: NAME.keras, and NAME.json with an input and what our own engine predicts for it.
//   node conformance/keras/make-models.mjs DIRECTORY
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lstm } from '../../dist/ml/algorithms/lstm.js';
import { initialWeights } from '../../dist/ml/engine/initial-weights.js';
import { networkGraph } from '../../dist/ml/engine/network-graph.js';
import { openEngine } from '../../dist/ml/engine/open-engine.js';
import { createRandom } from '../../dist/ml/engine/random.js';
import { writeKeras } from '../../dist/ml/export/keras-file.js';
import { networkWeightsOf } from '../../dist/ml/export/network-weights.js';
import { resolveParameters } from '../../dist/ml/resolve-parameters.js';
import { quietContext } from '../quiet-context.mjs';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: node conformance/keras/make-models.mjs DIRECTORY');
const random = createRandom(7);
const engine = await openEngine('auto');
const ROWS = 5;

const layer = (type, name, config, ...from) => ({ type, name, config, ...(from.length > 0 && { from }) });
const sizeOf = (shape) => shape.reduce((product, extent) => product * extent, 1);

async function write(name, architecture, weights, input, output) {
  writeFileSync(join(directory, `${name}.keras`), await writeKeras(architecture, weights, { made: 'for conformance' }));
  const described = { input, output: { shape: output.shape, data: [...output.data] } };
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(described));
  console.log(`made ${name}: ${architecture.layers.map(({ type }) => type).join(' > ')}`);
}

/** Random weights, biases included: a bias of 0 would not show when it is exchanged with another. */
async function untrained(name, shape, layers) {
  const architecture = { name, inputs: [{ name: 'x', shape }], layers, outputs: [layers.at(-1).name] };
  const graph = networkGraph(architecture);
  const weights = initialWeights(graph, random);
  for (const tensors of Object.values(weights)) {
    for (const { data } of Object.values(tensors))
      data.forEach((value, at) => (data[at] = value + 0.2 * random.normal()));
  }
  const data = Float32Array.from({ length: ROWS * sizeOf(shape) }, () => random.normal());
  const runner = await engine.open(architecture, weights, null);
  const output = { shape: [ROWS, ...graph.layers.at(-1).outputShape], data: await runner.predict([data], ROWS) };
  await runner.dispose();
  await write(name, architecture, weights, { shape: [ROWS, ...shape], data: [...data] }, output);
}

/** The algorithm itself, trained for a few epochs: the file maps the scaled window to the scaled forecast. */
async function trained(name, hyperparameters) {
  const rows = 160;
  const series = [0, 3].map((phase) =>
    Float64Array.from({ length: rows }, (_, t) => Math.sin((t + phase) / 2) + t / 40 + 0.2 * random.normal()),
  );
  const origins = (from, to) => Int32Array.from({ length: to - from }, (_, at) => from + at);
  const data = {
    times: Float64Array.from({ length: rows }, (_, t) => t * 3_600_000),
    lookBack: 12,
    horizon: 4,
    seasonLength: 24,
    inputs: {
      names: ['a', 'b', 'a_NOISE'],
      columns: [...series, Float64Array.from({ length: rows }, () => random.normal())],
    },
    // Targets scaled otherwise than inputs: the level layer has to undo that.
    targets: {
      names: ['b', 'a'],
      columns: [series[1].map((value) => 2 * value - 1), series[0].map((value) => 0.5 * value)],
      observed: [new Uint8Array(rows).fill(1), new Uint8Array(rows).fill(1)],
      inputs: [1, 0],
    },
    origins: { train: origins(11, 100), validation: origins(104, 120), test: origins(130, 130 + ROWS) },
  };
  const parameters = resolveParameters(lstm.hyperparameters, hyperparameters, 'hyperparameters');
  const { model } = await lstm.fit(data, parameters, quietContext);
  const forecaster = await lstm.restore(model);
  const output = { shape: [ROWS, 4, 2], data: await forecaster.forecast(data.inputs, data.origins.test) };
  forecaster.dispose();
  const windows = [...data.origins.test].flatMap((origin) =>
    Array.from({ length: 12 }, (_, at) => data.inputs.columns.map((column) => column[origin - 11 + at])),
  );
  const input = { shape: [ROWS, 12, 3], data: windows.flat() };
  await write(name, model.network, networkWeightsOf(model), input, output);
}

await trained('trained-lstm', { epochs: 3, learningRate: 0.01 });
await trained('trained-stacked-lstm-dropout', { units: [9, 6], dropout: 0.2, epochs: 2 });
await trained('trained-lstm-without-normalisation', { units: [7], epochs: 2, normalisation: 'none' });
await untrained(
  'stacked-lstm',
  [10, 4],
  [
    layer('LSTM', 'a', { units: 8, return_sequences: true }),
    layer('LSTM', 'b', { units: 8, return_sequences: true, use_bias: false }),
    layer('LSTM', 'c', { units: 8 }),
    layer('Dense', 'head', { units: 6, activation: 'tanh' }),
    layer('Reshape', 'steps', { target_shape: [3, 2] }),
  ],
);
// Equal shapes, listed so that list order and Keras' order differ: only the group numbers tell the weights apart.
await untrained(
  'equal-dense-in-branches',
  [6],
  [
    layer('Dense', 'short', { units: 6 }, 'x'),
    layer('Dense', 'long_1', { units: 6, activation: 'tanh' }, 'x'),
    layer('Dense', 'long_2', { units: 6, activation: 'sigmoid' }, 'long_1'),
    layer('Subtract', 'mixed', {}, 'long_2', 'short'),
    layer('Dense', 'head', { units: 6, activation: 'relu' }),
  ],
);
await untrained(
  'bidirectional',
  [7, 3],
  [
    layer('Bidirectional', 'a', { layer: { class_name: 'LSTM', config: { units: 4, return_sequences: true } } }),
    layer('Bidirectional', 'b', { layer: { class_name: 'GRU', config: { units: 3, return_sequences: true } } }),
    layer('Bidirectional', 'c', { layer: { class_name: 'GRU', config: { units: 3 } } }),
    layer('Dense', 'head', { units: 2 }),
  ],
);
await untrained(
  'every-layer',
  [8, 3],
  [
    layer('Dense', 'each', { units: 3 }, 'x'),
    layer('Rescaling', 'scaled', { scale: [0.5, -2, 1], offset: [0.1, 0, -1] }),
    layer('Add', 'sum', {}, 'scaled', 'x', 'each'),
    layer('Cropping1D', 'cropped', { cropping: [5, 1] }),
    layer('Flatten', 'flat', {}),
    layer('RepeatVector', 'repeated', { n: 3 }),
    layer('Dropout', 'dropped', { rate: 0.4 }),
    layer('LSTM', 'memory', { units: 5 }),
    layer('Dense', 'head', { units: 2 }),
  ],
);
await untrained(
  'stacked-gru-backwards',
  [10, 4],
  [
    layer('GRU', 'a', { units: 6, return_sequences: true }),
    layer('GRU', 'b', { units: 6, return_sequences: true, use_bias: false }),
    layer('GRU', 'late', { units: 6, go_backwards: true }, 'b'),
    layer('LSTM', 'early', { units: 6, go_backwards: true }, 'a'),
    layer('Concatenate', 'both', {}, 'late', 'early'),
    layer('Dense', 'head', { units: 3 }),
  ],
);
await untrained(
  'temporal-convolutions',
  [16, 5],
  [
    layer('Conv1D', 'one', { filters: 5, kernel_size: 3, padding: 'causal', activation: 'relu' }),
    layer('Conv1D', 'two', { filters: 5, kernel_size: 3, padding: 'causal', dilation_rate: 2, activation: 'tanh' }),
    layer('Add', 'skip', {}, 'two', 'x'),
    layer('Conv1D', 'four', { filters: 5, kernel_size: 3, padding: 'causal', dilation_rate: 4, use_bias: false }),
    layer('Conv1D', 'patches', { filters: 7, kernel_size: 4, strides: 2 }),
    layer('GlobalAveragePooling1D', 'mean', {}),
    layer('Dense', 'head', { units: 2 }),
  ],
);
// Two blocks of equal shapes: attention, normalisation and dense layers are each told apart by their group number only.
const block = (n, input) => [
  layer('LayerNormalization', `before_${n}`, { epsilon: 1e-5 }, input),
  layer('MultiHeadAttention', `attention_${n}`, { num_heads: 2, key_dim: 3 }),
  layer('Add', `attended_${n}`, {}, input, `attention_${n}`),
  layer('LayerNormalization', `after_${n}`, {}),
  layer('Dense', `up_${n}`, { units: 12, activation: 'gelu' }),
  layer('Dense', `down_${n}`, { units: 6 }),
  layer('Dropout', `drop_${n}`, { rate: 0.1 }),
  layer('Add', `block_${n}`, {}, `attended_${n}`, `drop_${n}`),
];
await untrained(
  'transformer-blocks',
  [12, 6],
  [...block(1, 'x'), ...block(2, 'block_1'), layer('Flatten', 'flat', {}), layer('Dense', 'head', { units: 4 })],
);
// Listed so that list order and Keras' order differ, for each class whose variables lie deeper than `vars`.
await untrained(
  'equal-layers-in-branches',
  [8, 6],
  [
    layer('MultiHeadAttention', 'near_attention', { num_heads: 3, key_dim: 2, use_bias: false }, 'x'),
    layer('MultiHeadAttention', 'far_attention', { num_heads: 3, key_dim: 2, use_bias: false }, 'x'),
    layer('GRU', 'near', { units: 6, return_sequences: true }, 'x'),
    layer('GRU', 'far', { units: 6, return_sequences: true }, 'far_attention'),
    layer('LayerNormalization', 'near_norm', {}, 'near'),
    layer('LayerNormalization', 'far_norm', {}, 'far'),
    layer('Conv1D', 'near_taps', { filters: 6, kernel_size: 2, padding: 'causal' }, 'near_norm'),
    layer('Conv1D', 'further_taps', { filters: 6, kernel_size: 2, padding: 'causal' }, 'far_norm'),
    layer('Conv1D', 'far_taps', { filters: 6, kernel_size: 2, padding: 'causal' }, 'further_taps'),
    layer('Multiply', 'product', {}, 'near_taps', 'far_taps'),
    layer('Add', 'mixed', {}, 'product', 'near_attention'),
    layer('Permute', 'turned', { dims: [2, 1] }),
    layer('Activation', 'bent', { activation: 'softplus' }),
    layer('Concatenate', 'joined', {}, 'bent', 'turned'),
    layer('GlobalAveragePooling1D', 'head', {}),
  ],
);
