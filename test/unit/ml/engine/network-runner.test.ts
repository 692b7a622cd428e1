import { spawnSync } from 'node:child_process';
import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '#src/ml/engine/open-engine.js';
import { initialWeights } from '#src/ml/engine/initial-weights.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import type { EngineName, NetworkEngine, NetworkRunner } from '#src/ml/engine/network-engine.js';
import type { NetworkArchitecture, NetworkLayer, NetworkWeights } from '#src/ml/engine/network.js';
import { createRandom } from '#src/ml/engine/random.js';
import { drawMask } from '#src/ml/engine/dropout-masks.js';
import { ADAM, type OptimiserSpecification, type TrainingSetup } from '#src/ml/engine/training-setup.js';
import { TFJS_ENGINE } from '../../../support/tfjs-engine.js';

/** What holds for one holds for all. */
const ENGINES: readonly EngineName[] = ['onnx', 'onnx-web', TFJS_ENGINE];

function network(shape: readonly number[], ...layers: NetworkLayer[]): NetworkArchitecture {
  return { name: 'net', inputs: [{ name: 'x', shape }], layers, outputs: [layers.at(-1)!.name] };
}

function drawn(size: number, seed = 1): Float32Array {
  const random = createRandom(seed, 99);
  return Float32Array.from({ length: size }, () => random.normal());
}

/** Start weights with biases that are not 0, so that a lost bias shows. */
function weightsOf(architecture: NetworkArchitecture, fixed: NetworkWeights = {}): NetworkWeights {
  const random = createRandom(4);
  const weights = initialWeights(networkGraph(architecture), random, fixed);
  for (const layer of Object.values(weights)) {
    for (const weight of Object.values(layer))
      weight.data.forEach((value, at) => (weight.data[at] = value + 0.1 * random.normal()));
  }
  return weights;
}

/** An LSTM cell by cell in double precision, straight from the formula. */
function lstmByHand(x: Float32Array, steps: number, width: number, weights: NetworkWeights[string]): number[] {
  const units = weights['bias']!.data.length / 4;
  const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value));
  let h = new Array<number>(units).fill(0);
  let c = new Array<number>(units).fill(0);
  for (let t = 0; t < steps; t++) {
    const z = Array.from({ length: 4 * units }, (_, n) => {
      let sum = weights['bias']!.data[n]!;
      for (let w = 0; w < width; w++) sum += x[t * width + w]! * weights['kernel']!.data[w * 4 * units + n]!;
      for (let u = 0; u < units; u++) sum += h[u]! * weights['recurrent_kernel']!.data[u * 4 * units + n]!;
      return sum;
    });
    c = c.map((cell, u) => sigmoid(z[units + u]!) * cell + sigmoid(z[u]!) * Math.tanh(z[2 * units + u]!));
    h = c.map((cell, u) => sigmoid(z[3 * units + u]!) * Math.tanh(cell));
  }
  return h;
}

function setup(batchSize: number, changes: Partial<TrainingSetup> = {}): TrainingSetup {
  return { loss: { name: 'mse' }, optimiser: ADAM, clipNorm: null, batchSize, state: null, ...changes };
}

interface Step {
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly rowWeights?: readonly number[];
  readonly rate?: number;
  readonly masks?: Readonly<Record<string, Float32Array>>;
}

/** One step of the optimiser over whole rows; the loss before it. */
async function step(runner: NetworkRunner, rows: number, given: Step): Promise<number> {
  const weights = given.rowWeights ?? new Array<number>(rows).fill(1);
  const losses = await runner.train({
    steps: 1,
    inputs: [given.inputs],
    targets: given.targets,
    weights: Float32Array.from(weights, (weight) => weight / rows),
    learningRates: Float32Array.of(given.rate ?? 1e-3),
    masks: given.masks ?? {},
  });
  return losses[0]!;
}

const rounded = (values: Float32Array, digits: number): number[] =>
  [...values].map((value) => Math.round(value * 10 ** digits) / 10 ** digits);

test('auto takes the native engine where it runs', async () => {
  expect((await openEngine('auto')).name).toBe('onnx');
});

