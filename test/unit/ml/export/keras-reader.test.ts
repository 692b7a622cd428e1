import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { initialWeights } from '#src/ml/engine/initial-weights.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import type { NetworkArchitecture } from '#src/ml/engine/network.js';
import { createRandom } from '#src/ml/engine/random.js';
import { writeKeras } from '#src/ml/export/keras-file.js';
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
  ['an unknown layer', (c: Config) => (layer(c, 'e').class_name = 'GRU'), 'layer e is a GRU; known are Dense, LSTM'],
  [
    'an unknown field',
    (c: Config) => (layer(c, 'g').config['gain'] = 2),
    'layer g has a field gain, which is not known of a Dense',
  ],
  ['a reversed LSTM', (c: Config) => (layer(c, 'a').config['go_backwards'] = true), 'layer a has go_backwards = true'],
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
  ['no archive', () => new Uint8Array([1, 2, 3]), 'it is not a zip archive'],
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
