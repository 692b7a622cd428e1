// CPU seconds of one ridge fit on ETTh1: look-back 336, seven channels, nine lambdas; numpy beside it in the same run.
//   npm run build && node bench/ridge.mjs <ETTh1.csv> [python] [horizon]
// The first fit of a process compiles; the others do not. The Python needs numpy and runs on one thread.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { ridge } from '../dist/ml/algorithms/ridge.js';
import { resolveParameters } from '../dist/ml/resolve-parameters.js';

const [path, python, horizonText = '96'] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: node bench/ridge.mjs <ETTh1.csv> [python] [horizon]');
  process.exit(2);
}
const LOOK_BACK = 336;
const TRAIN_ROWS = 8640;
const VALIDATION_ROWS = 2880;
const FITS = 5;
const horizon = Number(horizonText);

const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
const names = header.split(',').slice(1);
const columns = names.map((_, c) => standardised(Float64Array.from(lines, (line) => Number(line.split(',')[c + 1]))));
const rows = columns[0].length;
const data = {
  lookBack: LOOK_BACK,
  horizon,
  seasonLength: 24,
  times: Float64Array.from({ length: rows }, (_, row) => row * 3_600_000),
  inputs: { names, columns },
  targets: {
    names,
    columns,
    observed: names.map(() => new Uint8Array(rows).fill(1)),
    inputs: names.map((_, c) => c),
  },
  origins: {
    train: range(LOOK_BACK - 1, TRAIN_ROWS - horizon),
    validation: range(TRAIN_ROWS - 1, TRAIN_ROWS + VALIDATION_ROWS - horizon),
    test: new Int32Array(0),
  },
};
const context = {
  seed: 1,
  isCancelled: () => false,
  elapsedMs: () => 0,
  maxRuntimeMs: null,
  breathe: async () => {},
  onProgress() {},
  log() {},
};
const parameters = resolveParameters(ridge.hyperparameters, {}, 'hyperparameters');
const seconds = [];
let fitted;
for (let n = 0; n < FITS; n++) {
  const before = cpuSeconds();
  fitted = await ridge.fit(data, parameters, context);
  seconds.push(cpuSeconds() - before);
}
console.log('| | first fit, CPU s | least of the others | lambda | validation MSE |');
console.log('| --- | --- | --- | --- | --- |');
print('trainyard', seconds, fitted.model.facts.lambdas[0], fitted.validationLoss);
if (python !== undefined) {
  const threads = { OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  const script = new URL('ridge-peer.py', import.meta.url).pathname;
  const peer = spawnSync(python, [script, path, String(horizon)], { env: { ...process.env, ...threads } });
  if (peer.status !== 0) throw new Error(String(peer.stderr));
  const answer = JSON.parse(String(peer.stdout));
  print(`numpy ${answer.numpy}`, answer.seconds, answer.lambda, answer.validation);
}

function print(name, all, lambda, validation) {
  const [first, ...others] = all;
  console.log(
    `| ${[name, first.toFixed(3), Math.min(...others).toFixed(3), lambda, validation.toFixed(4)].join(' | ')} |`,
  );
}

/** Of all threads of this process, those that compile included. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** By mean and deviation of the train rows. */
function standardised(values) {
  const train = values.subarray(0, TRAIN_ROWS);
  const mean = train.reduce((sum, value) => sum + value, 0) / TRAIN_ROWS;
  const deviation = Math.sqrt(train.reduce((sum, value) => sum + (value - mean) ** 2, 0) / TRAIN_ROWS);
  return values.map((value) => (value - mean) / deviation);
}

function range(first, end) {
  return Int32Array.from({ length: end - first }, (_, n) => first + n);
}
