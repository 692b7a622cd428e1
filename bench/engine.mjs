// Milliseconds per epoch of the networks of docs/adr/0001-engines.md on one engine, beside PyTorch and JAX on the same
// work in the same run: `node bench/engine.mjs [python] [engine] [networks]`. The Python, from bench/engine-venv.sh, has
// torch and jax; without it only our side runs; networks are names with commas between them. Every figure is the smallest
// of some epochs; batch 64, Adam, squared error.
import { spawnSync } from 'node:child_process';
import { openEngine } from '../dist/ml/engine/open-engine.js';
import { initialWeights } from '../dist/ml/engine/initial-weights.js';
import { networkGraph } from '../dist/ml/engine/network-graph.js';
import { createRandom } from '../dist/ml/engine/random.js';
import { ADAM } from '../dist/ml/engine/training-setup.js';

const [python, engineName = 'onnx', chosen] = process.argv.slice(2);
const BATCH = 64;
/** An epoch in one call, as JAX does it, and as a training does where an epoch takes no more than 25 ms. */
const STEPS_A_CALL = 256;
const SECONDS = 4;

const chain = (shape, ...layers) => ({
  inputs: [{ name: 'x', shape }],
  layers: layers.map(([type, config], n) => ({ type, name: `layer${n}`, config })),
  outputs: [`layer${layers.length - 1}`],
});
const causal = (dilation) => [
  'Conv1D',
  { filters: 32, kernel_size: 3, padding: 'causal', dilation_rate: dilation, activation: 'relu' },
];
const head = ['Dense', { units: 1 }];

const NETWORKS = {
  mlp: {
    rows: 5000,
    ...chain([32], ['Dense', { units: 64, activation: 'relu' }], ['Dense', { units: 64, activation: 'relu' }], head),
  },
  linear: { rows: 5000, ...chain([336], ['Dense', { units: 96 }]) },
  lstm: { rows: 2000, ...chain([30, 8], ['LSTM', { units: 32 }], head) },
  gru: { rows: 2000, ...chain([30, 8], ['GRU', { units: 32 }], head) },
  tcn: { rows: 2000, ...chain([30, 8], causal(1), causal(2), causal(4), ['Flatten', {}], head) },
  transformer: {
    rows: 2000,
    inputs: [{ name: 'x', shape: [30, 8] }],
    layers: [
      { type: 'Dense', name: 'embedding', config: { units: 32 } },
      { type: 'MultiHeadAttention', name: 'attention', config: { num_heads: 4, key_dim: 8 } },
      { type: 'Add', name: 'attended', config: {}, from: ['embedding', 'attention'] },
      { type: 'LayerNormalization', name: 'norm1', config: { epsilon: 1e-5 } },
      { type: 'Dense', name: 'wide', config: { units: 64, activation: 'relu' } },
      { type: 'Dense', name: 'narrow', config: { units: 32 } },
      { type: 'Add', name: 'block', config: {}, from: ['norm1', 'narrow'] },
      { type: 'LayerNormalization', name: 'norm2', config: { epsilon: 1e-5 } },
      { type: 'Flatten', name: 'flat', config: {} },
      { type: 'Dense', name: 'head', config: { units: 1 } },
    ],
    outputs: ['head'],
  },
  'lstm-64-96': { rows: 2000, ...chain([96, 8], ['LSTM', { units: 64 }], head) },
};

const sizeOf = (shape) => shape.reduce((product, extent) => product * extent, 1);

async function measure(engine, name) {
  const { rows, ...architecture } = { name, ...NETWORKS[name] };
  const graph = networkGraph(architecture);
  const random = createRandom(1);
  const weights = initialWeights(graph, random);
  const inputSize = sizeOf(architecture.inputs[0].shape);
  const outputSize = sizeOf(graph.layers.at(-1).outputShape);
  const x = Float32Array.from({ length: rows * inputSize }, () => random.normal());
  const y = Float32Array.from({ length: rows * outputSize }, () => random.normal());
  const started = performance.now();
  const runner = await engine.open(architecture, weights, {
    loss: { name: 'mse' },
    optimiser: ADAM,
    clipNorm: null,
    batchSize: BATCH,
    state: null,
  });
  let firstStepMs = null;
  // Whole batches only, as the peers do.
  const batches = Math.floor(rows / BATCH);
  let best = Infinity;
  const end = performance.now() + SECONDS * 1000;
  for (let epoch = 0; epoch < 6 || performance.now() < end; epoch++) {
    const began = performance.now();
    for (let from = 0; from < batches;) {
      const steps = firstStepMs === null ? 1 : Math.min(STEPS_A_CALL, batches - from);
      const part = (values, size) => values.subarray(from * BATCH * size, (from + steps) * BATCH * size);
      await runner.train({
        steps,
        inputs: [part(x, inputSize)],
        targets: part(y, outputSize),
        weights: new Float32Array(steps * BATCH).fill(1 / BATCH),
        learningRates: new Float32Array(steps).fill(1e-3),
        masks: {},
      });
      firstStepMs ??= performance.now() - started;
      from += steps;
    }
    best = Math.min(best, performance.now() - began);
  }
  await runner.dispose();
  return { epochMs: best, firstStepMs };
}

function peers(name) {
  if (!python) return {};
  const { status, stdout, stderr } = spawnSync(
    python,
    [new URL('engine-peers.py', import.meta.url).pathname, name, String(SECONDS)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr.split('\n').slice(-5).join('\n'));
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

const engine = await openEngine(engineName);
const shown = (value, digits = 1) => (value === undefined ? '–' : value.toFixed(digits));
console.log(`ms per epoch, batch ${BATCH}, engine ${engineName}, one thread; ratios are ours over the peer's`);
console.log('| network | ours | first step | PyTorch eager | JAX jit | ours/PyTorch | ours/JAX |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const name of chosen?.split(',') ?? Object.keys(NETWORKS)) {
  const { epochMs, firstStepMs } = await measure(engine, name);
  const { torch, jax } = peers(name);
  const ratio = (peer) => (peer === undefined ? '–' : (epochMs / peer).toFixed(2));
  console.log(
    `| ${name} | ${shown(epochMs)} | ${shown(firstStepMs, 0)} | ${shown(torch)} | ${shown(jax)} | ${ratio(torch)} | ${ratio(jax)} |`,
  );
}
