import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { initialWeights } from '#src/ml/engine/initial-weights.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import type { NetworkArchitecture } from '#src/ml/engine/network.js';
import { createRandom } from '#src/ml/engine/random.js';
import { writeKeras } from '#src/ml/export/keras-file.js';
import { kerasVariables } from '#src/ml/export/keras-order.js';
import { readKeras } from '#src/ml/export/keras-reader.js';

const architecture: NetworkArchitecture = {
  name: 'net',
  inputs: [{ name: 'x', shape: [4, 3] }],
  layers: [
    { type: 'LSTM', name: 'a', config: { units: 3, return_sequences: true }, from: ['x'] },
    { type: 'LSTM', name: 'b', config: { units: 3, return_sequences: true }, from: ['x'] },
    { type: 'LSTM', name: 'c', config: { units: 3, return_sequences: true }, from: ['b'] },
    { type: 'Subtract', name: 'd', config: {}, from: ['c', 'a'] },
    { type: 'Flatten', name: 'e', config: {} },
    { type: 'Dense', name: 'f', config: { units: 2, use_bias: false, trainable: false } },
    { type: 'Dense', name: 'g', config: { units: 2, activation: 'tanh' } },
  ],
  outputs: ['g'],
};
const weights = initialWeights(networkGraph(architecture), createRandom(1), {
  f: { kernel: { shape: [12, 2], data: Float32Array.from({ length: 24 }, (_, at) => at) } },
});

interface Config {
  class_name: string;
  config: { layers: { class_name: string; name: string; config: Record<string, unknown>; inbound_nodes: unknown[] }[] };
}

/** The written file with its configuration changed. */
async function changed(change: (config: Config) => void): Promise<Uint8Array> {
  const files = unzipSync(await writeKeras(architecture, weights));
  const config = JSON.parse(strFromU8(files['config.json']!)) as Config;
  change(config);
  return zipSync({ ...files, 'config.json': strToU8(JSON.stringify(config)) });
}

const layer = (config: Config, name: string): Config['config']['layers'][number] =>
  config.config.layers.find((entry) => entry.name === name)!;

test('what was written is read back: graph, every weight bit for bit, metadata', async () => {
  const read = await readKeras(await writeKeras(architecture, weights, { lineage: 'exe_1' }));
  expect(read.weights).toEqual(weights);
  expect(read.metadata).toEqual({ keras_version: '3.15.1', lineage: 'exe_1' });
  const byName = (of: NetworkArchitecture): object =>
    Object.fromEntries(networkGraph(of).layers.map(({ name, type, config, from }) => [name, { type, config, from }]));
  expect(byName(read.architecture)).toEqual(byName(architecture));
  expect(read.architecture.outputs).toEqual(['g']);
  const again = await writeKeras(read.architecture, read.weights);
  expect(Buffer.compare(again, await writeKeras(architecture, weights))).toBe(0);
});

test('Keras may list the layers in any order', async () => {
  const bytes = await changed((config) => config.config.layers.reverse());
  expect((await readKeras(bytes)).weights).toEqual(weights);
});

test.each([
  [
    'an unknown layer',
    (c: Config) => (layer(c, 'e').class_name = 'ConvLSTM2D'),
    'layer e is a ConvLSTM2D; known are Dense, LSTM',
  ],
  [
    'an unknown field',
    (c: Config) => (layer(c, 'g').config['gain'] = 2),
    'layer g has a field gain, which is not known of a Dense',
  ],
  [
    'a reversed LSTM with sequences',
    (c: Config) => (layer(c, 'a').config['go_backwards'] = true),
    'LSTM a: it goes backwards and returns sequences, and can only do one of them',
  ],
  [
    'an LSTM with another activation',
    (c: Config) => (layer(c, 'a').config['activation'] = 'relu'),
    'LSTM a: its activations are relu and sigmoid, and can only be tanh and sigmoid',
  ],
  ['half precision', (c: Config) => (layer(c, 'a').config['dtype'] = 'float16'), 'layer a computes in float16'],
  ['a shared layer', (c: Config) => layer(c, 'g').inbound_nodes.push({}), 'layer g is used 2 times'],
  ['a missing source', (c: Config) => c.config.layers.splice(1, 1), 'reads a layer that is not there'],
  [
    'other widths than the weights have',
    (c: Config) => (layer(c, 'g').config['units'] = 3),
    'g: weight kernel has shape [2,2], not [2,3]',
  ],
  ['a subclassed model', (c: Config) => (c.class_name = 'Mine'), 'its model class is Mine'],
])('%s is refused by name', async (_name, change, reason) => {
  const bytes = await changed(change);
  await expect(readKeras(bytes)).rejects.toMatchObject({
    code: 'MODEL_FILE_UNREADABLE',
    message: expect.stringContaining(reason) as string,
  });
});

