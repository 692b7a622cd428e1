import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '#src/ml/engine/open-engine.js';
import { initialWeights } from '#src/ml/engine/initial-weights.js';
import { networkGraph } from '#src/ml/engine/network-graph.js';
import type { NetworkEngine } from '#src/ml/engine/network-engine.js';
import type { NetworkArchitecture, NetworkLayer, NetworkWeights } from '#src/ml/engine/network.js';
import { createRandom } from '#src/ml/engine/random.js';

let engine: NetworkEngine;
beforeAll(async () => {
  engine = await openEngine('auto');
});

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

test('the wasm backend runs, and nothing is hung on the process', () => {
  expect(engine.name).toBe('tfjs-wasm');
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
    /^tfjs-node$|^ENGINE_UNAVAILABLE: The engine tfjs-node cannot run here: .*; install its native/,
  );
});

test('an LSTM computes what the formula says, to 1e-6', () => {
  const architecture = network([6, 3], { type: 'LSTM', name: 'l', config: { units: 5 } });
  const weights = weightsOf(architecture);
  const x = drawn(18);
  const runner = engine.open(architecture, weights, null);
  const expected = lstmByHand(x, 6, 3, weights['l']!);
  const got = runner.predict([x], 1);
  expect(got).toHaveLength(5);
  got.forEach((value, u) => expect(Math.abs(value - expected[u]!)).toBeLessThan(1e-6));
  runner.dispose();
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

test.each(gradientCases)('gradients of %s are those of finite differences', (_name, architecture) => {
  const weights = weightsOf(architecture);
  const rows = 5;
  const x = drawn(rows * architecture.inputs[0]!.shape.reduce((a, b) => a * b, 1), 2);
  const outputs = networkGraph(architecture)
    .layers.at(-1)!
    .outputShape.reduce((a, b) => a * b, 1);
  const y = drawn(rows * outputs, 3);
  const lossOf = (of: NetworkWeights): number => {
    const runner = engine.open(architecture, of, null);
    const output = runner.predict([x], rows);
    runner.dispose();
    return output.reduce((sum, value, at) => sum + (value - y[at]!) ** 2, 0) / output.length;
  };
  // After its first step Adam's first moment is a tenth of the gradient.
  const runner = engine.open(architecture, weights, { learningRate: 1e-3, optimiser: null });
  const loss = runner.trainStep([x], y, rows, createRandom(1));
  expect(loss).toBeCloseTo(lossOf(weights), 5);
  const moments = runner.optimiser().first;
  runner.dispose();
  const step = 1e-2;
  for (const [layer, tensors] of Object.entries(weights)) {
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      const differences = Array.from({ length: Math.min(data.length, 6) }, (_, n) => {
        const at = Math.floor((n * data.length) / Math.min(data.length, 6));
        const shifted = (by: number): number => {
          const changed = data.slice();
          changed[at]! += by;
          return lossOf({ ...weights, [layer]: { ...tensors, [name]: { shape, data: changed } } });
        };
        return Math.abs((shifted(step) - shifted(-step)) / (2 * step) - 10 * moments[`${layer}/${name}`]![at]!);
      });

      expect(Math.max(...differences)).toBeLessThan(2e-3);
    }
  }
});

test('a relu passes the gradient on where its output is positive, and nowhere else', () => {
  const architecture = network([2], { type: 'Dense', name: 'd', config: { units: 2, activation: 'relu' } });
  const weights = {
    d: {
      kernel: { shape: [2, 2], data: Float32Array.of(1, -1, 0, 0) },
      bias: { shape: [2], data: new Float32Array(2) },
    },
  };
  const runner = engine.open(architecture, weights, { learningRate: 1e-3, optimiser: null });
  // Outputs relu(3) = 3 and relu(-3) = 0 against 1 and 1: d/dkernel = 2/2·(3 − 1)·[3, 5] for the first unit only.
  expect(runner.trainStep([Float32Array.of(3, 5)], Float32Array.of(1, 1), 1, createRandom(1))).toBe(2.5);
  const moments = runner.optimiser().first;
  expect([...moments['d/kernel']!].map((value) => Math.round(value * 1e5) / 1e4)).toEqual([6, 0, 10, 0]);
  expect([...moments['d/bias']!].map((value) => Math.round(value * 1e5) / 1e4)).toEqual([2, 0]);
  runner.dispose();
});

test('a weight of a row multiplies its squared errors before the mean', () => {
  const architecture = network([1], { type: 'Dense', name: 'd', config: { units: 2, use_bias: false } });
  const weights = { d: { kernel: { shape: [1, 2], data: Float32Array.of(1, 2) } } };
  const step = (rowWeights?: Float32Array) => {
    const runner = engine.open(architecture, weights, { learningRate: 1e-3, optimiser: null });
    const targets = Float32Array.of(0, 0, 2, 6, 1, 1);
    const loss = runner.trainStep([Float32Array.of(1, 2, 1)], targets, 3, createRandom(1), rowWeights);
    const kernel = [...runner.optimiser().first['d/kernel']!].map((value) => Math.round(value * 1e4) / 1e3);
    runner.dispose();
    return { loss, kernel };
  };
  // Errors [1, 2], [0, −2], [0, 1]: (3·(1 + 4) + 0.5·4 + 0·1) / 6; gradients 2/6·Σ w·error·input.
  expect(step(Float32Array.of(3, 0.5, 0))).toEqual({ loss: Math.fround(17 / 6), kernel: [1, 1.333] });
  expect(step(Float32Array.of(1, 1, 1))).toEqual(step());
});

test('layers that are not trained keep their weights', () => {
  const architecture = network(
    [3],
    { type: 'Dense', name: 'fixed', config: { units: 3, use_bias: false, trainable: false } },
    { type: 'Dense', name: 'head', config: { units: 1 } },
  );
  const kernel = { shape: [3, 3], data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
  const weights = initialWeights(networkGraph(architecture), createRandom(1), { fixed: { kernel } });
  const runner = engine.open(architecture, weights, { learningRate: 0.1, optimiser: null });
  runner.trainStep([drawn(12)], drawn(4), 4, createRandom(1));
  expect(runner.weights()['fixed']).toEqual(weights['fixed']);
  expect(runner.weights()['head']).not.toEqual(weights['head']);
  expect(Object.keys(runner.optimiser().first)).toEqual(['head/kernel', 'head/bias']);
  runner.dispose();
});

test('a row gives the same bytes alone, in any company and at any place', () => {
  const architecture = network(
    [7, 3],
    { type: 'LSTM', name: 'l', config: { units: 5 } },
    { type: 'Dense', name: 'h', config: { units: 3 } },
  );
  const runner = engine.open(architecture, weightsOf(architecture), null);
  const rows = 83;
  const x = drawn(rows * 21, 8);
  const together = runner.predict([x], rows);
  for (let row = 0; row < rows; row++) {
    const alone = runner.predict([x.subarray(row * 21, (row + 1) * 21)], 1);
    expect(together.subarray(row * 3, row * 3 + 3)).toEqual(alone);
  }
  runner.dispose();
});

test('dropout drops in training only, and the seed decides what', () => {
  const architecture = network(
    [50],
    { type: 'Dropout', name: 'drop', config: { rate: 0.5 } },
    { type: 'Dense', name: 'h', config: { units: 1 } },
  );
  const weights = weightsOf(architecture);
  const x = drawn(400);
  const lossWith = (seed: number | null): number => {
    const runner = engine.open(architecture, weights, { learningRate: 0.1, optimiser: null });
    const loss = runner.trainStep([x], new Float32Array(8), 8, createRandom(seed ?? 1));
    runner.dispose();
    return loss;
  };
  expect(lossWith(1)).toBe(lossWith(1));
  expect(lossWith(2)).not.toBe(lossWith(1));
  const plain = engine.open(architecture, weights, null);
  expect(plain.predict([x], 8)).toEqual(plain.predict([x], 8));
  plain.dispose();
});

test('twenty epochs and a hundred predictions leave no tensor behind', () => {
  const architecture = network(
    [4, 2],
    { type: 'LSTM', name: 'l', config: { units: 3 } },
    { type: 'Dense', name: 'h', config: { units: 1 } },
  );
  const before = tf.memory().numTensors;
  const runner = engine.open(architecture, weightsOf(architecture), { learningRate: 0.01, optimiser: null });
  const opened = tf.memory().numTensors;
  const x = drawn(80);
  for (let n = 0; n < 20; n++) runner.trainStep([x], drawn(10), 10, createRandom(n));
  for (let n = 0; n < 100; n++) runner.predict([x], 10);
  runner.setWeights(weightsOf(architecture));
  expect(tf.memory().numTensors).toBe(opened);
  expect(opened - before).toBe(5);
  runner.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
