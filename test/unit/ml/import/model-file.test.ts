import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import fc from 'fast-check';
import { initialWeights } from '#src/ml/engine/initial-weights.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import type { NetworkArchitecture } from '#src/ml/engine/network.js';
import { encodeOnnxModel } from '#src/ml/engine/onnx/onnx-model.js';
import { bytesField, integerField, joinParts, messageField, textField } from '#src/ml/engine/onnx/protobuf-writer.js';
import { createRandom } from '#src/ml/engine/random.js';
import { writeKeras } from '#src/ml/export/keras-file.js';
import { readModelFile } from '#src/ml/import/model-file.js';
import { linearFile, type LinearFile } from '../../../support/onnx-files.js';

const architecture: NetworkArchitecture = {
  name: 'net',
  inputs: [{ name: 'x', shape: [6, 2] }],
  layers: [
    { type: 'Flatten', name: 'flat', config: {} },
    { type: 'Dense', name: 'one', config: { units: 5, activation: 'relu' } },
    { type: 'Dense', name: 'two', config: { units: 3 } },
  ],
  outputs: ['two'],
};
const weights = initialWeights(networkGraph(architecture), createRandom(1));

const LINEAR: LinearFile = {
  inputShape: [6, 2],
  outputShape: [3],
  weights: new Array(36).fill(0.5),
  inputs: 12,
  outputs: 3,
};

interface Entry {
  class_name: string;
  name?: string;
  config: Record<string, unknown>;
}

/** The written file with its layers changed. */
async function changed(change: (layers: Entry[]) => void): Promise<Uint8Array> {
  const files = unzipSync(await writeKeras(architecture, weights));
  const config = JSON.parse(strFromU8(files['config.json']!)) as { config: { layers: Entry[] } };
  change(config.config.layers);
  return zipSync({ ...files, 'config.json': strToU8(JSON.stringify(config)) });
}

const layer = (layers: Entry[], name: string): Entry => layers.find((entry) => entry.config['name'] === name)!;

test('a .keras file: ends with the batch, layers, weights', async () => {
  const { summary } = await readModelFile(await writeKeras(architecture, weights));
  expect(summary).toEqual({
    format: 'keras',
    input: { name: 'x', type: 'float32', shape: [null, 6, 2] },
    output: { name: 'two', type: 'float32', shape: [null, 3] },
    parameters: 12 * 5 + 5 + 5 * 3 + 3,
    parts: [
      { type: 'Flatten', count: 1 },
      { type: 'Dense', count: 2 },
    ],
    producer: 'Keras 3.15.1',
    operatorSet: null,
  });
});

test('an ONNX file: ends, operators, weights, and nothing of it is executed', async () => {
  const { summary } = await readModelFile(linearFile(LINEAR));
  expect(summary).toEqual({
    format: 'onnx',
    input: { name: 'x', type: 'float32', shape: [null, 6, 2] },
    output: { name: 'y', type: 'float32', shape: [null, 3] },
    parameters: 36,
    parts: [
      { type: 'MatMul', count: 1 },
      { type: 'Reshape', count: 2 },
    ],
    producer: 'trainyard',
    operatorSet: 17,
  });
});

const external = joinParts([
  integerField(1, 8),
  messageField(7, [
    messageField(5, [integerField(1, 4), integerField(2, 1), textField(8, 'w'), integerField(14, 1)]),
    textField(2, 'g'),
  ]),
]);
const withFunction = joinParts([integerField(1, 8), messageField(7, [textField(2, 'g')]), messageField(25, [])]);
const nested = (depth: number): Uint8Array =>
  depth === 0
    ? textField(2, 'g')
    : messageField(1, [textField(4, 'If'), messageField(5, [bytesField(6, nested(depth - 1))])]);
const value = { type: 'float32', shape: ['n', 2] } as const;

