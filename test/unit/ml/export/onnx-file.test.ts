import type { Algorithm, FitOutcome, ModelState } from '#src/ml/algorithms/algorithm.js';
import { ALGORITHMS, getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import { initialWeights } from '#src/ml/engine/initial-weights.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import type { NetworkLayer } from '#src/ml/engine/network.js';
import { openSession, type RuntimeTensor } from '#src/ml/engine/onnx/runtime.js';
import { openEngine } from '#src/ml/engine/open-engine.js';
import { createRandom } from '#src/ml/engine/random.js';
import { weightTensors } from '#src/ml/export/network-weights.js';
import { onnxModelOf, whyNoOnnx } from '#src/ml/export/onnx-file.js';
import { normalQuantile } from '#src/ml/metrics/normal-quantile.js';
import { studentTQuantiles } from '#src/ml/metrics/student-t-quantile.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { fileDifference, inputsOf, metadataOf, outputsOf, runFile } from '../../../support/onnx-export.js';
import { denseTopology } from '../../../support/topologies.js';
import { seasonalSeries, testNoise, trainingContext, windowedData } from '../../../support/synthetic-windows.js';

const LOOK_BACK = 14;
const HORIZON = 4;

/** Targets are scaled otherwise than inputs, and `beta` stands first: an export has to undo both. */
function dataSet(withFuture = false): WindowedData {
  const rows = 260;
  const noise = testNoise(4);
  const drawn = (): Float64Array => Float64Array.from({ length: rows }, () => noise());
  const features = { alpha_RSI: drawn(), beta_RSI: drawn(), hour: drawn() };
  const data = windowedData({
    series: seasonalSeries(rows),
    features,
    targets: ['beta', 'alpha'],
    lookBack: LOOK_BACK,
    horizon: HORIZON,
    seasonLength: 12,
  });
  const [beta, alpha] = data.targets.columns as [Float64Array, Float64Array];
  const load = Float64Array.from({ length: rows + HORIZON }, () => 2 + noise());
  // What is forecast follows the covariate, so that it is worth its weight.
  const followed = beta.map((value, row) => 2 * value - 1 + load[row]!);
  if (withFuture) data.inputs.columns[1]!.set(followed.map((value) => (value + 1) / 2));
  return {
    ...data,
    inputs: { ...data.inputs, assets: ['alpha', 'beta', 'alpha', 'beta', null] },
    targets: {
      ...data.targets,
      columns: [withFuture ? followed : beta.map((v) => 2 * v - 1), alpha.map((v) => v / 2)],
    },
    ...(withFuture && { future: { names: ['load', 'price'], columns: [load, load.map((value) => value ** 2)] } }),
  };
}

async function fit(algorithm: Algorithm, data: WindowedData, given: Record<string, unknown> = {}): Promise<FitOutcome> {
  const patches = 'patchLength' in algorithm.hyperparameters ? { patchLength: 4, stride: 2 } : {};
  const layers = 'topology' in algorithm.hyperparameters ? { topology: denseTopology(HORIZON, 2) } : {};
  const short = 'epochs' in algorithm.hyperparameters ? { epochs: 1, ...patches, ...layers } : {};
  const parameters = resolveParameters(algorithm.hyperparameters, { ...short, ...given }, 'hyperparameters');
  return algorithm.fit(data, parameters, trainingContext());
}

/** Runs the file on the first `count` test windows, as whoever downloads it would. */
async function run(file: Uint8Array, data: WindowedData, count: number): Promise<RuntimeTensor> {
  const session = await openSession('onnx', file);
  const origins = [...data.origins.test.subarray(0, count)];
  const windows = origins.flatMap((origin) =>
    Array.from({ length: LOOK_BACK }, (_, at) =>
      data.inputs.columns.map((column) => column[origin - LOOK_BACK + 1 + at]!),
    ),
  );
  const feeds: Record<string, RuntimeTensor> = {
    window: session.tensor(Float32Array.from(windows.flat()), [count, LOOK_BACK, data.inputs.names.length]),
  };
  const known = origins.flatMap((origin) =>
    Array.from({ length: 1 + HORIZON }, (_, h) => (data.future?.columns ?? []).map((column) => column[origin + h]!)),
  );
  const readsFuture = Buffer.from(file).includes('known_future');
  if (readsFuture) {
    feeds['known_future'] = session.tensor(Float32Array.from(known.flat()), [count, 1 + HORIZON, 2]);
  }
  const { forecast } = await session.run(feeds, { forecast: null });
  await session.release();
  return forecast!;
}

/** The largest difference from our own forecaster, for a batch of one, and of many. */
async function difference(model: ModelState, data: WindowedData): Promise<number> {
  const file = onnxModelOf(model)!;
  let worst = 0;
  for (const count of [1, 3, 27]) {
    const forecast = await run(file, data, count);
    expect(forecast.dims).toEqual([count, HORIZON, 2]);
    const forecaster = await getAlgorithm(model.algorithm).restore(model);
    const own = await forecaster.forecast(data.inputs, data.origins.test.subarray(0, count), data.future);
    forecaster.dispose();
    own.forEach((value, at) => (worst = Math.max(worst, Math.abs(value - Number(forecast.data[at])))));
  }
  return worst;
}

const LOCAL = ['ets', 'arima', 'theta'];
/** Have files of their own tests. */
const OTHERS = ['boosting', 'logistic', 'ensemble', 'deepar', 'imported'];

test.each(ALGORITHMS.filter(({ name }) => LOCAL.includes(name)).map((algorithm) => [algorithm.name]))(
  '%s, which is no graph of standard operators, is no file',
  (name) => {
    const state: ModelState = {
      format: 1,
      algorithm: name,
      hyperparameters: {},
      lookBack: LOOK_BACK,
      horizon: HORIZON,
      inputs: ['alpha'],
      targets: ['alpha'],
      facts: {},
      tensors: {},
    };
    expect(onnxModelOf(state)).toBeNull();
    expect(whyNoOnnx(state)).toContain('it passes over each window by rules of its own');
  },
);

test.each(
  ALGORITHMS.filter(({ name }) => ![...LOCAL, ...OTHERS].includes(name)).map(
    (algorithm) => [algorithm.name, algorithm] as const,
  ),
)(
  '%s forecasts the same as a file, of standard operators',
  async (_name, algorithm) => {
    const data = dataSet();
    const { model } = await fit(algorithm, data);
    expect(await difference(model, data)).toBeLessThanOrEqual(1e-5);
    const file = Buffer.from(onnxModelOf(model)!);
    expect(file.includes('com.microsoft')).toBe(false);
    expect(file.includes('["alpha","beta","alpha_RSI","beta_RSI","hour"]')).toBe(true);
    expect(file.includes('["beta","alpha"]')).toBe(true);
    expect(file.includes('processing.json')).toBe(true);
    expect(Buffer.compare(Buffer.from(onnxModelOf(model)!), file)).toBe(0);
  },
  60_000,
);

test('an ensemble, which is several processings, is no file', () => {
  const state = { algorithm: 'ensemble', facts: {}, tensors: {}, ensemble: { targets: [], members: [] } };
  expect(onnxModelOf(state as unknown as ModelState)).toBeNull();
  expect(whyNoOnnx(state as unknown as ModelState)).toContain('several models behind several processings');
});

test('deepar, whose forecast is drawn step by step, is no file', async () => {
  const { model } = await fit(getAlgorithm('deepar'), dataSet());
  expect(onnxModelOf(model)).toBeNull();
  expect(whyNoOnnx(model)).toContain('each step reads the value that was drawn for the one before');
}, 60_000);

test.each([
  ['ridge', { exogenous: 'origin' }, false],
  ['ridge', { exogenous: 'origin', shared: false, normalisation: 'none' }, false],
  ['ridge', { exogenous: 'origin', knownFuture: 'per-step' }, true],
  ['ridge', { shared: false, knownFuture: 'shared', normalisation: 'none' }, true],
  ['ridge', { shared: false, exogenous: 'auto', knownFuture: 'auto' }, true],
  ['lstm', { channels: 'shared', units: [5, 4], dropout: 0.2 }, false],
  ['lstm', { normalisation: 'none' }, false],
] as const)(
  '%s with %j (covariates %s) forecasts the same as a file',
  async (name, given, withFuture) => {
    const data = dataSet(withFuture);
    const { model } = await fit(getAlgorithm(name), data, given);
    expect(await difference(model, data)).toBeLessThanOrEqual(1e-5);
    if ('knownFuture' in given && given.knownFuture !== 'auto') {
      expect(Buffer.from(onnxModelOf(model)!).includes('known_future')).toBe(true);
    }
  },
  60_000,
);

test.each([
  ['lstm', {}],
  ['mlp', { channels: 'shared' }],
  ['dlinear', { channels: 'shared' }],
  ['gru', { normalisation: 'none' }],
] as const)(
  '%s with %j and covariates forecasts the same as a file',
  async (name, given) => {
    const data = dataSet(true);
    const { model } = await fit(getAlgorithm(name), data, given);
    expect(await fileDifference(model, data, data.origins.test)).toBeLessThanOrEqual(1e-5);
    const [, future] = inputsOf(onnxModelOf(model)!);
    expect(future).toMatchObject({ name: 'known_future', shape: ['batch', LOOK_BACK + HORIZON, 2] });
  },
  60_000,
);

const QUANTILE_LEVELS = [0.05, 0.4, 0.7, 0.95];

test.each([
  ['lstm', {}, false],
  ['mlp', { channels: 'shared' }, true],
  ['nlinear', {}, false],
] as const)(
  'quantiles of %s with %j (covariates %s) are an output, and their median the forecast',
  async (name, given, withFuture) => {
    const data = dataSet(withFuture);
    const { model } = await fit(getAlgorithm(name), data, {
      ...given,
      loss: 'quantile',
      quantileLevels: QUANTILE_LEVELS,
    });
    expect(await fileDifference(model, data, data.origins.test, QUANTILE_LEVELS)).toBeLessThanOrEqual(1e-5);
    expect(metadataOf(onnxModelOf(model)!)['levels']).toBe('[0.05,0.4,0.7,0.95]');
  },
  60_000,
);

test.each([
  ['gaussian', ['mean', 'standard deviation']],
  ['student-t', ['location', 'scale', 'degrees of freedom']],
] as const)(
  'the parameters of a %s are an output, and give our own quantiles',
  async (loss, parameters) => {
    const data = dataSet(true);
    const { model } = await fit(getAlgorithm('mlp'), data, { loss, channels: 'shared' });
    expect(await fileDifference(model, data, data.origins.test)).toBeLessThanOrEqual(1e-5);
    const file = onnxModelOf(model)!;
    expect(metadataOf(file)['distribution']).toBe(JSON.stringify(parameters));
    const { distribution } = await runFile(file, data, data.origins.test);
    const width = parameters.length;
    expect(distribution!.dims).toEqual([data.origins.test.length, HORIZON, 2, width]);
    const forecaster = await getAlgorithm('mlp').restore(model);
    const own = await forecaster.forecastQuantiles!(data.inputs, data.origins.test, [0.9], data.future);
    forecaster.dispose();
    const read = (cell: number): number => {
      const [location, scale, freedom] = Array.from({ length: width }, (_, at) =>
        Number(distribution!.data[cell * width + at]),
      ) as [number, number, number];
      return location + scale * (loss === 'gaussian' ? normalQuantile(0.9) : studentTQuantiles(0.9)(freedom));
    };
    const worst = own.reduce((most, value, cell) => Math.max(most, Math.abs(value - read(cell))), 0);
    expect(worst).toBeLessThanOrEqual(1e-5);
  },
  60_000,
);

/** Labels of changes of the series as they are. */
function directed(data: WindowedData): WindowedData {
  const original = data.targets.inputs.map((at) => data.inputs.columns[at]!);
  const limits = original.map(() => Array.from({ length: HORIZON }, (_, h) => 0.1 * (h + 1)));
  return { ...data, targets: { ...data.targets, original }, directions: { threshold: 0.1, limits } };
}

test.each([
  ['logistic', {}, false],
  ['logistic', { exogenous: 'none', normalisation: 'none', lags: 3 }, false],
  ['logistic', {}, true],
  ['mlp', { channels: 'shared' }, true],
  ['tcn', {}, false],
] as const)(
  'probabilities of %s with %j (covariates %s) are those of its file',
  async (name, given, withFuture) => {
    const data = directed(dataSet(withFuture));
    const { model } = await fit(getAlgorithm(name), data, given);
    expect(await fileDifference(model, data, data.origins.test)).toBeLessThanOrEqual(name === 'logistic' ? 1e-6 : 1e-5);
    expect(outputsOf(onnxModelOf(model)!).map(({ shape }) => shape)).toEqual([['batch', HORIZON, 2, 3]]);
    expect(metadataOf(onnxModelOf(model)!)['classes']).toBe('["down","flat","up"]');
  },
  60_000,
);

test('logistic probabilities of prices, large numbers with small changes, are those of its file', async () => {
  const plain = dataSet();
  const columns = plain.inputs.columns.map((column) => column.map((value) => Math.fround(20_000 + 30 * value)));
  const data = directed({ ...plain, inputs: { ...plain.inputs, columns } });
  const { model } = await fit(getAlgorithm('logistic'), data, { normalisation: 'none' });
  expect(await fileDifference(model, data, data.origins.test)).toBeLessThanOrEqual(1e-6);
});

test('a window of one row leaves a logistic model its shares, in batches of any size', async () => {
  const data = directed({ ...dataSet(), lookBack: 1 });
  const { model } = await fit(getAlgorithm('logistic'), data, { exogenous: 'none' });
  expect(await fileDifference(model, data, data.origins.test)).toBeLessThanOrEqual(1e-6);
});

const layer = (type: string, name: string, config: object = {}, ...from: string[]): NetworkLayer => ({
  type,
  name,
  config: config as NetworkLayer['config'],
  ...(from.length > 0 && { from }),
});

const NETWORKS: Readonly<Record<string, readonly NetworkLayer[]>> = {
  'recurrent, both ways': [
    layer('GRU', 'a', { units: 6, return_sequences: true }),
    layer('LSTM', 'b', { units: 6, return_sequences: true }),
    layer('GRU', 'back', { units: 5, go_backwards: true, use_bias: false }, 'b'),
    layer('LSTM', 'forth', { units: 5 }, 'b'),
    layer('Concatenate', 'both', {}, 'back', 'forth'),
  ],
  'causal convolutions and patches': [
    layer('Conv1D', 'one', { filters: 5, kernel_size: 3, padding: 'causal', activation: 'relu' }),
    layer('Conv1D', 'two', { filters: 5, kernel_size: 3, padding: 'causal', dilation_rate: 2, activation: 'tanh' }),
    layer('Add', 'skip', {}, 'two', 'window'),
    layer('Conv1D', 'patches', { filters: 7, kernel_size: 4, strides: 2 }),
    layer('Permute', 'turned', { dims: [2, 1] }),
    layer('GlobalAveragePooling1D', 'mean'),
  ],
  'attention, normalisation narrow and wide': [
    layer('LayerNormalization', 'before', { epsilon: 1e-5 }),
    layer('MultiHeadAttention', 'attention', { num_heads: 2, key_dim: 3 }),
    layer('Dense', 'up', { units: 80, activation: 'gelu' }),
    layer('LayerNormalization', 'after'),
    layer('Activation', 'bent', { activation: 'softmax' }),
    layer('Multiply', 'product', {}, 'bent', 'up'),
    layer('Dropout', 'dropped', { rate: 0.3 }),
    layer('Flatten', 'flat'),
  ],
};

test.each(Object.entries(NETWORKS))('a network, %s, forecasts the same as a file', async (name, core) => {
  const columns = 5;
  const architecture = {
    name,
    inputs: [{ name: 'window', shape: [LOOK_BACK, columns] }],
    layers: [
      ...core,
      layer('Dense', 'head', { units: HORIZON * 2 }),
      layer('Reshape', 'steps', { target_shape: [HORIZON, 2] }),
    ],
    outputs: ['steps'],
  };
  const random = createRandom(5);
  const weights = initialWeights(networkGraph(architecture), random);
  const state: ModelState = {
    format: 1,
    algorithm: 'lstm',
    hyperparameters: {},
    lookBack: LOOK_BACK,
    horizon: HORIZON,
    inputs: ['a', 'b', 'c', 'd', 'e'],
    targets: ['a', 'b'],
    facts: {},
    tensors: weightTensors('', weights),
    network: architecture,
  };
  const session = await openSession('onnx', onnxModelOf(state)!);
  const rows = 7;
  const values = Float32Array.from({ length: rows * LOOK_BACK * columns }, () => random.normal());
  const { forecast } = await session.run(
    { window: session.tensor(values, [rows, LOOK_BACK, columns]) },
    { forecast: null },
  );
  await session.release();
  const runner = await (await openEngine('onnx')).open(architecture, weights, null);
  const own = await runner.predict([values], rows);
  await runner.dispose();
  const worst = own.reduce((most, value, at) => Math.max(most, Math.abs(value - Number(forecast!.data[at]))), 0);
  expect(worst).toBeLessThanOrEqual(1e-5);
  expect(forecast!.dims).toEqual([rows, HORIZON, 2]);
});
