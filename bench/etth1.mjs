// ETTh1, multivariate, through the processing builder, the pool and the training host, beside the published numbers.
//   npm run build && node bench/etth1.mjs <ETTh1.csv> [algorithms] [horizons] [settings as JSON, or an array of them] [look-back]
// Of several settings the one with the smallest validation error is scored; the test part chooses nothing.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { ProcessingBuilder } from '../dist/training/processing-builder.js';
import { ProcessingPool } from '../dist/training/processing-pool.js';
import { TrainingHost } from '../dist/training/training-host.js';

/** MSE/MAE in standardised units by horizon, look-back 336 (512 for PatchTST/64); from the papers' tables. */
const PUBLISHED = {
  96: { DLinear: [0.375, 0.399], NLinear: [0.374, 0.394], 'PatchTST/64': [0.37, 0.4] },
  192: { DLinear: [0.405, 0.416], NLinear: [0.408, 0.415], 'PatchTST/64': [0.413, 0.429] },
  336: { DLinear: [0.439, 0.443], NLinear: [0.429, 0.427], 'PatchTST/64': [0.422, 0.44] },
  720: { DLinear: [0.472, 0.49], NLinear: [0.44, 0.453], 'PatchTST/64': [0.447, 0.468] },
};
/** Tried in turn where no settings are given. 224 samples are the 32 windows of seven channels of the papers. */
const linear = [
  { learningRate: 5e-4, epochs: 6, patience: 0, batchSize: 224, learningRateSchedule: 'cosine' },
  { learningRate: 1e-3, epochs: 10, patience: 3, batchSize: 224, learningRateSchedule: 'cosine' },
];
const SETTINGS = {
  nlinear: linear,
  dlinear: linear,
  'patch-transformer': [
    {
      stride: 16,
      loss: 'mae',
      learningRate: 2e-3,
      epochs: 10,
      patience: 0,
      batchSize: 224,
      dropout: 0.3,
      learningRateSchedule: 'cosine',
      warmUpEpochs: 0.5,
      normalisation: 'instance',
    },
  ],
};
/** 12, 4 and 4 months of 30 days of hours, the split of the papers. */
const TRAIN_ROWS = 8640;
const PART_ROWS = 2880;
const NO_LIMITS = { assets: 1_000, columns: 1_000, lookBack: 100_000, horizon: 100_000 };

const [path, algorithms = 'ridge', horizons = '96,192,336,720', given, lookBack = '336'] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: node bench/etth1.mjs <ETTh1.csv> [algorithms] [horizons] [settings] [look-back]');
  process.exit(2);
}

const pool = new ProcessingPool({ size: availableParallelism() });
const host = new TrainingHost();
const frames = readSeries(path);
console.log('| horizon | model | MSE | MAE | validation MSE | fit s | epochs | settings |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const horizon of horizons.split(',').map(Number)) {
  let baselines;
  for (const algorithm of algorithms.split(',')) {
    const settings = given === undefined ? (SETTINGS[algorithm] ?? [{}]) : [JSON.parse(given)].flat();
    const runs = [];
    for (const hyperparameters of settings) runs.push(await train(algorithm, horizon, hyperparameters));
    const best = runs.reduce((one, other) => (other.validationMse < one.validationMse ? other : one));
    const { mse, mae } = best.test.model.scaled;
    const seconds = runs.map(({ fitMs }) => (fitMs / 1000).toFixed(1)).join(' + ');
    print(horizon, algorithm, mse, mae, best.validationMse.toFixed(4), seconds, best.iterations, best.settings);
    baselines = best.test;
  }
  for (const [name, [mse, mae]] of Object.entries(PUBLISHED[horizon] ?? {})) {
    print(horizon, `${name}, published`, mse, mae, '', '', '', '');
  }
  for (const name of ['naive', 'seasonalNaive']) {
    const { mse, mae } = baselines[name].scaled;
    print(horizon, name, mse, mae, '', '', '', '');
  }
}
await Promise.all([pool.close(), host.close()]);

function print(horizon, name, mse, mae, ...others) {
  console.log(`| ${[horizon, name, mse.toFixed(4), mae.toFixed(4), ...others].join(' | ')} |`);
}

async function train(algorithm, horizon, hyperparameters) {
  const times = frames[0].frame.times;
  const plan = ProcessingBuilder.for(
    { name: 'ETTh1', assets: frames.map(({ asset }) => ({ id: asset, assetClass: null, columns: ['value'] })) },
    NO_LIMITS,
  )
    .targets(frames.map(({ asset }) => asset))
    .baseAssets('all')
    .split({
      by: 'date',
      trainEnd: times[TRAIN_ROWS],
      validationEnd: times[TRAIN_ROWS + PART_ROWS],
      testEnd: times[TRAIN_ROWS + 2 * PART_ROWS],
    })
    .windows({ lookBack: Number(lookBack), horizon, stride: 1 })
    .scaling({ inputs: 'standard', targets: 'standard' })
    .seasonLength(24)
    .build();
  const job = {
    executionId: 'bench',
    plan,
    prepared: await pool.prepare(plan, frames),
    coverages: [],
    algorithm: { name: algorithm, hyperparameters },
    seed: 1,
    engine: 'auto',
    maxRuntimeMs: null,
    checkpointEveryEpochs: 1000,
    resumeFrom: null,
    epochsBefore: [],
    elapsedMsBefore: 0,
  };
  let beganAt;
  let endedAt;
  const training = host.start(job, (news) => {
    if (news.type === 'log' && process.env['VERBOSE']) console.log(`  ${news.message}`);
    if (news.type === 'epoch' && process.env['VERBOSE']) console.log(`  ${JSON.stringify(news)}`);
    if (news.type !== 'progress') return;
    if (news.step === 'training') beganAt ??= performance.now();
    if (news.step === 'evaluating') endedAt ??= performance.now();
  });
  const { report, summary } = await training.result;
  return {
    test: report.test,
    validationMse: report.validation.model.scaled.mse,
    iterations: summary?.iterations ?? '',
    fitMs: endedAt - beganAt,
    settings: JSON.stringify(hyperparameters),
  };
}

/** One asset per column; the file is complete, in UTC and in order. */
function readSeries(file) {
  const [header, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  const names = header.split(',').slice(1);
  const cells = lines.map((line) => line.split(','));
  const axis = Float64Array.from(cells, ([date]) => Date.parse(`${date.replace(' ', 'T')}Z`));
  return names.map((asset, column) => ({
    asset,
    assetClass: null,
    frame: {
      times: axis.slice(),
      names: ['value'],
      columns: [Float64Array.from(cells, (row) => Number(row[column + 1]))],
    },
  }));
}
