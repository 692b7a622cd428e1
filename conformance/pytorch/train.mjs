// Trains networks on our onnx engine for check.py: NAME.json with the network, start weights, data, batch order, how it
// was trained, and the loss of each step.
//   node conformance/pytorch/train.mjs DIRECTORY
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { initialWeights } from '../../dist/ml/engine/initial-weights.js';
import { networkGraph } from '../../dist/ml/engine/network-graph.js';
import { openEngine } from '../../dist/ml/engine/open-engine.js';
import { createRandom } from '../../dist/ml/engine/random.js';
import { ADAM, outputsPerTarget } from '../../dist/ml/engine/training-setup.js';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: node conformance/pytorch/train.mjs DIRECTORY');
const random = createRandom(17);
const engine = await openEngine('onnx');
const EPOCHS = 3;
const BATCH = 64;

const layer = (type, name, config = {}, ...from) => ({ type, name, config, ...(from.length > 0 && { from }) });
const sizeOf = (shape) => shape.reduce((product, extent) => product * extent, 1);

const KINDS = {
  linear: { shape: [64], layers: (outputs) => [layer('Dense', 'head', { units: outputs })] },
  mlp: {
    shape: [16],
    layers: (outputs) => [
      layer('Dense', 'one', { units: 32, activation: 'relu' }),
      layer('Dense', 'two', { units: 32, activation: 'tanh' }),
      layer('Dense', 'head', { units: outputs }),
    ],
  },
  lstm: {
    shape: [16, 5],
    layers: (outputs) => [
      layer('LSTM', 'one', { units: 12, return_sequences: true }),
      layer('LSTM', 'two', { units: 12 }),
      layer('Dense', 'head', { units: outputs }),
    ],
  },
  gru: {
    shape: [16, 5],
    layers: (outputs) => [
      layer('GRU', 'one', { units: 12, return_sequences: true }),
      layer('GRU', 'two', { units: 12, go_backwards: true }),
      layer('Dense', 'head', { units: outputs }),
    ],
  },
  tcn: {
    shape: [20, 5],
    layers: (outputs) => [
      layer('Conv1D', 'one', { filters: 12, kernel_size: 3, padding: 'causal', activation: 'relu' }),
      layer('Conv1D', 'two', { filters: 12, kernel_size: 3, padding: 'causal', dilation_rate: 2, activation: 'relu' }),
      layer('Conv1D', 'four', { filters: 12, kernel_size: 3, padding: 'causal', dilation_rate: 4, activation: 'relu' }),
      layer('Add', 'skip', {}, 'four', 'one'),
      layer('Flatten', 'flat'),
      layer('Dense', 'head', { units: outputs }),
    ],
  },
  transformer: {
    shape: [12, 6],
    layers: (outputs) => [
      layer('Dense', 'embedding', { units: 16 }),
      layer('MultiHeadAttention', 'attention', { num_heads: 2, key_dim: 8 }),
      layer('Add', 'attended', {}, 'embedding', 'attention'),
      layer('LayerNormalization', 'norm_1', { epsilon: 1e-5 }),
      layer('Dense', 'up', { units: 32, activation: 'gelu' }),
      layer('Dense', 'down', { units: 16 }),
      layer('Add', 'block', {}, 'norm_1', 'down'),
      layer('LayerNormalization', 'norm_2', { epsilon: 1e-5 }),
      layer('Flatten', 'flat'),
      layer('Dense', 'head', { units: outputs }),
    ],
  },
};

/** What a loss compares outputs with: values, 0 or 1, or a class. */
const TARGETS = {
  'binary-cross-entropy': (value) => (value > 0 ? 1 : 0),
  'categorical-cross-entropy': (value) => (value < -0.3 ? 0 : value < 0.3 ? 1 : 2),
};

