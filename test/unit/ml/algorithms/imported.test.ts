import { getAlgorithm } from '#src/ml/algorithms/algorithms.js';
import type { ImportedFile, ModelState } from '#src/ml/algorithms/algorithm.js';
import { findLayout, type WindowShape } from '#src/ml/algorithms/imported/file-layout.js';
import { restoreImported } from '#src/ml/algorithms/imported/imported-forecaster.js';
import { openSession } from '#src/ml/engine/onnx/runtime.js';
import { writeKeras } from '#src/ml/export/keras-file.js';
import { decodeModelState, encodeModelState } from '#src/ml/export/model-state-codec.js';
import { onnxModelOf } from '#src/ml/export/onnx-file.js';
import type { NetworkArchitecture } from '#src/ml/engine/network.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { affineUnits } from '#src/ml/transforms/affine-chain.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { linearFile, type LinearFile } from '../../../support/onnx-files.js';
import { trainingContext, windowedData } from '../../../support/synthetic-windows.js';

const LOOK_BACK = 3;
const HORIZON = 2;
const imported = getAlgorithm('imported');

/** Two assets whose values tell row and column apart: 10 t + c, and t² with a feature 1000 + t of each. */
function dataOf(features = false): WindowedData {
  const rows = 60;
  const of = (make: (t: number) => number) => Float64Array.from({ length: rows }, (_, t) => make(t));
  const data = windowedData({
    series: { a: of((t) => t), b: of((t) => 100 + (t % 7)) },
    ...(features && { features: { a_F: of((t) => 1000 + t), b_F: of((t) => 2000 + t) } }),
    targets: ['a', 'b'],
    lookBack: LOOK_BACK,
    horizon: HORIZON,
  });
  return { ...data, inputs: { ...data.inputs, assets: features ? ['a', 'b', 'a', 'b'] : ['a', 'b'] } };
}

async function fit(
  data: WindowedData,
  content: Uint8Array,
  given: Record<string, unknown> = {},
  units: Partial<ImportedFile> = {},
) {
  const none = { offset: 0, range: 1 };
  const modelFile = {
    content,
    inputs: data.inputs.names.map(() => none),
    targets: data.targets.names.map(() => none),
    ...units,
  };
  return imported.fit(data, resolveParameters(imported.hyperparameters, given, 'h'), trainingContext({ modelFile }));
}

async function forecastAt(model: ModelState, data: WindowedData, origin: number): Promise<number[]> {
  const forecaster = await imported.restore(decodeModelState(encodeModelState(model)));
  try {
    return [...(await forecaster.forecast(data.inputs, Int32Array.of(origin)))];
  } finally {
    forecaster.dispose();
  }
}

/** W that picks input `from[j]` for output j. */
function picks(inputs: number, from: readonly number[]): Pick<LinearFile, 'weights' | 'inputs' | 'outputs'> {
  const weights = new Array<number>(inputs * from.length).fill(0);
  from.forEach((input, output) => (weights[input * from.length + output] = 1));
  return { weights, inputs, outputs: from.length };
}

const at = 20;
const [a, b] = [(t: number) => t, (t: number) => 100 + (t % 7)];

test.each([
  // The window row by row: a(18) b(18) a(19) b(19) a(20) b(20).
  ['rows-columns', [3, 2], [2, 2], picks(6, [0, 1, 2, 5]), {}, [a(18), b(18), a(19), b(20)]],
  ['columns-rows', [2, 3], [2, 2], picks(6, [0, 1, 3, 5]), {}, [a(18), a(19), b(18), b(20)]],
  [
    'flat, row by row',
    [6],
    [4],
    picks(6, [0, 1, 2, 5]),
    { inputOrder: 'rows-columns', outputOrder: 'steps-targets' },
    [a(18), b(18), a(19), b(20)],
  ],
  [
    'flat, column by column',
    [6],
    [4],
    picks(6, [0, 1, 3, 5]),
    { inputOrder: 'columns-rows', outputOrder: 'targets-steps' },
    [a(18), b(18), a(19), b(20)],
  ],
  ['an own series', [3, 1], [2], picks(3, [0, 2]), {}, [a(18), b(18), a(20), b(20)]],
  ['an own series, open', ['t'], ['h'], picks(3, [2, 1]), { inputColumns: 'own-series' }, [a(20), b(20), a(19), b(19)]],
] as const)('reads %s', async (_name, inputShape, outputShape, picked, given, expected) => {
  const data = dataOf();
  const outputOrder = outputShape.length === 2 ? { outputOrder: 'steps-targets' } : {};
  for (const batch of ['n', 1, 4] as const) {
    const { model } = await fit(data, linearFile({ inputShape, outputShape, batch, ...picked }), {
      ...outputOrder,
      ...given,
    });
    expect(await forecastAt(model, data, at)).toEqual(expected);
  }
});