test('the wasm backend of TensorFlow.js runs, and nothing is hung on the process', async () => {
  expect((await openEngine('tfjs-wasm')).name).toBe('tfjs-wasm');
  expect(tf.getBackend()).toBe('wasm');
  const texts = process.listeners('unhandledRejection').map(String);
  expect(texts.filter((text) => text.includes('throw reason'))).toEqual([]);
});

test('an engine that cannot run is refused with a remedy', async () => {
  // Where the native library is installed this opens instead: then it must really be that backend.
  const outcome = await openEngine('tfjs-node').then(
    (native) => native.name,
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
  expect(outcome).toMatch(
    /^tfjs-node$|^ENGINE_UNAVAILABLE: The engine tfjs-node cannot run here: .*; (install its native|use Node 20)/,
  );
});

test('the native engine is refused on a Node that lacks what it calls', () => {
  const load = `
    delete require('node:util').isNullOrUndefined;
    import('#src/ml/engine/open-engine.js').then(({ openEngine }) => openEngine('tfjs-node')).catch((error) => console.log(error.code, error.message));
  `;
  const { stdout } = spawnSync(process.execPath, ['-e', load], { encoding: 'utf8' });
  expect(stdout.trim()).toBe(
    `ENGINE_UNAVAILABLE The engine tfjs-node cannot run here: it calls util.isNullOrUndefined, which Node ${process.version} no longer has; use Node 20 or 22, or the engine tfjs-wasm.`,
  );
});

test('tfjs refuses what it does not compute and names the engines that do', async () => {
  const engine = await openEngine(TFJS_ENGINE);
  const gru = network([3, 2], { type: 'GRU', name: 'g', config: { units: 2 } });
  await expect(engine.open(gru, weightsOf(gru), null)).rejects.toMatchObject({
    code: 'ENGINE_UNAVAILABLE',
    message: `The engine ${TFJS_ENGINE} does not compute GRU g; use the engine auto, onnx or onnx-web.`,
  });
  const dense = network([2], { type: 'Dense', name: 'd', config: { units: 1 } });
  const mae = engine.open(dense, weightsOf(dense), setup(2, { loss: { name: 'mae' } }));
  await expect(mae).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE', details: { lacks: 'the loss mae' } });
});

const gradientCases: [string, NetworkArchitecture][] = [
  [
    'Dense with tanh and sigmoid',
    network(
      [4],
      { type: 'Dense', name: 'a', config: { units: 6, activation: 'tanh' } },
      { type: 'Dense', name: 'b', config: { units: 5, activation: 'tanh' } },
      { type: 'Dense', name: 'c', config: { units: 3, activation: 'sigmoid' } },
    ),
  ],
  [
    'LSTM',
    network(
      [5, 3],
      { type: 'LSTM', name: 'l', config: { units: 4 } },
      { type: 'Dense', name: 'h', config: { units: 2 } },
    ),
  ],
  [
    'LSTM of one step without bias',
    network(
      [1, 3],
      { type: 'LSTM', name: 'l', config: { units: 4, use_bias: false } },
      { type: 'Dense', name: 'h', config: { units: 2 } },
    ),
  ],
  [
    'stacked LSTM, Dense per step',
    network(
      [5, 3],
      { type: 'LSTM', name: 'l1', config: { units: 4, return_sequences: true } },
      { type: 'Dense', name: 'd', config: { units: 3 } },
      { type: 'LSTM', name: 'l2', config: { units: 3 } },
      { type: 'Dense', name: 'h', config: { units: 4 } },
      { type: 'Reshape', name: 'r', config: { target_shape: [2, 2] } },
    ),
  ],
  [
    'Conv1D, causal and dilated, over another without padding',
    network(
      [7, 3],
      { type: 'Conv1D', name: 'v', config: { filters: 4, kernel_size: 2, activation: 'tanh' } },
      { type: 'Conv1D', name: 'c', config: { filters: 3, kernel_size: 3, padding: 'causal', dilation_rate: 2 } },
      { type: 'Activation', name: 'a', config: { activation: 'sigmoid' } },
      { type: 'GlobalAveragePooling1D', name: 'p', config: {} },
      { type: 'Dense', name: 'h', config: { units: 2 } },
    ),
  ],
  [
    'Concatenate of two ways from one layer',
    network(
      [4, 2],
      { type: 'Dense', name: 'd', config: { units: 3 } },
      { type: 'Conv1D', name: 'c', config: { filters: 2, kernel_size: 2, padding: 'causal', use_bias: false } },
      { type: 'Concatenate', name: 'j', config: {}, from: ['c', 'd'] },
      { type: 'Dense', name: 'h', config: { units: 2, activation: 'tanh' } },
    ),
  ],
  [
    'everything that passes a gradient on',
    network(
      [3, 2],
      { type: 'Dense', name: 'd', config: { units: 2 } },
      { type: 'Rescaling', name: 's', config: { scale: [2, -0.5], offset: 0.1 } },
      { type: 'Subtract', name: 'm', config: {}, from: ['s', 'd'] },
      { type: 'Cropping1D', name: 'c', config: { cropping: [2, 0] } },
      { type: 'Flatten', name: 'f', config: {} },
      { type: 'RepeatVector', name: 'v', config: { n: 3 } },
      { type: 'Add', name: 'a', config: {}, from: ['v', 'm'] },
    ),
  ],
];

describe.each(ENGINES)('%s', (name) => {
  let engine: NetworkEngine;
  beforeAll(async () => {
    engine = await openEngine(name);
  });

  test('an LSTM computes what the formula says, to 1e-6', async () => {
    const architecture = network([6, 3], { type: 'LSTM', name: 'l', config: { units: 5 } });
    const weights = weightsOf(architecture);
    const x = drawn(18);
    const runner = await engine.open(architecture, weights, null);
    const expected = lstmByHand(x, 6, 3, weights['l']!);
    const got = await runner.predict([x], 1);
    expect(got).toHaveLength(5);
    got.forEach((value, u) => expect(Math.abs(value - expected[u]!)).toBeLessThan(1e-6));
    await runner.dispose();
  });

  test.each(gradientCases)('gradients of %s are those of finite differences', async (_name, architecture) => {
    const weights = weightsOf(architecture);
    const rows = 5;
    const x = drawn(rows * architecture.inputs[0]!.shape.reduce((a, b) => a * b, 1), 2);
    const outputs = networkGraph(architecture)
      .layers.at(-1)!
      .outputShape.reduce((a, b) => a * b, 1);
    const y = drawn(rows * outputs, 3);
    const runner = await engine.open(architecture, weights, setup(rows));
    const lossOf = async (of: NetworkWeights): Promise<number> => {
      runner.setWeights(of);
      const output = await runner.predict([x], rows);
      return output.reduce((sum, value, at) => sum + (value - y[at]!) ** 2, 0) / output.length;
    };
    const before = await lossOf(weights);
    expect(await step(runner, rows, { inputs: x, targets: y })).toBeCloseTo(before, 5);
    // After the first step Adam's first moment, which is kept divided by 1 − β₁, is the gradient.
    const gradients = runner.optimiser().slots['first']!;
    const by = 1e-2;
    for (const [layer, tensors] of Object.entries(weights)) {
      for (const [weight, { shape, data }] of Object.entries(tensors)) {
        const differences: number[] = [];
        for (let n = 0; n < Math.min(data.length, 6); n++) {
          const at = Math.floor((n * data.length) / Math.min(data.length, 6));
          const shifted = (distance: number): Promise<number> => {
            const changed = data.slice();
            changed[at]! += distance;
            return lossOf({ ...weights, [layer]: { ...tensors, [weight]: { shape, data: changed } } });
          };
          const slope = ((await shifted(by)) - (await shifted(-by))) / (2 * by);
          differences.push(Math.abs(slope - gradients[`${layer}/${weight}`]![at]!));
        }
        expect(Math.max(...differences)).toBeLessThan(2e-3);
      }
    }
    await runner.dispose();
  });

  test('a relu passes the gradient on where its output is positive, and nowhere else', async () => {
    const architecture = network([2], { type: 'Dense', name: 'd', config: { units: 2, activation: 'relu' } });
    const weights = {
      d: {
        kernel: { shape: [2, 2], data: Float32Array.of(1, -1, 0, 0) },
        bias: { shape: [2], data: new Float32Array(2) },
      },
    };
    const runner = await engine.open(architecture, weights, setup(1));
    // Outputs relu(3) = 3 and relu(-3) = 0 against 1 and 1: d/dkernel = 2/2·(3 − 1)·[3, 5] for the first unit only.
    expect(await step(runner, 1, { inputs: Float32Array.of(3, 5), targets: Float32Array.of(1, 1) })).toBe(2.5);
    const gradients = runner.optimiser().slots['first']!;
    expect(rounded(gradients['d/kernel']!, 4)).toEqual([6, 0, 10, 0]);
    expect(rounded(gradients['d/bias']!, 4)).toEqual([2, 0]);
    await runner.dispose();
  });

  test('a weight of a row multiplies its squared errors before the mean', async () => {
    const architecture = network([1], { type: 'Dense', name: 'd', config: { units: 2, use_bias: false } });
    const weights = { d: { kernel: { shape: [1, 2], data: Float32Array.of(1, 2) } } };
    const runner = await engine.open(architecture, weights, setup(3));
    const inputs = Float32Array.of(1, 2, 1);
    const targets = Float32Array.of(0, 0, 2, 6, 1, 1);
    // Errors [1, 2], [0, −2], [0, 1]: (3·(1 + 4) + 0.5·4 + 0·1) / 6; gradients 2/6·Σ w·error·input.
    expect(await step(runner, 3, { inputs, targets, rowWeights: [3, 0.5, 0] })).toBeCloseTo(17 / 6, 6);
    expect(rounded(runner.optimiser().slots['first']!['d/kernel']!, 4)).toEqual([1, 1.3333]);
    await runner.dispose();
  });

  test('layers that are not trained keep their weights', async () => {
    const architecture = network(
      [3],
      { type: 'Dense', name: 'fixed', config: { units: 3, use_bias: false, trainable: false } },
      { type: 'Dense', name: 'head', config: { units: 1 } },
    );
    const kernel = { shape: [3, 3], data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
    const weights = initialWeights(networkGraph(architecture), createRandom(1), { fixed: { kernel } });
    const runner = await engine.open(architecture, weights, setup(4));
    await step(runner, 4, { inputs: drawn(12), targets: drawn(4), rate: 0.1 });
    expect(runner.weights()['fixed']).toEqual(weights['fixed']);
    expect(runner.weights()['head']).not.toEqual(weights['head']);
    expect(Object.keys(runner.optimiser().slots['first']!).sort()).toEqual(['head/bias', 'head/kernel']);
    await runner.dispose();
  });

  test('a row gives the same bytes alone, in any company and at any place', async () => {
    const architecture = network(
      [7, 3],
      { type: 'LSTM', name: 'l', config: { units: 5, return_sequences: true } },
      { type: 'Dense', name: 'd', config: { units: 11, activation: 'tanh' } },
      { type: 'LSTM', name: 'm', config: { units: 7 } },
      { type: 'Dense', name: 'h', config: { units: 3 } },
    );
    const runner = await engine.open(architecture, weightsOf(architecture), null);
    const rows = 83;
    const x = drawn(rows * 21, 8);
    const together = await runner.predict([x], rows);
    for (let row = 0; row < rows; row++) {
      const alone = await runner.predict([x.subarray(row * 21, (row + 1) * 21)], 1);
      expect(together.subarray(row * 3, row * 3 + 3)).toEqual(alone);
    }
    await runner.dispose();
  });

  test('a mask drops what it says in training, and prediction drops nothing', async () => {
    const architecture = network(
      [4],
      { type: 'Dropout', name: 'drop', config: { rate: 0.5 } },
      { type: 'Dense', name: 'h', config: { units: 1, use_bias: false } },
    );
    const weights = { h: { kernel: { shape: [4, 1], data: Float32Array.of(1, 1, 1, 1) } } };
    const runner = await engine.open(architecture, weights, setup(1));
    const inputs = Float32Array.of(1, 2, 3, 4);
    expect([...(await runner.predict([inputs], 1))]).toEqual([10]);
    const masks = { drop: Float32Array.of(2, 0, 2, 0) };
    expect(await step(runner, 1, { inputs, targets: Float32Array.of(0), masks })).toBe(64);
    // 2·error·input·mask.
    expect(rounded(runner.optimiser().slots['first']!['h/kernel']!, 4)).toEqual([32, 0, 96, 0]);
    await runner.dispose();
  });

  test('steps in one call, in several, and after a restart give the same bits', async () => {
    const architecture = network(
      [5, 2],
      { type: 'LSTM', name: 'l', config: { units: 4 } },
      { type: 'Dense', name: 'h', config: { units: 2 } },
    );
    const start = weightsOf(architecture);
    const [steps, rows] = [7, 6];
    const all = { inputs: drawn(steps * rows * 10, 5), targets: drawn(steps * rows * 2, 6) };
    const part = (from: number, to: number) => ({
      steps: to - from,
      inputs: [all.inputs.slice(from * rows * 10, to * rows * 10)],
      targets: all.targets.slice(from * rows * 2, to * rows * 2),
      weights: new Float32Array((to - from) * rows).fill(1 / rows),
      learningRates: Float32Array.from({ length: to - from }, (_, n) => 0.01 / (1 + from + n)),
      masks: {},
    });
    const whole = await engine.open(architecture, start, setup(rows));
    const losses = await whole.train(part(0, steps));
    const first = await engine.open(architecture, start, setup(rows));
    const early = await first.train(part(0, 3));
    const second = await engine.open(architecture, first.weights(), setup(rows, { state: first.optimiser() }));
    const late = await second.train(part(3, steps));
    expect([...early, ...late]).toEqual([...losses]);
    expect(losses.every((loss) => loss > 0)).toBe(true);
    expect(second.weights()).toEqual(whole.weights());
    expect(second.optimiser()).toEqual(whole.optimiser());
    await Promise.all([whole.dispose(), first.dispose(), second.dispose()]);
  });
});

test('the engines agree on every loss and on the weights after twenty steps of stacked LSTM', async () => {
  const architecture = network(
    [6, 3],
    { type: 'LSTM', name: 'a', config: { units: 6, return_sequences: true } },
    { type: 'LSTM', name: 'b', config: { units: 4 } },
    { type: 'Dense', name: 'h', config: { units: 3, activation: 'tanh' } },
    { type: 'Dense', name: 'o', config: { units: 2 } },
  );
  const start = weightsOf(architecture);
  const [steps, rows] = [20, 8];
  const results: { losses: Float32Array; kernel: Float32Array }[] = [];
  for (const name of ENGINES) {
    const runner = await (await openEngine(name)).open(architecture, start, setup(rows));
    const losses = await runner.train({
      steps,
      inputs: [drawn(steps * rows * 18, 5)],
      targets: drawn(steps * rows * 2, 6),
      weights: new Float32Array(steps * rows).fill(1 / rows),
      learningRates: new Float32Array(steps).fill(0.01),
      masks: {},
    });
    results.push({ losses, kernel: runner.weights()['a']!['kernel']!.data });
    await runner.dispose();
  }
  for (const { losses, kernel } of results.slice(1)) {
    expect(Math.max(...losses.map((loss, n) => Math.abs(loss / results[0]!.losses[n]! - 1)))).toBeLessThan(2e-6);
    expect(Math.max(...kernel.map((value, n) => Math.abs(value - results[0]!.kernel[n]!)))).toBeLessThan(2e-5);
  }
});

/** w after each step of w ← optimiser(gradient) for the loss (w·1 − y)², in double precision. */
const byHand: Readonly<Record<string, (gradients: (w: number, n: number) => number) => number[]>> = {
  sgd(gradient) {
    let [w, velocity] = [0.5, 0];
    return [0, 1, 2].map((n) => {
      velocity = 0.9 * velocity - 0.01 * gradient(w, n);
      return (w += velocity);
    });
  },
  rmsprop(gradient) {
    let [w, v] = [0.5, 0];
    return [0, 1, 2].map((n) => {
      const g = gradient(w, n);
      v = 0.9 * v + 0.1 * g * g;
      return (w -= (0.01 * g) / Math.sqrt(v + 1e-7));
    });
  },
  adamw(gradient) {
    let [w, m, v] = [0.5, 0, 0];
    return [0, 1, 2].map((n) => {
      const g = gradient(w, n);
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const rate = (0.01 * Math.sqrt(1 - 0.999 ** (n + 1))) / (1 - 0.9 ** (n + 1));
      return (w = w * (1 - 0.01 * 0.1) - (rate * m) / (Math.sqrt(v) + 1e-7));
    });
  },
};

test.each<[string, OptimiserSpecification]>([
  ['sgd', { name: 'sgd', momentum: 0.9 }],
  ['rmsprop', { name: 'rmsprop', rho: 0.9, epsilon: 1e-7 }],
  ['adamw', { ...ADAM, decay: 0.1 }],
])('three steps of %s follow the formula worked out in double precision', async (name, optimiser) => {
  const architecture = network([1], { type: 'Dense', name: 'd', config: { units: 1, use_bias: false } });
  const weights = { d: { kernel: { shape: [1, 1], data: Float32Array.of(0.5) } } };
  const runner = await (await openEngine('onnx')).open(architecture, weights, setup(1, { optimiser }));
  const targets = [2, -3, 0.25];
  const expected = byHand[name]!((w, n) => 2 * (w - targets[n]!));
  for (const [n, target] of targets.entries()) {
    await step(runner, 1, { inputs: Float32Array.of(1), targets: Float32Array.of(target), rate: 0.01 });
    expect(runner.weights()['d']!['kernel']!.data[0]).toBeCloseTo(expected[n]!, 6);
  }
  await runner.dispose();
});

test('a gradient longer than the limit is shortened to it over all weights, a shorter one is left', async () => {
  const architecture = network([2], { type: 'Dense', name: 'd', config: { units: 1 } });
  const start = {
    d: { kernel: { shape: [2, 1], data: Float32Array.of(0, 0) }, bias: { shape: [1], data: Float32Array.of(0) } },
  };
  const moved = async (clipNorm: number | null): Promise<number[]> => {
    const plain = setup(1, { optimiser: { name: 'sgd', momentum: 0 }, clipNorm });
    const runner = await (await openEngine('onnx')).open(architecture, start, plain);
    // Gradient 2·(0 − 1)·[2, 2, 1]: of length 6.
    await step(runner, 1, { inputs: Float32Array.of(2, 2), targets: Float32Array.of(1), rate: 1 });
    const { kernel, bias } = runner.weights()['d']!;
    await runner.dispose();
    return [...kernel!.data, ...bias!.data];
  };
  expect(await moved(null)).toEqual([4, 4, 2]);
  expect(await moved(7)).toEqual([4, 4, 2]);
  (await moved(3)).forEach((value, n) => expect(value).toBeCloseTo([2, 2, 1][n]!, 6));
});

test('masks keep what the rate says on average, scaled to the same mean, by the seed alone', () => {
  const mask = new Float32Array(100_001);
  drawMask(mask, 0.3, createRandom(3));
  expect(mask.filter((value) => value === 0).length / mask.length).toBeCloseTo(0.3, 2);
  expect(new Set(mask)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
  const again = new Float32Array(100_001);
  drawMask(again, 0.3, createRandom(3));
  expect(again).toEqual(mask);
});

test('twenty steps and a hundred predictions leave no TensorFlow.js tensor behind', async () => {
  const architecture = network(
    [4, 2],
    { type: 'LSTM', name: 'l', config: { units: 3 } },
    { type: 'Dense', name: 'h', config: { units: 1 } },
  );
  const engine = await openEngine(TFJS_ENGINE);
  const before = tf.memory().numTensors;
  const runner = await engine.open(architecture, weightsOf(architecture), setup(10));
  const opened = tf.memory().numTensors;
  const x = drawn(80);
  for (let n = 0; n < 20; n++) await step(runner, 10, { inputs: x, targets: drawn(10) });
  for (let n = 0; n < 100; n++) await runner.predict([x], 10);
  runner.setWeights(weightsOf(architecture));
  expect(tf.memory().numTensors).toBe(opened);
  expect(opened - before).toBe(5);
  await runner.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
