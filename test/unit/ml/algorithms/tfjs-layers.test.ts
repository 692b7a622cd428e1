import { readTopology } from '#src/ml/algorithms/neural/layer-topology.js';
import { tfjsLayers } from '#src/ml/algorithms/tfjs-layers.js';
import { readKeras } from '#src/ml/export/keras-reader.js';
import { writeKeras } from '#src/ml/export/keras-file.js';
import { networkWeightsOf } from '#src/ml/export/network-weights.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { failureOf } from '../../../support/failure-of.js';
import { seasonalSeries, trainingContext, windowedData } from '../../../support/synthetic-windows.js';
import { TFJS_ENGINE } from '../../../support/tfjs-engine.js';
import { convolutionTopology, denseTopology, sequential } from '../../../support/topologies.js';

const data = windowedData({ series: seasonalSeries(260), lookBack: 12, horizon: 3, seasonLength: 12 });
const values = (topology: string, given: object = {}) =>
  resolveParameters(
    tfjsLayers.hyperparameters,
    { topology, epochs: 2, batchSize: 48, ...given },
    'algorithm.hyperparameters',
  );
const fit = (topology: string, given: object = {}, options: object = {}) =>
  tfjsLayers.fit(data, values(topology, given), trainingContext(options));
const refusal = (topology: string) => fit(topology).then(String, (error: Error & { code: string }) => error);

/** A Functional of Keras 3: what a layer reads stands in its inbound nodes. */
function functional(
  layers: readonly (readonly [string, Record<string, unknown>, ...string[]])[],
  output: string,
  shape: readonly (number | null)[] = [null, null, null],
): string {
  const tensor = (name: string) => ({ class_name: '__keras_tensor__', config: { keras_history: [name, 0, 0] } });
  const entries = layers.map(([type, config, ...from]) => ({
    class_name: type,
    name: config['name'],
    config,
    inbound_nodes: [{ args: from.length === 1 ? [tensor(from[0]!)] : [from.map(tensor)], kwargs: {} }],
  }));
  const input = {
    class_name: 'InputLayer',
    name: 'series',
    config: { name: 'series', batch_shape: shape },
    inbound_nodes: [],
  };
  const config = {
    name: 'own',
    layers: [input, ...entries],
    input_layers: [['series', 0, 0]],
    output_layers: [[output, 0, 0]],
  };
  return JSON.stringify({ class_name: 'Functional', config });
}

