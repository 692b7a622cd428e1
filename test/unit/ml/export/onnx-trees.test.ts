import fc from 'fast-check';
import type { ModelState } from '#src/ml/algorithms/algorithm.js';
import { boosting } from '#src/ml/algorithms/boosting.js';
import { openSession } from '#src/ml/engine/onnx/runtime.js';
import { encodeWithFreeBatch } from '#src/ml/export/free-batch.js';
import { doubleInput } from '#src/ml/export/onnx-doubles.js';
import { onnxModelOf, whyNoOnnx } from '#src/ml/export/onnx-file.js';
import { treeAttributes } from '#src/ml/export/tree-attributes.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { compileTrees, predictRows, treesTensors } from '#src/ml/trees/compiled-trees.js';
import type { FlatTree } from '#src/ml/trees/flat-tree.js';
import { DIRECTIONS } from '#src/ml/windows/direction-labels.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { fileDifference, inputsOf, metadataOf, outputsOf, runFile } from '../../../support/onnx-export.js';
import { seasonalSeries, testNoise, trainingContext, windowedData } from '../../../support/synthetic-windows.js';

const LOOK_BACK = 14;
const HORIZON = 4;

/** All values are of single precision, as those of a file's windows are; targets are scaled otherwise than inputs. */
function dataSet({ withFuture = false, season = 12 } = {}): WindowedData {
  const rows = 260;
  const noise = testNoise(4);
  const drawn = (): Float64Array => Float64Array.from({ length: rows }, () => Math.fround(noise()));
  const series = Object.fromEntries(
    Object.entries(seasonalSeries(rows)).map(([name, values]) => [name, values.map(Math.fround)]),
  );
  const data = windowedData({
    series,
    features: { alpha_RSI: drawn(), beta_RSI: drawn(), hour: drawn() },
    targets: ['beta', 'alpha'],
    lookBack: LOOK_BACK,
    horizon: HORIZON,
    seasonLength: season,
  });
  const [beta, alpha] = data.targets.columns as [Float64Array, Float64Array];
  const load = Float64Array.from({ length: rows + HORIZON }, () => Math.fround(2 + noise()));
  return {
    ...data,
    inputs: { ...data.inputs, assets: ['alpha', 'beta', 'alpha', 'beta', null] },
    targets: { ...data.targets, columns: [beta.map((v) => 2 * v - 1), alpha.map((v) => v / 2)] },
    ...(withFuture && {
      future: { names: ['load', 'price'], columns: [load, load.map((value) => Math.fround(value ** 2))] },
    }),
  };
}

async function fit(data: WindowedData, given: Record<string, unknown> = {}): Promise<ModelState> {
  const parameters = resolveParameters(
    boosting.hyperparameters,
    { rounds: 40, minimumRows: 5, ...given },
    'hyperparameters',
  );
  return (await boosting.fit(data, parameters, trainingContext())).model;
}

test.each([
  ['one ensemble for all targets', {}, {}],
  ['one for each target, without levels', { shared: false, normalisation: 'none', exogenous: 'none' }, {}],
  ['no season', {}, { season: 1 }],
  ['covariates', {}, { withFuture: true }],
  ['covariates, no season, one for each target', { shared: false }, { withFuture: true, season: 1 }],
  ['absolute loss, one lag', { loss: 'absolute', lags: 1 }, {}],
  ['few leaves, not a round kept', { rounds: 1, learningRate: 0.001, minimumChange: 1, patience: 1 }, {}],
])('boosting with %s forecasts the same as a file', async (_name, given, kind) => {
  const data = dataSet(kind);
  const model = await fit(data, given);
  expect(await fileDifference(model, data, data.origins.test)).toBeLessThanOrEqual(1e-6);
});

test('quantiles of boosting are an output, in order, and their median the forecast', async () => {
  const data = dataSet();
  const levels = [0.1, 0.3, 0.6, 0.9];
  const model = await fit(data, { loss: 'quantile', levels });
  expect(await fileDifference(model, data, data.origins.test, levels)).toBeLessThanOrEqual(1e-6);
  const file = onnxModelOf(model)!;
  expect(outputsOf(file).map(({ name, shape, type }) => ({ name, shape, type }))).toEqual([
    { name: 'forecast', shape: ['batch', HORIZON, 2], type: 'float32' },
    { name: 'quantiles', shape: ['batch', HORIZON, 2, 4], type: 'float32' },
  ]);
  expect(metadataOf(file)['levels']).toBe('[0.1,0.3,0.6,0.9]');
});

