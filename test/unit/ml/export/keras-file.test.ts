import { strFromU8, unzipSync } from 'fflate';
import * as h5wasm from 'h5wasm';
import type { NetworkArchitecture, NetworkWeights } from '#src/ml/engine/network.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import { writeKeras } from '#src/ml/export/keras-file.js';
import { kerasGroups, kerasOrder } from '#src/ml/export/keras-order.js';

/** Two branches of equal shapes, listed in another order than Keras numbers them: `late` is nearer to the output. */
const branches: NetworkArchitecture = {
  name: 'branches',
  inputs: [{ name: 'x', shape: [3] }],
  layers: [
    { type: 'Dense', name: 'late', config: { units: 3 }, from: ['x'] },
    { type: 'Dense', name: 'early', config: { units: 3 }, from: ['x'] },
    { type: 'Dense', name: 'middle', config: { units: 3 }, from: ['early'] },
    { type: 'Add', name: 'sum', config: {}, from: ['late', 'middle'] },
  ],
  outputs: ['sum'],
};

const dense = (fill: number) => ({
  kernel: { shape: [3, 3], data: new Float32Array(9).fill(fill) },
  bias: { shape: [3], data: new Float32Array(3).fill(fill / 10) },
});
const weights: NetworkWeights = { late: dense(1), early: dense(2), middle: dense(3) };

async function datasetsOf(keras: Uint8Array): Promise<Record<string, number[]>> {
  const { FS } = await h5wasm.ready;
  FS.writeFile('/read.h5', unzipSync(keras)['model.weights.h5']!);
  const file = new h5wasm.File('/read.h5', 'r');
  const found: Record<string, number[]> = {};
  for (const path of file.paths()) {
    const entity = file.get(path);
    if (entity instanceof h5wasm.Dataset) found[path] = [...(entity.value as Float32Array)];
  }
  file.close();
  return found;
}

describe('writeKeras', () => {
  it('numbers groups in the order of Keras, not of the list', async () => {
    expect(kerasOrder(networkGraph(branches))).toEqual(['x', 'early', 'late', 'middle', 'sum']);
    expect(Object.fromEntries(kerasGroups(networkGraph(branches)))).toEqual({
      x: 'layers/input_layer',
      early: 'layers/dense',
      late: 'layers/dense_1',
      middle: 'layers/dense_2',
      sum: 'layers/add',
    });
    const stored = await datasetsOf(await writeKeras(branches, weights));
    expect(Object.fromEntries(Object.entries(stored).map(([path, values]) => [path, values[0]]))).toEqual({
      'layers/dense/vars/0': 2,
      'layers/dense/vars/1': Math.fround(0.2),
      'layers/dense_1/vars/0': 1,
      'layers/dense_1/vars/1': Math.fround(0.1),
      'layers/dense_2/vars/0': 3,
      'layers/dense_2/vars/1': Math.fround(0.3),
    });
  });

  it('gives the same bytes in another second', async () => {
    const first = await writeKeras(branches, weights, { lineage: 'exe_1' });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const second = await writeKeras(branches, weights, { lineage: 'exe_1' });
    expect(Buffer.compare(second, first)).toBe(0);
    expect(JSON.parse(strFromU8(unzipSync(first)['metadata.json']!))).toEqual({
      keras_version: '3.15.1',
      lineage: 'exe_1',
    });
  });

  it('writes every field, and float32 on every layer', async () => {
    const config = JSON.parse(strFromU8(unzipSync(await writeKeras(branches, weights))['config.json']!)) as {
      module: string;
      config: { input_layers: unknown; output_layers: unknown; layers: { config: object }[] };
    };
    expect(config.module).toBe('keras.src.models.functional');
    expect(config.config.input_layers).toEqual(['x', 0, 0]);
    expect(config.config.layers[1]!.config).toMatchObject({
      name: 'early',
      dtype: 'float32',
      units: 3,
      activation: 'linear',
      use_bias: true,
    });
    expect(config.config.layers.every((layer) => (layer.config as { dtype: string }).dtype === 'float32')).toBe(true);
  });

  it.each([
    ['a missing weight', { ...weights, late: {} }, 'late: weight kernel is missing'],
    [
      'a weight that is not finite',
      { ...weights, late: { ...dense(1), bias: { shape: [3], data: Float32Array.of(1, NaN, 2) } } },
      'late: weight bias is not finite',
    ],
    [
      'a misshapen weight',
      { ...weights, late: { ...dense(1), bias: { shape: [2], data: new Float32Array(2) } } },
      'late: weight bias has shape [2], not [3]',
    ],
  ])('refuses %s', async (_, faulty, message) => {
    await expect(writeKeras(branches, faulty)).rejects.toThrow(message);
  });
});