async function train(name, kind, given = {}) {
  const {
    loss = { name: 'mse' },
    optimiser = ADAM,
    clipNorm = null,
    rows = 512,
    learningRate = 2e-3,
    targets = 2,
  } = given;
  const { shape, layers } = KINDS[kind];
  const outputs = targets * outputsPerTarget(loss);
  const architecture = { name: kind, inputs: [{ name: 'x', shape }], layers: layers(outputs), outputs: ['head'] };
  const weights = initialWeights(networkGraph(architecture), random);
  const size = sizeOf(shape);
  const x = Float32Array.from({ length: rows * size }, () => random.normal());
  // What is learned: a bent sum of the inputs of each row, with noise.
  const y = Float32Array.from({ length: rows * targets }, (_, at) => {
    const row = Math.floor(at / targets);
    let sum = 0;
    for (let n = at % targets; n < size; n += 3) sum += x[row * size + n];
    const value = Math.tanh(sum / Math.sqrt(size)) + 0.1 * random.normal();
    return TARGETS[loss.name]?.(value) ?? value;
  });
  // Rows of weight 0 fill up the last batch of a number of rows that is no multiple of it.
  const rowWeights = Array.from({ length: rows }, () => (given.weighted ? Math.fround(0.5 + random.uniform()) : 1));
  const setup = { loss, optimiser, clipNorm, batchSize: BATCH, state: null };
  const runner = await engine.open(architecture, weights, setup);
  const steps = Math.ceil(rows / BATCH);
  const orders = [];
  const losses = [];
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const order = random.shuffle(Int32Array.from({ length: rows }, (_, row) => row));
    const inputs = new Float32Array(steps * BATCH * size);
    const wanted = new Float32Array(steps * BATCH * targets);
    const counted = new Float32Array(steps * BATCH);
    order.forEach((row, at) => {
      inputs.set(x.subarray(row * size, (row + 1) * size), at * size);
      wanted.set(y.subarray(row * targets, (row + 1) * targets), at * targets);
      const used = Math.min(BATCH, rows - Math.floor(at / BATCH) * BATCH);
      counted[at] = rowWeights[row] / used;
    });
    const found = await runner.train({
      steps,
      inputs: [inputs],
      targets: wanted,
      weights: counted,
      learningRates: new Float32Array(steps).fill(learningRate),
      masks: {},
    });
    orders.push([...order]);
    losses.push([...found]);
  }
  await runner.dispose();
  const plain = Object.fromEntries(
    Object.entries(weights).flatMap(([of, tensors]) =>
      Object.entries(tensors).map(([weight, tensor]) => [
        `${of}/${weight}`,
        { shape: tensor.shape, data: [...tensor.data] },
      ]),
    ),
  );
  const how = { loss, optimiser, clipNorm, learningRate: Math.fround(learningRate), batchSize: BATCH, rowWeights };
  const graph = networkGraph(architecture).layers.map(({ type, name: of, config, from }) => ({
    type,
    name: of,
    config,
    from,
  }));
  const document = { layers: graph, shape, targets, weights: plain, x: [...x], y: [...y], orders, losses, ...how };
  writeFileSync(join(directory, `${name}.json`), JSON.stringify(document));
}

for (const kind of Object.keys(KINDS)) await train(kind, kind);
await train('mlp-sgd-momentum', 'mlp', { optimiser: { name: 'sgd', momentum: 0.9 }, learningRate: 1e-2 });
await train('mlp-rmsprop', 'mlp', { optimiser: { name: 'rmsprop', rho: 0.9, epsilon: 1e-7 }, learningRate: 1e-3 });
await train('mlp-adamw', 'mlp', { optimiser: { ...ADAM, decay: 0.05 } });
await train('mlp-clipped', 'mlp', { clipNorm: 0.25 });
await train('mlp-weighted-last-batch-short', 'mlp', { weighted: true, rows: 490 });
await train('mlp-mae', 'mlp', { loss: { name: 'mae' } });
await train('mlp-huber', 'mlp', { loss: { name: 'huber', delta: 0.5 } });
await train('mlp-quantile', 'mlp', { loss: { name: 'quantile', levels: [0.1, 0.5, 0.9] } });
await train('mlp-gaussian', 'mlp', { loss: { name: 'gaussian' } });
await train('mlp-student-t', 'mlp', { loss: { name: 'student-t' } });
await train('mlp-binary-cross-entropy', 'mlp', { loss: { name: 'binary-cross-entropy' } });
await train('mlp-categorical-cross-entropy', 'mlp', { loss: { name: 'categorical-cross-entropy', classes: 3 } });