test('reads the series and features of one target at a time', async () => {
  const data = dataOf(true);
  const file = linearFile({ inputShape: [3, 2], outputShape: [2], ...picks(6, [4, 5]) });
  const { model } = await fit(data, file);
  expect(model.facts).toMatchObject({ inputColumns: 'per-target', partColumns: [0, 2, 1, 3] });
  expect(await forecastAt(model, data, at)).toEqual([a(20), b(20), 1020, 2020]);
});

test.each(['float32', 'float64'] as const)(
  'puts windows into original units, and forecasts back, in %s',
  async (type) => {
    const data = dataOf();
    // original = scaled · range + offset, powers of two: nothing is rounded.
    const inputs = [
      { offset: 8, range: 4 },
      { offset: -2, range: 0.5 },
    ];
    const targets = [
      { offset: 1, range: 2 },
      { offset: 16, range: 8 },
    ];
    const file = linearFile({ inputShape: [3, 2], outputShape: [2, 2], type, ...picks(6, [4, 5, 4, 5]) });
    const given = { outputOrder: 'steps-targets' };
    const { model } = await fit(data, file, given, { inputs, targets });
    const read = [a(20) * 4 + 8, b(20) * 0.5 - 2];
    const made = [(read[0]! - 1) / 2, (read[1]! - 16) / 8];
    expect(await forecastAt(model, data, at)).toEqual([...made, ...made]);
    const scaled = await fit(
      data,
      file,
      { ...given, inputUnits: 'scaled', outputUnits: 'scaled' },
      { inputs, targets },
    );
    expect(await forecastAt(scaled.model, data, at)).toEqual([a(20), b(20), a(20), b(20)]);
  },
);

test('a .keras file in original units is an ONNX file between scaled ends', async () => {
  const data = dataOf(true);
  const architecture: NetworkArchitecture = {
    name: 'theirs',
    inputs: [{ name: 'x', shape: [2, 3] }],
    layers: [
      { type: 'Flatten', name: 'flat', config: {} },
      { type: 'Dense', name: 'dense', config: { units: 2 } },
    ],
    outputs: ['dense'],
  };
  const kernel = { shape: [6, 2], data: Float32Array.from({ length: 12 }, (_, n) => Math.sin(n)) };
  const weights = { dense: { kernel, bias: { shape: [2], data: Float32Array.of(0.25, -0.5) } } };
  const units = {
    inputs: [3, 1, 4, 1].map((offset) => ({ offset, range: offset / 2 })),
    targets: [
      { offset: 5, range: 9 },
      { offset: 2, range: 6 },
    ],
  };
  const content = await writeKeras(architecture, weights);
  const { model } = await fit(data, content, { inputColumns: 'per-target' }, units);
  expect(model.network).toMatchObject({ inputs: [{ shape: [2, 3] }] });
  const own = await forecastAt(model, data, at);
  const session = await openSession('onnx', onnxModelOf(model)!);
  const window = Float32Array.from(
    { length: LOOK_BACK * 4 },
    (_, n) => data.inputs.columns[n % 4]![at - 2 + Math.floor(n / 4)]!,
  );
  const { forecast } = await session.run({ window: session.tensor(window, [1, LOOK_BACK, 4]) }, { forecast: null });
  await session.release();
  expect(forecast!.dims).toEqual([1, HORIZON, 2]);
  own.forEach((number, n) => expect(Math.abs(Number(forecast!.data[n]) / number - 1)).toBeLessThan(1e-6));
});

describe('what cannot be used', () => {
  const data = dataOf();
  const good = { inputShape: [3, 2], outputShape: [2, 2], ...picks(6, [4, 5, 4, 5]) };
  const refused = (file: Partial<LinearFile>, given: object = {}, units: Partial<ImportedFile> = {}) =>
    fit(data, linearFile({ ...good, ...file }), { outputOrder: 'steps-targets', ...given }, units);

  test('a forecast that is no number, with what to look at', async () => {
    await expect(
      refused({ behind: { operator: 'Log' }, weights: good.weights.map((one) => -one) }),
    ).rejects.toMatchObject({
      code: 'FORECAST_NOT_FINITE',
      message: expect.stringMatching(/^The imported model forecasts NaN for a, step 1: check .*inputUnits/) as string,
    });
  });
  test('operators that the runtime does not know, and graphs that do not fit together', async () => {
    await expect(refused({ behind: { operator: 'NoSuchOperator' } })).rejects.toMatchObject({
      code: 'MODEL_FILE_UNREADABLE',
      message: expect.stringMatching(/^The ONNX file cannot be opened by the engine onnx: /) as string,
    });
    await expect(refused({ inputs: 5, weights: new Array<number>(20).fill(1) })).rejects.toMatchObject({
      code: 'MODEL_FILE_UNREADABLE',
      message: expect.stringMatching(/^The ONNX file cannot be run by the engine onnx: /) as string,
    });
  });
  test('more numbers than it says it makes', async () => {
    await expect(refused({ outputShape: ['h', 2], ...picks(6, [0, 1, 2, 3, 4, 5]) })).rejects.toMatchObject({
      code: 'MODEL_FILE_MISMATCH',
      message: expect.stringMatching(/^The file makes 6 numbers of a window, and a forecast has 4/) as string,
    });
  });
  test('an engine that runs no ONNX files', async () => {
    const { model } = await refused({});
    await expect(restoreImported(model, 'tfjs-wasm')).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('The engine tfjs-wasm does not run ONNX files') as string,
    });
  });
  test('original units of what is no straight line', async () => {
    await expect(refused({}, {}, { targets: [null, null] })).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      message: expect.stringMatching(/^scaling\.targets changes a by more than an offset and a factor/) as string,
    });
  });
  test('no file', async () => {
    const values = resolveParameters(imported.hyperparameters, {}, 'h');
    await expect(imported.fit(data, values, trainingContext())).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      message: expect.stringContaining('modelFile names no file: upload one with POST /model-files') as string,
    });
  });
});

