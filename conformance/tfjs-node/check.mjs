// The engine tfjs-node beside the others, and in the service, run from a tree where its native library is installed:
//   node conformance/tfjs-node/check.mjs ORDINARY     ORDINARY: a checkout without it, which serves what was trained here
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ApiClient } from '../../dist/cli/api-client.js';
import { startService } from '../../dist/cli/service-process.js';
import { initialWeights } from '../../dist/ml/engine/initial-weights.js';
import { networkGraph } from '../../dist/ml/engine/network-graph.js';
import { openEngine } from '../../dist/ml/engine/open-engine.js';
import { createRandom } from '../../dist/ml/engine/random.js';
import { ADAM } from '../../dist/ml/engine/training-setup.js';

const [ordinary] = process.argv.slice(2);
if (ordinary === undefined) throw new Error('usage: node conformance/tfjs-node/check.mjs ORDINARY');

let failures = 0;
function check(name, holds, finding) {
  if (!holds) failures++;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${name}: ${finding}`);
}

const STEPS = 120;
const ROWS = 32;
const conv = (name, dilation) => ({
  type: 'Conv1D',
  name,
  config: { filters: 6, kernel_size: 3, padding: 'causal', dilation_rate: dilation, activation: 'relu' },
});
const NETWORKS = {
  dense: [
    { type: 'Flatten', name: 'flat', config: {} },
    { type: 'Dense', name: 'hidden', config: { units: 24, activation: 'relu' } },
    { type: 'Dense', name: 'head', config: { units: 3 } },
  ],
  LSTM: [
    { type: 'LSTM', name: 'first', config: { units: 8, return_sequences: true } },
    { type: 'LSTM', name: 'second', config: { units: 8 } },
    { type: 'Dense', name: 'head', config: { units: 3 } },
  ],
  convolution: [
    conv('near', 1),
    conv('far', 4),
    { type: 'GlobalAveragePooling1D', name: 'mean', config: {} },
    { type: 'Dense', name: 'head', config: { units: 3 } },
  ],
};

/** Losses of the steps, and the weights and forecasts after them. */
async function train(engineName, layers) {
  const architecture = { name: 'net', inputs: [{ name: 'x', shape: [16, 4] }], layers, outputs: ['head'] };
  const random = createRandom(5);
  const start = initialWeights(networkGraph(architecture), random);
  const draw = (size) => Float32Array.from({ length: size }, () => random.normal());
  const inputs = draw(STEPS * ROWS * 64);
  // Something that all can learn: the sums of three columns over the window, scaled to a deviation of 1.
  const targets = Float32Array.from({ length: STEPS * ROWS * 3 }, (_, at) => {
    const window = inputs.subarray(Math.floor(at / 3) * 64, Math.floor(at / 3 + 1) * 64);
    return window.reduce((sum, value, cell) => (cell % 4 === at % 3 ? sum + value / 4 : sum), 0);
  });
  const engine = await openEngine(engineName);
  const setup = { loss: { name: 'mse' }, optimiser: ADAM, clipNorm: null, batchSize: ROWS, state: null };
  const runner = await engine.open(architecture, start, setup);
  const losses = await runner.train({
    steps: STEPS,
    inputs: [inputs],
    targets,
    weights: new Float32Array(STEPS * ROWS).fill(1 / ROWS),
    learningRates: new Float32Array(STEPS).fill(1e-2),
    masks: {},
  });
  const forecasts = await runner.predict([inputs.subarray(0, ROWS * 64)], ROWS);
  const weights = Object.values(runner.weights()).flatMap((layer) => Object.values(layer).map(({ data }) => data));
  await runner.dispose();
  return { losses, forecasts, weights: weights.flatMap((data) => [...data]) };
}

const furthest = (a, b) => a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at])), 0);
const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const sameBits = (a, b) => a.length === b.length && a.every((value, at) => Object.is(value, b[at]));

for (const [name, layers] of Object.entries(NETWORKS)) {
  const native = await train('tfjs-node', layers);
  const again = await train('tfjs-node', layers);
  const isSame = ['losses', 'forecasts', 'weights'].every((what) => sameBits(native[what], again[what]));
  check(`${name}, twice`, isSame, isSame ? `the same bits after ${STEPS} steps` : 'other bits the second time');
  const [first, last] = [native.losses.slice(0, 10), native.losses.slice(-10)].map(meanOf);
  check(
    `${name} learns`,
    last < 0.8 * first,
    `loss ${first.toFixed(4)} in the first ten steps, ${last.toFixed(4)} in the last`,
  );
  for (const other of ['tfjs-wasm', 'onnx']) {
    const theirs = await train(other, layers);
    const loss = furthest(native.losses, theirs.losses);
    const weight = furthest(native.weights, theirs.weights);
    const forecast = furthest(native.forecasts, theirs.forecasts);
    check(
      `${name} beside ${other}`,
      loss < 1e-5 && weight < 1e-4 && forecast < 1e-4,
      `losses differ by ${loss.toExponential(1)}, weights ${weight.toExponential(1)}, forecasts ${forecast.toExponential(1)}`,
    );
  }
}

function csv() {
  const random = createRandom(9);
  const lines = ['date,load,temperature'];
  for (let row = 0; row < 400; row++) {
    const day = Math.sin((row / 24) * 2 * Math.PI);
    const time = new Date(Date.UTC(2024, 0, 1) + row * 3_600_000).toISOString();
    lines.push(
      `${time},${(100 + 20 * day + random.normal()).toFixed(3)},${(15 - 5 * day + random.normal()).toFixed(3)}`,
    );
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Files that are mapped into a process; none of one that is gone. */
function mapsOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return '';
  }
}

function childrenOf(pid) {
  return readdirSync('/proc').filter((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
    } catch {
      return false;
    }
  });
}

const dataDir = mkdtempSync(join(tmpdir(), 'trainyard-tfjs-node-'));
const environment = {
  TRAINYARD_PORT: '0',
  TRAINYARD_DATABASE: 'embedded',
  TRAINYARD_DATA_DIR: dataDir,
  TRAINYARD_LOG_LEVEL: 'error',
};

const CONVOLUTION = JSON.stringify({
  class_name: 'Sequential',
  config: {
    name: 'own',
    layers: [
      {
        class_name: 'Conv1D',
        config: { name: 'near', filters: 5, kernel_size: [3], padding: 'causal', activation: 'relu' },
      },
      { class_name: 'Flatten', config: { name: 'flat' } },
      { class_name: 'Dense', config: { name: 'values', units: 4 } },
    ],
  },
});
const LSTM = { name: 'lstm', hyperparameters: { units: [8], epochs: 3 } };
const OWN = { name: 'tfjs-layers', hyperparameters: { topology: CONVOLUTION, epochs: 3 } };

async function trainInService() {
  const service = await startService(environment);
  try {
    const api = new ApiClient(service.url);
    const dataset = await api.upload('/datasets?name=plant&layout=wide&columnsAs=assets', csv(), 'text/csv');
    const { templateId } = await api.post('/templates', {
      name: 'native',
      parameters: {
        data: { datasetId: dataset.datasetId, targets: ['load'], baseAssets: 'all' },
        windows: { lookBack: 24, horizon: 4 },
        algorithm: LSTM,
      },
    });
    let isNativeInChild = false;
    async function run(algorithm, engine, model) {
      const overrides = { algorithm, training: { engine, seed: 3 }, registration: { model } };
      const { executionId } = await api.post('/executions', { templateId, overrides });
      for (;;) {
        isNativeInChild ||= childrenOf(service.pid).some((pid) => mapsOf(pid).includes('libtensorflow_cc'));
        const execution = await api.get(`/executions/${executionId}`);
        if (execution.status === 'SUCCEEDED') return execution;
        if (['FAILED', 'CANCELLED', 'STOPPED'].includes(execution.status))
          throw new Error(`${execution.status}: ${execution.error?.message}`);
        await sleep(20);
      }
    }
    const first = await run(LSTM, 'tfjs-node', 'native-lstm');
    const second = await run(LSTM, 'tfjs-node', 'native-lstm');
    const own = await run(OWN, 'auto', 'native-own');
    check('engine of an execution that asks for it', first.engine === 'tfjs-node', first.engine);
    check('engine of tfjs-layers on auto', own.engine === 'tfjs-node', own.engine);
    check(
      'executions of one seed',
      first.modelSha256 === second.modelSha256,
      `models ${first.modelSha256.slice(0, 12)} and ${second.modelSha256.slice(0, 12)}`,
    );
    check('native library in a training process', isNativeInChild, isNativeInChild ? 'seen' : 'never seen');
    const answers = await deployAndAsk(api, [first, own]);
    const isInService = mapsOf(service.pid).includes('libtensorflow');
    check('native library in the service', !isInService, isInService ? 'loaded' : 'not loaded');
    return answers;
  } finally {
    await service.stop();
  }
}

async function deployAndAsk(api, executions) {
  for (const { model } of executions)
    await api.post('/endpoints', { name: model.name, model: model.name, version: model.version });
  return ask(api);
}

async function ask(api) {
  const answers = [];
  for (const name of ['native-lstm', 'native-own'])
    answers.push((await api.post(`/endpoints/${name}/forecast`, {})).forecasts[0].mean);
  return answers.flat();
}

try {
  const here = await trainInService();
  const { startService: startOrdinary } = await import(
    pathToFileURL(resolve(ordinary, 'dist/cli/service-process.js')).href
  );
  const service = await startOrdinary(environment);
  try {
    const there = await ask(new ApiClient(service.url));
    const isEqual = here.length === 8 && sameBits(here, there);
    check(
      'served without it',
      isEqual,
      `${here.length} values ${isEqual ? 'equal to the bit' : `${here} and ${there}`}`,
    );
  } finally {
    await service.stop();
  }
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
if (failures > 0) throw new Error(`${failures} of the checks failed`);