test('probabilities of directions are those of our own trees', async () => {
  const data: WindowedData = {
    ...dataSet({ withFuture: true }),
    directions: { threshold: 0.2, limits: [0, 1].map(() => Array.from({ length: HORIZON }, (_, h) => 0.1 * (h + 1))) },
  };
  const original = data.inputs.columns.slice(0, 2);
  const targets = { ...data.targets, original: [original[1]!, original[0]!] };
  const model = await fit({ ...data, targets });
  expect(await fileDifference(model, data, data.origins.test)).toBeLessThanOrEqual(1e-6);
  const file = onnxModelOf(model)!;
  expect(outputsOf(file)[0]!.shape).toEqual(['batch', HORIZON, 2, DIRECTIONS.length]);
  expect(metadataOf(file)['classes']).toBe(JSON.stringify(DIRECTIONS));
});

test('says what it reads, in standard operators', async () => {
  const model = await fit(dataSet({ withFuture: true }));
  const file = onnxModelOf(model, { knownFuture: ['load', 'price'] })!;
  expect(inputsOf(file)).toEqual([
    {
      name: 'window',
      shape: ['batch', LOOK_BACK, 5],
      type: 'float32',
      meaning: expect.stringContaining('oldest first') as string,
    },
    {
      name: 'known_future',
      shape: ['batch', LOOK_BACK + HORIZON, 2],
      type: 'float32',
      meaning: expect.stringContaining('the last `horizon` rows are the forecast rows') as string,
    },
  ]);
  expect(metadataOf(file)['knownFuture']).toBe('["load","price"]');
  expect(Buffer.from(file).includes('ai.onnx.ml')).toBe(true);
  expect(Buffer.from(file).includes('com.microsoft')).toBe(false);
  expect(Buffer.compare(Buffer.from(onnxModelOf(model, { knownFuture: ['load', 'price'] })!), file)).toBe(0);
});

test('windows with missing values end in the leaves of our own trees', async () => {
  const data = dataSet();
  const model = await fit(data, { normalisation: 'none' });
  const origins = data.origins.test;
  const inputs = { ...data.inputs, columns: data.inputs.columns.map((column) => column.slice()) };
  for (const [at, column] of inputs.columns.entries()) {
    for (let row = at; row < column.length; row += 3 + at) column[row] = Number.NaN;
  }
  const own = await boosting.restore(model);
  const expected = await own.forecast(inputs, origins);
  const { forecast } = await runFile(onnxModelOf(model)!, { inputs }, origins);
  expect(expected.every(Number.isFinite)).toBe(true);
  const worst = expected.reduce((most, value, at) => Math.max(most, Math.abs(value - Number(forecast!.data[at]))), 0);
  expect(worst).toBeLessThanOrEqual(1e-6);
});

test('the recursive strategy is refused with its reason', async () => {
  const model = await fit(dataSet(), { strategy: 'recursive' });
  expect(onnxModelOf(model)).toBeNull();
  expect(whyNoOnnx(model)).toContain('the recursive strategy feeds forecasts back in double precision');
});

test('trees that are too large for a file are refused with their size', () => {
  const leaves = 1_000_001;
  const chain: FlatTree = {
    columns: new Int32Array(leaves - 1),
    bins: new Uint8Array(leaves - 1),
    thresholds: new Float64Array(leaves - 1),
    missingLeft: new Uint8Array(leaves - 1),
    left: new Int32Array(leaves - 1),
    right: new Int32Array(leaves - 1),
    gains: new Float32Array(leaves - 1),
    leaves: new Float64Array(leaves),
  };
  const state = {
    algorithm: 'boosting',
    facts: { ensembles: 1, strategy: 'direct' },
    tensors: treesTensors({ base: Float64Array.of(0), rounds: [[chain]] }, 'trees/0/'),
  } as unknown as ModelState;
  expect(whyNoOnnx(state)).toBe('its trees have 2000001 nodes, and at most 2000000 are written');
});