describe('findLayout', () => {
  const window: WindowShape = {
    lookBack: 8,
    horizon: 4,
    targets: 2,
    widths: { all: 3, 'per-target': 2, 'own-series': 1 },
  };
  const auto = { inputColumns: 'auto', inputOrder: 'auto', outputOrder: 'auto' };
  const ends = (input: readonly (number | null)[], output: readonly (number | null)[]) => ({
    input: { name: 'x', type: 'float32', shape: [null, ...input] } as const,
    output: { name: 'y', type: 'float32', shape: [null, ...output] } as const,
  });

  test.each([
    [[8, 3], [4, 2], 'all', 'rows-columns', 'steps-targets', [8, 3]],
    [[3, 8], [2, 4], 'all', 'columns-rows', 'targets-steps', [3, 8]],
    [[1, 8, 3], [4, 2, 1], 'all', 'rows-columns', 'steps-targets', [1, 8, 3]],
    [[null, 3], [4, 2], 'all', 'rows-columns', 'steps-targets', [8, 3]],
    [[8, 2], [4], 'per-target', 'rows-columns', 'steps-targets', [8, 2]],
    [[8], [4, 1], 'own-series', 'rows-columns', 'steps-targets', [8]],
    [[8, 1], [1, 4], 'own-series', 'rows-columns', 'steps-targets', [8, 1]],
  ] as const)('%j to %j', (input, output, columns, inputOrder, outputOrder, inputShape) => {
    expect(findLayout(ends(input, output), window, auto)).toEqual({ columns, inputOrder, outputOrder, inputShape });
  });

  test('asks where shapes say several things', () => {
    expect(() => findLayout(ends([24], [8]), window, auto)).toThrow(
      'The shapes of the file, [batch, 24] and [batch, 8], can be read in 4 ways: set algorithm.hyperparameters.inputOrder to rows-columns or columns-rows, and algorithm.hyperparameters.outputOrder to steps-targets or targets-steps',
    );
    const square = { ...window, lookBack: 3, horizon: 2 };
    expect(() => findLayout(ends([3, 3], [2, 2]), square, { ...auto, inputOrder: 'rows-columns' })).toThrow(
      'can be read in 2 ways: set algorithm.hyperparameters.outputOrder to steps-targets or targets-steps',
    );
  });

  test('says what would fit', () => {
    expect(() => findLayout(ends([8, 4], [4, 2]), window, auto)).toThrow(
      "The file reads [batch, 8, 4] and makes [batch, 4, 2], and the windows of the template fit [batch, 8, 3] to [batch, 4, 2] (windows.lookBack by input columns, windows.horizon by targets), or [batch, 8, 2] to [batch, 4] for each target by itself, or [batch, 8] to [batch, 4] from each target's own series; two axes may also be one.",
    );
  });
});

test('a chain of scalers is one straight line, anything else is none', () => {
  const standard = { transform: 'standard', state: { mean: 10, deviation: 4 } };
  const range = { transform: 'min-max', state: { minimum: -2, maximum: 2 } };
  expect(affineUnits(standard)).toEqual({ offset: 10, range: 4 });
  // (x − 10) / 4 first, then (y + 2) / 4: undone it is 4 (4 z − 2) + 10.
  expect(affineUnits({ ...standard, further: [range] })).toEqual({ offset: 2, range: 16 });
  expect(affineUnits({ transform: 'none', state: {} })).toEqual({ offset: 0, range: 1 });
  expect(affineUnits({ transform: 'difference', state: {}, further: [standard] })).toBeNull();
});
