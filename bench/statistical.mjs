// ETS and ARIMA with their own search, and ridge, over many series, one after the other on one core, beside statsforecast
// and numpy.
//   npm run build && node bench/statistical.mjs [python] [series] [rows] [ets|arima|ridge]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { arima } from '../dist/ml/algorithms/arima.js';
import { ets } from '../dist/ml/algorithms/ets.js';
import { ridge } from '../dist/ml/algorithms/ridge.js';
import { resolveParameters } from '../dist/ml/resolve-parameters.js';

const [python = null, count = '500', length = '1000', only = null] = process.argv.slice(2);
const SEASON = 12;
const HORIZON = 12;
const LOOK_BACK = 96;
const LAMBDAS = ridge.hyperparameters.lambdas.default;
/** Of processor time that the peer has for a series. */
const LIMIT_SECONDS = 60;
const rows = Number(length);

/** Half with a season, all with a wandering level, every third with a trend. */
function makeSeries(number) {
  let state = number * 7919 + 1;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const draw = () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
  const amplitude = number % 2 === 0 ? 5 + 10 * uniform() : 0;
  const slope = number % 3 === 0 ? 0.05 : 0;
  let level = 200 + 50 * uniform();
  return Float64Array.from({ length: rows }, (_, t) => {
    level += slope + 0.4 * draw();
    return level + amplitude * Math.sin((2 * Math.PI * (t + number)) / SEASON) + 2 * draw();
  });
}

const context = {
  seed: 1,
  engine: 'auto',
  maxRuntimeMs: null,
  checkpointEveryEpochs: 1,
  resumeFrom: null,
  isCancelled: () => false,
  elapsedMs: () => 0,
  breathe: async () => {},
  onProgress() {},
  onEpoch() {},
  onCheckpoint() {},
  log() {},
};

/** One target; the last horizon is forecast and never seen, a handful of earlier windows judge the model. */
function windowed(values) {
  const last = rows - HORIZON - 1;
  const origins = (from, to) => Int32Array.from({ length: to - from }, (_, at) => from + at);
  return {
    times: Float64Array.from(values, (_, row) => row * 3_600_000),
    lookBack: LOOK_BACK,
    horizon: HORIZON,
    seasonLength: SEASON,
    inputs: { names: ['y'], columns: [values] },
    targets: { names: ['y'], columns: [values], observed: [new Uint8Array(rows).fill(1)], inputs: [0] },
    origins: {
      train: origins(LOOK_BACK - 1, last - HORIZON + 1),
      validation: new Int32Array(0),
      test: Int32Array.of(last),
    },
  };
}

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

async function ours(algorithm, series) {
  const parameters = resolveParameters(algorithm.hyperparameters, {}, 'hyperparameters');
  const start = performance.now();
  const cpu = process.cpuUsage();
  const errors = [];
  let models = 0;
  for (const values of series) {
    const data = windowed(values);
    const outcome = await algorithm.fit(data, parameters, context);
    models += outcome.iterations;
    const forecaster = await algorithm.restore(outcome.model);
    const forecast = await forecaster.forecast(data.inputs, data.origins.test);
    errors.push(mean(Array.from(forecast, (value, h) => Math.abs(value - values[rows - HORIZON + h]))));
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const cpuSeconds = (user + system) / 1e6;
  return { seconds, cpuSeconds, errors, modelsPerSeries: models / series.length };
}

const series = Array.from({ length: Number(count) }, (_, number) => makeSeries(number));
const directory = mkdtempSync(join(tmpdir(), 'trainyard-statistical-'));
try {
  const file = join(directory, 'series.json');
  const given = {
    seasonLength: SEASON,
    horizon: HORIZON,
    lookBack: LOOK_BACK,
    lambdas: LAMBDAS,
    limitSeconds: LIMIT_SECONDS,
  };
  writeFileSync(file, JSON.stringify({ ...given, series: series.map((s) => [...s]) }));
  for (const algorithm of [ets, arima, ridge].filter(({ name }) => only === null || name === only)) {
    const load = loadavg()[0].toFixed(1);
    const result = await ours(algorithm, series);
    const script = new URL('statistical-peers.py', import.meta.url).pathname;
    const { errors: peerErrors, ...peer } =
      python === null
        ? { errors: null }
        : JSON.parse(execFileSync(python, [script, file, algorithm.name], { encoding: 'utf8' }));
    // Errors of the series that both finished.
    const isFinished = (_, at) => peerErrors === null || peerErrors[at] !== null;
    const { errors, ...own } = result;
    console.log(
      JSON.stringify({
        algorithm: algorithm.name,
        series: series.length,
        rows,
        loadBefore: load,
        ours: { ...own, error: mean(errors.filter(isFinished)) },
        ...(peerErrors && {
          peer: {
            ...peer,
            error: mean(peerErrors.filter(isFinished)),
            givenUp: peerErrors.filter((e) => e === null).length,
          },
          // CPU seconds: other work on the machine lengthens the others.
          ratio: own.cpuSeconds / peer.cpuSeconds,
        }),
      }),
    );
  }
} finally {
  rmSync(directory, { recursive: true });
}