/** The next number of single precision above `value`. */
function nextSingle(value: number, by: 1 | -1): number {
  const single = Float32Array.of(value);
  const bits = new Int32Array(single.buffer);
  if (single[0] === 0) return by * 2 ** -149;
  bits[0]! += (single[0]! > 0 ? 1 : -1) * by;
  return single[0]!;
}

const COLUMNS = 3;

/** A tree of random shape whose thresholds lie at, just above and between numbers of single precision. */
const treeOf = fc
  .array(
    fc.record({
      threshold: fc.oneof(
        fc.float({ noNaN: true }),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -3.4e38, max: 3.4e38 }),
        fc.constantFrom(0, -0, Infinity, 1 / 3, 0.1, 1e-45, 16777217),
      ),
      column: fc.nat(COLUMNS - 1),
      missingLeft: fc.boolean(),
      place: fc.nat(1000),
    }),
    { minLength: 0, maxLength: 7 },
  )
  .map((splits): FlatTree => {
    const left: number[] = [];
    const right: number[] = [];
    // A split takes the place of some leaf: leaf n is the n-th free place.
    const free: (readonly [number[], number])[] = [];
    splits.forEach(({ place }, node) => {
      const [taken] = node === 0 ? [undefined] : free.splice(place % free.length, 1);
      if (taken) taken[0][taken[1]] = node;
      left.push(0);
      right.push(0);
      free.push([left, node], [right, node]);
    });
    free.forEach(([side, node], leaf) => (side[node] = -1 - leaf));
    return {
      columns: Int32Array.from(splits, ({ column }) => column),
      bins: new Uint8Array(splits.length),
      thresholds: Float64Array.from(splits, ({ threshold }) => threshold),
      missingLeft: Uint8Array.from(splits, ({ missingLeft }) => Number(missingLeft)),
      left: Int32Array.from(left),
      right: Int32Array.from(right),
      gains: new Float32Array(splits.length),
      // Powers of two, of three trees in 24 bits: the sum says which leaves there were.
      leaves: Float64Array.from({ length: splits.length + 1 }, (_, leaf) => 2 ** leaf),
    };
  });

test('every number of single precision ends in the same leaf, at the edges of thresholds too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(treeOf, { minLength: 1, maxLength: 3 }), async (given) => {
      const trees = given.map((tree, at) => ({
        ...tree,
        leaves: tree.leaves.map((value) => value * 2 ** (-8 * at)),
      }));
      const edges = trees
        .flatMap(({ thresholds }) => [...thresholds])
        .flatMap((threshold) => {
          const single = Math.fround(threshold);
          return [single, nextSingle(single, 1), nextSingle(single, -1)];
        });
      const values = [...new Set([...edges, 0, -0, Number.NaN, Infinity, -Infinity, 1])];
      const rows = values.flatMap((value, at) => [value, values[(at * 7 + 1) % values.length]!, Number.NaN]);
      const table = Float64Array.from([...rows, ...values.flatMap((value) => [value, value, value])]);
      const ensemble = { base: Float64Array.of(0), rounds: trees.map((tree) => [tree]) };
      const expected = predictRows(compileTrees(ensemble), table, COLUMNS);
      const file = encodeWithFreeBatch(
        'trees',
        (g, count) => {
          const { input, values: window } = doubleInput(g, 'window', [count, COLUMNS]);
          const placed = trees.map((tree) => ({ tree, output: 0 }));
          const nodes = treeAttributes(ensemble.base, placed);
          const options = { domain: 'ai.onnx.ml', type: 'float32' } as const;
          const forecast = g.emitUnshared('TreeEnsembleRegressor', [window], [count, 1], nodes, options);
          return { inputs: [input], weights: [], outputs: { forecast } };
        },
        'float64',
        {},
        {},
      );
      const session = await openSession('onnx', file);
      const window = session.tensor(Float32Array.from(table), [table.length / COLUMNS, COLUMNS]);
      const { forecast } = await session.run({ window }, { forecast: null });
      await session.release();
      expect([...forecast!.data]).toEqual([...Float32Array.from(expected)]);
    }),
    { numRuns: 150, seed: 7 },
  );
}, 60_000);