test.each<[string, () => Uint8Array | Promise<Uint8Array>, string]>([
  ['nothing that is known', () => strToU8('a,b\n1,2\n'), 'it is neither a .keras file nor an ONNX model'],
  ['a pickle', () => Uint8Array.of(0x80, 4, 0x95, 0), 'it is neither a .keras file nor an ONNX model'],
  ['a zip of something else', () => zipSync({ 'data.pkl': strToU8('x') }), 'there is no config.json in the archive'],
  ['a file of Keras 2', () => Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10), 'it is an HDF5 file of Keras 2'],
  [
    'a Lambda',
    () => changed((layers) => (layer(layers, 'one').class_name = 'Lambda')),
    'layer one is a Lambda; known are Dense, LSTM, GRU, Bidirectional',
  ],
  [
    'a layer of somebody',
    () => changed((layers) => (layer(layers, 'two').class_name = 'evil>Layer')),
    'layer two is a evil>Layer; known are Dense',
  ],
  [
    'a layer of too many values',
    () =>
      changed((layers) => {
        layer(layers, 'two').class_name = 'RepeatVector';
        layer(layers, 'two').config = { name: 'two', n: 5_000_000 };
      }),
    'layer two makes 25000000 values of a window, and may make 4194304',
  ],
  [
    'a field that is no number',
    () => changed((layers) => (layer(layers, 'one').config['activation'] = 'evil')),
    'layer one has activation = "evil": it must be one of',
  ],
  [
    'external data',
    () => external,
    'the weights w lie in another file: save the model as one file, without external data',
  ],
  ['functions', () => withFunction, 'it defines functions of its own: inline them before saving'],
  [
    'graphs without end',
    () => joinParts([integerField(1, 8), messageField(7, [nested(20)])]),
    'it has graphs within graphs, more than 16 deep',
  ],
  [
    'an operator of somebody',
    () => linearFile({ ...LINEAR, behind: { operator: 'Evil', domain: 'com.evil' } }),
    'it uses Evil of com.evil: only operators of ONNX itself (ai.onnx, ai.onnx.ml) are taken',
  ],
  [
    'noise',
    () => linearFile({ ...LINEAR, behind: { operator: 'RandomNormalLike' } }),
    'it uses RandomNormalLike, which gives other numbers each time',
  ],
  ['a loop', () => linearFile({ ...LINEAR, behind: { operator: 'Loop' } }), 'it uses Loop, which may never end'],
  [
    'weights that are no numbers',
    () => linearFile({ ...LINEAR, weights: LINEAR.weights.with(7, NaN) }),
    'the weights w are not all numbers (NaN)',
  ],
  [
    'several inputs',
    () =>
      encodeOnnxModel({
        name: 'g',
        nodes: [],
        initialisers: [],
        inputs: [
          { name: 'a', ...value },
          { name: 'b', ...value },
        ],
        outputs: [{ name: 'a', ...value }],
      }),
    'it has 2 inputs (a, b), and the window is the only one',
  ],
  [
    'several outputs',
    () =>
      encodeOnnxModel({
        name: 'g',
        nodes: [],
        initialisers: [],
        inputs: [{ name: 'a', ...value }],
        outputs: [
          { name: 'a', ...value },
          { name: 'c', ...value },
        ],
      }),
    'it has 2 outputs (a, c), and the forecast is the only one, or one of that name',
  ],
  [
    'whole numbers',
    () =>
      encodeOnnxModel({
        name: 'g',
        nodes: [],
        initialisers: [],
        inputs: [{ name: 'a', shape: ['n', 2], type: 'int64' }],
        outputs: [{ name: 'c', ...value }],
      }),
    'its input a is not a tensor of float32 or float64 numbers',
  ],
  [
    'no batch',
    () =>
      encodeOnnxModel({
        name: 'g',
        nodes: [],
        initialisers: [],
        inputs: [{ name: 'a', shape: [12], type: 'float32' }],
        outputs: [{ name: 'c', ...value }],
      }),
    'its input a has the shape [12]: give it at least two axes, the batch and the window',
  ],
])('%s is refused', async (_name, make, reason) => {
  await expect(readModelFile(await make())).rejects.toMatchObject({
    code: 'MODEL_FILE_UNREADABLE',
    message: expect.stringContaining(reason) as string,
  });
});

test('of several outputs the one called forecast is taken', async () => {
  const bytes = encodeOnnxModel({
    name: 'g',
    nodes: [],
    initialisers: [],
    inputs: [{ name: 'a', ...value }],
    outputs: [
      { name: 'quantiles', ...value },
      { name: 'forecast', ...value },
    ],
  });
  expect((await readModelFile(bytes)).summary.output).toEqual({ name: 'forecast', type: 'float32', shape: [null, 2] });
});

test('what unpacks to far more than it is, is refused before it is unpacked', async () => {
  const bomb = zipSync({ 'config.json': new Uint8Array(64_000_000) });
  expect(bomb.length).toBeLessThan(100_000);
  await expect(readModelFile(bomb)).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    details: { what: 'unpacked bytes', value: 64_000_000, limit: 8_388_608 },
  });
});

test('whatever a file is cut to or has changed in it, the answer is a code', async () => {
  const whole = [await writeKeras(architecture, weights), linearFile(LINEAR)] as const;
  await fc.assert(
    fc.asyncProperty(
      fc.nat(1),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(255),
      fc.boolean(),
      async (at, share, byte, isCut) => {
        const bytes = whole[at]!.slice();
        const place = Math.min(bytes.length - 1, Math.floor(share * bytes.length));
        if (!isCut) bytes[place] = byte;
        const read = await readModelFile(isCut ? bytes.subarray(0, place) : bytes).then(
          ({ summary }) => summary.format,
          (error: { code?: string }) => error.code,
        );
        expect(['keras', 'onnx', 'MODEL_FILE_UNREADABLE', 'LIMIT_EXCEEDED']).toContain(read);
      },
    ),
    { numRuns: 200 },
  );
});