test.each([
  [
    'no archive',
    () => new Uint8Array([1, 2, 3]),
    'it is not a zip archive, or it broke off: it has no directory at its end',
  ],
  ['an empty archive', () => zipSync({}), 'there is no config.json in the archive'],
  ['a broken configuration', () => zipSync({ 'config.json': strToU8('{') }), 'config.json is not JSON'],
])('%s is refused', async (_name, make, reason) => {
  await expect(readKeras(make())).rejects.toMatchObject({
    code: 'MODEL_FILE_UNREADABLE',
    message: `The .keras file cannot be read: ${reason}.`,
  });
});

test('nothing is hung on the process, and damaged weights are refused', async () => {
  const files = unzipSync(await writeKeras(architecture, weights));
  const damaged = zipSync({ ...files, 'model.weights.h5': strToU8('not HDF5') });
  await expect(readKeras(damaged)).rejects.toMatchObject({
    message: 'The .keras file cannot be read: model.weights.h5 is not an HDF5 file.',
  });
  const texts = process.listeners('uncaughtException').map(String);
  expect(texts.filter((text) => text.includes('throw ex'))).toEqual([]);
});

describe('layers of Keras that read otherwise than they are written', () => {
  const mixed: NetworkArchitecture = {
    name: 'mixed',
    inputs: [{ name: 'x', shape: [8, 4] }],
    layers: [
      { type: 'MultiHeadAttention', name: 'attention', config: { num_heads: 2, key_dim: 3 }, from: ['x'] },
      { type: 'LayerNormalization', name: 'norm', config: { epsilon: 1e-5 } },
      { type: 'GRU', name: 'backwards', config: { units: 4, go_backwards: true }, from: ['norm'] },
      { type: 'GRU', name: 'memory', config: { units: 4, return_sequences: true }, from: ['norm'] },
      { type: 'Conv1D', name: 'taps', config: { filters: 4, kernel_size: 2, padding: 'causal', dilation_rate: 2 } },
      { type: 'Permute', name: 'turned', config: { dims: [2, 1] } },
      { type: 'Permute', name: 'back', config: { dims: [2, 1] } },
      { type: 'Activation', name: 'bent', config: { activation: 'gelu' } },
      { type: 'Multiply', name: 'product', config: {}, from: ['bent', 'norm'] },
      { type: 'GlobalAveragePooling1D', name: 'mean', config: {} },
      { type: 'Concatenate', name: 'joined', config: {}, from: ['mean', 'backwards'] },
    ],
    outputs: ['joined'],
  };
  const graph = networkGraph(mixed);
  const drawn = initialWeights(graph, createRandom(2));

  async function readAfter(change: (config: Config) => void): ReturnType<typeof readKeras> {
    const files = unzipSync(await writeKeras(mixed, drawn));
    const config = JSON.parse(strFromU8(files['config.json']!)) as Config;
    change(config);
    return readKeras(zipSync({ ...files, 'config.json': strToU8(JSON.stringify(config)) }));
  }

  test('variables lie where Keras keeps them', () => {
    const paths = kerasVariables(graph).map(({ layer: { name }, weight, path }) => [`${name}/${weight.name}`, path]);
    expect(Object.fromEntries(paths)).toMatchObject({
      'attention/query_kernel': 'layers/multi_head_attention/query_dense/vars/0',
      'attention/query_bias': 'layers/multi_head_attention/query_dense/vars/1',
      'attention/value_kernel': 'layers/multi_head_attention/value_dense/vars/0',
      'attention/output_bias': 'layers/multi_head_attention/output_dense/vars/1',
      'norm/beta': 'layers/layer_normalization/vars/1',
      'memory/bias': 'layers/gru/cell/vars/2',
      'backwards/kernel': 'layers/gru_1/cell/vars/0',
      'taps/kernel': 'layers/conv1d/vars/0',
    });
  });

  test('what was written is read back, and an attention layer is called with its input twice', async () => {
    const read = await readAfter((config) => {
      const [node] = layer(config, 'attention').inbound_nodes as [{ args: unknown[] }];
      expect(node.args).toEqual([node.args[0], node.args[0]]);
    });
    expect(read.weights).toEqual(drawn);
    const byName = (of: NetworkArchitecture): object =>
      Object.fromEntries(networkGraph(of).layers.map(({ name, type, config, from }) => [name, { type, config, from }]));
    expect(byName(read.architecture)).toEqual(byName(mixed));
  });

  test('as Keras itself writes them', async () => {
    const read = await readAfter((config) => {
      const attention = layer(config, 'attention');
      const keras = { value_dim: 3, dropout: 0.1, attention_axes: [1], use_gate: false, sliding_window: null };
      Object.assign(attention.config, keras);
      const [node] = attention.inbound_nodes as [{ args: unknown[]; kwargs: object }];
      Object.assign(node, { args: [], kwargs: { query: node.args[0], value: node.args[0], key: node.args[0] } });
      Object.assign(layer(config, 'norm').config, { axis: [2], rms_scaling: false });
      Object.assign(layer(config, 'taps').config, { kernel_size: [2], strides: [1], dilation_rate: [2], groups: 1 });
      Object.assign(layer(config, 'memory').config, { dropout: 0.3, recurrent_dropout: 0.1, unroll: false });
    });
    const config = (name: string): object => read.architecture.layers.find((one) => one.name === name)!.config;
    expect(config('attention')).toEqual({ num_heads: 2, key_dim: 3, use_bias: true, trainable: true });
    expect(config('norm')).toMatchObject({ axis: 2 });
    expect(config('taps')).toMatchObject({ kernel_size: 2, strides: 1, dilation_rate: 2 });
    expect(config('memory')).not.toHaveProperty('dropout');
    expect(read.weights).toEqual(drawn);
  });

  test.each([
    ['attention', { value_dim: 5 }, 'layer attention has a field value_dim'],
    ['attention', { use_gate: true }, 'layer attention has use_gate = true'],
    ['attention', { attention_axes: [2] }, 'layer attention has a field attention_axes'],
    ['norm', { axis: [1] }, 'LayerNormalization norm: axis is 1, and can only be the last one'],
    ['norm', { center: false }, 'LayerNormalization norm: center and scale can only be true'],
    ['memory', { reset_after: false }, 'GRU memory: reset_after is false, and can only be true'],
    ['taps', { padding: 'same' }, 'Conv1D taps: padding is same, and can only be causal or valid'],
    ['taps', { strides: [2] }, 'Conv1D taps: it is causal with strides of 2'],
    ['taps', { padding: 'valid' }, 'Conv1D taps: it is dilated, and can only be so when it is causal'],
    ['mean', { keepdims: true }, 'layer mean has keepdims = true'],
    ['joined', { axis: 0 }, 'Concatenate joined: axis is 0, and can only be the last one'],
  ])('%s with %j is refused', async (name, fields, reason) => {
    await expect(readAfter((config) => Object.assign(layer(config, name).config, fields))).rejects.toMatchObject({
      code: 'MODEL_FILE_UNREADABLE',
      message: expect.stringContaining(reason) as string,
    });
  });

  test('attention to another layer is refused', async () => {
    const reading = readAfter((config) => {
      const [node] = layer(config, 'attention').inbound_nodes as [{ args: { config: { keras_history: unknown[] } }[] }];
      node.args[1] = JSON.parse(JSON.stringify(node.args[1])) as (typeof node.args)[1];
      node.args[1].config.keras_history = ['norm', 0, 0];
    });
    await expect(reading).rejects.toThrow('layer attention attends to norm instead of to itself');
  });
});