describe('a topology of the user', () => {
  it.each([
    ['dense layers', denseTopology(3, 2)],
    ['convolutions', convolutionTopology(3, 2)],
    [
      'two ways that meet again',
      functional(
        [
          ['Conv1D', { name: 'near', filters: 4, kernel_size: [2], padding: 'causal' }, 'series'],
          ['Concatenate', { name: 'both', axis: -1 }, 'series', 'near'],
          ['Flatten', { name: 'flat' }, 'both'],
          ['Dense', { name: 'head', units: 6 }, 'flat'],
        ],
        'head',
        [null, 12, 2],
      ),
    ],
  ])('of %s is trained by TensorFlow.js', async (_name, topology) => {
    const outcome = await fit(topology, { epochs: 8, learningRate: 0.01 });
    expect(outcome.engine).toBe(TFJS_ENGINE);
    const start = await fit(topology, { epochs: 1, learningRate: 1e-5 });
    expect(outcome.validationLoss).toBeLessThan(0.8 * start.validationLoss!);
    const { model } = outcome;
    const names = model.network!.layers.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('own_'))).toHaveLength(
      (JSON.parse(topology) as { config: { layers: { class_name: string }[] } }).config.layers.filter(
        ({ class_name: type }) => type !== 'InputLayer',
      ).length,
    );
    // What is written as `.keras` is read back with the same layers and weights.
    const file = await writeKeras(model.network!, networkWeightsOf(model), {});
    const read = await readKeras(file);
    expect(read.weights).toEqual(networkWeightsOf(model));
    expect(read.architecture.layers.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  it('gives the same losses on both engines, and the one that is asked for', async () => {
    const layers = sequential([
      [
        'Conv1D',
        { name: 'near', filters: 4, kernel_size: [3], padding: 'causal', dilation_rate: [2], activation: 'tanh' },
      ],
      ['LSTM', { name: 'state', units: 4 }],
      ['Dense', { name: 'head', units: 6 }],
    ]);
    const losses = new Map<string, number>();
    for (const engine of [TFJS_ENGINE, 'onnx'] as const) {
      // Without dropout, whose masks each engine draws in its own order.
      const outcome = await fit(layers, {}, { engine });
      expect(outcome.engine).toBe(engine);
      losses.set(engine, outcome.validationLoss!);
    }
    expect(losses.get(TFJS_ENGINE)! / losses.get('onnx')!).toBeCloseTo(1, 4);
  });

  it('with layers or losses that TensorFlow.js lacks here is trained by the other engine, and the log says so', async () => {
    const gated = sequential([
      ['GRU', { name: 'gated', units: 4 }],
      ['Dense', { name: 'head', units: 6 }],
    ]);
    const context = trainingContext();
    const outcome = await tfjsLayers.fit(data, values(gated), context);
    expect(outcome.engine).toBe('onnx');
    expect(context.messages).toContain(`${TFJS_ENGINE} does not compute GRU own_gated: another engine trains it`);
    const mae = await fit(denseTopology(3, 2), { loss: 'mae' });
    expect(mae.engine).toBe('onnx');
    await expect(fit(gated, {}, { engine: TFJS_ENGINE })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: `The engine ${TFJS_ENGINE} does not compute GRU own_gated; use the engine auto, onnx or onnx-web.`,
    });
  });

  const dense = (units: number, more: object = {}) => ['Dense', { name: 'head', units, ...more }] as const;
  const flat = ['Flatten', { name: 'flat' }] as const;

  it.each<[string, string, RegExp]>([
    ['nothing', '', /is missing: give the layers as Keras writes them/],
    ['no JSON', '{]}', /is not JSON: /],
    ['another class', '{"class_name":"Model"}', /has the class_name "Model": give "Sequential" or "Functional"/],
    ['no layers', '{"class_name":"Sequential","config":{}}', /has no config\.layers/],
    [
      'a layer that is none',
      '{"class_name":"Sequential","config":{"layers":[3]}}',
      /config\.layers\[0\] has no class_name/,
    ],
    ['an unknown layer', sequential([['Lambda', { name: 'own' }]]), /layer own is a Lambda; known are Dense, LSTM/],
    [
      'an unknown field',
      sequential([flat, dense(6, { speed: 3 })]),
      /layer head has a field speed, which is not known of a Dense/,
    ],
    [
      'a layer that does not fit',
      sequential([['LSTM', { name: 'a', units: 2 }], ['LSTM', { name: 'b', units: 2 }], dense(6)]),
      /does not fit together: LSTM b reads \[2\], and it takes 2 axes/,
    ],
    ['another shape', sequential([flat, dense(7)]), /ends in the shape \[7\]: it must be \[3, 2\], .* or \[6\]/],
    [
      'steps in another order',
      sequential([flat, dense(6), ['Reshape', { name: 'r', target_shape: [2, 3] }]]),
      /ends in the shape \[2, 3\]: it must be \[3, 2\]/,
    ],
    [
      'another window',
      functional(
        [
          ['Flatten', { name: 'f' }, 'series'],
          ['Dense', { name: 'd', units: 6 }, 'f'],
        ],
        'd',
        [null, 9, 2],
      ),
      /reads \[9, 2\], and the window has 12 rows of 2 columns/,
    ],
    [
      'a way that leads nowhere',
      functional(
        [
          ['Flatten', { name: 'f' }, 'series'],
          ['Dense', { name: 'd', units: 6 }, 'f'],
          ['Dense', { name: 'e', units: 1 }, 'f'],
        ],
        'd',
      ),
      /has a layer e that does not lead to the output/,
    ],
    [
      'too many weights',
      sequential([flat, ['Dense', { name: 'wide', units: 900_000 }], dense(6)]),
      /has \d+ weights, the limit is 5000000/,
    ],
    [
      'too many layers',
      sequential(Array.from({ length: 65 }, (_, n) => ['Dropout', { name: `d${n}`, rate: 0.1 }] as const)),
      /has 65 layers, the limit is 64/,
    ],
    [
      'no number of units',
      sequential([flat, dense(2.5)]),
      /layer head has units = 2\.5: it must be a whole number from 1/,
    ],
    [
      'a strange activation',
      sequential([flat, dense(6, { activation: 'swish' })]),
      /layer head has activation = "swish": it must be one of linear, relu/,
    ],
    [
      'nothing left',
      sequential([['Cropping1D', { name: 'c', cropping: [6, 6] }], flat, dense(6)]),
      /Cropping1D c makes \[0, 2\] of \[12, 2\]/,
    ],
    [
      'a penalty',
      sequential([flat, dense(6, { kernel_regularizer: { class_name: 'L2', config: {} } })]),
      /layer head with kernel_regularizer = .*, which is not trained here/,
    ],
    ['frozen weights', sequential([flat, dense(6, { trainable: false })]), /layer head with trainable = false/],
    [
      'dropout inside',
      sequential([['LSTM', { name: 'l', units: 3, dropout: 0.2 }], dense(6)]),
      /layer l with dropout = 0\.2, .* and put a Dropout layer behind/,
    ],
    [
      'another initialiser',
      sequential([flat, dense(6, { kernel_initializer: 'he_normal' })]),
      /layer head with kernel_initializer = "he_normal"/,
    ],
  ])('with %s is refused', async (_name, topology, message) => {
    const error = await refusal(topology);
    expect(error).toMatchObject({ code: 'PARAMETER_INVALID', details: { path: 'algorithm.hyperparameters.topology' } });
    expect((error as Error).message).toMatch(/^algorithm\.hyperparameters\.topology /);
    expect((error as Error).message).toMatch(message);
  });

  it('may say what Keras says by itself', () => {
    const written = sequential([
      ['Flatten', { name: 'flat', trainable: true, dtype: 'float32', data_format: 'channels_last' }],
      [
        'Dense',
        {
          name: 'head',
          units: 6,
          activation: 'linear',
          use_bias: true,
          kernel_initializer: { module: 'keras.initializers', class_name: 'GlorotUniform', config: { seed: null } },
          bias_initializer: { module: 'keras.initializers', class_name: 'Zeros', config: {} },
          kernel_regularizer: null,
          bias_constraint: null,
        },
      ],
    ]);
    expect(readTopology(written)).toMatchObject({ class_name: 'Sequential' });
    expect(failureOf(() => readTopology(`{"class_name":"${'x'.repeat(70_000)}"}`)).message).toContain(
      'has 70017 characters, the limit is 65536',
    );
  });
});
