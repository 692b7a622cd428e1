// ETTh1, multivariate, through the processing builder, the pool and the training host: closed-form ridge against the
// published numbers. `node bench/etth1-ridge.mjs <ETTh1.csv> [horizon] [look-back]` after `npm run build`.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { ProcessingBuilder } from '../dist/training/processing-builder.js';
import { ProcessingPool } from '../dist/training/processing-pool.js';
import { TrainingHost } from '../dist/training/training-host.js';

/** MSE/MAE in standardised units by horizon, look-back 336 (512 for PatchTST); from the papers' tables. */
const PUBLISHED = {
  96: { DLinear: [0.375, 0.399], NLinear: [0.374, 0.394], 'PatchTST/64': [0.37, 0.4] },
  192: { DLinear: [0.405, 0.416], NLinear: [0.408, 0.415], 'PatchTST/64': [0.413, 0.429] },
  336: { DLinear: [0.439, 0.443], NLinear: [0.429, 0.427], 'PatchTST/64': [0.422, 0.44] },
  720: { DLinear: [0.472, 0.49], NLinear: [0.44, 0.453], 'PatchTST/64': [0.447, 0.468] },
};
/** 12, 4 and 4 months of 30 days of hours, the split of the papers. */
const TRAIN_ROWS = 8640;
const PART_ROWS = 2880;
const NO_LIMITS = { assets: 1_000, columns: 1_000, lookBack: 100_000, horizon: 100_000 };

const [path, horizonText = '96', lookBackText = '336'] = process.argv.slice(2);
if (path === undefined) {
  console.error('usage: node bench/etth1-ridge.mjs <ETTh1.csv> [horizon] [look-back]');
  process.exit(2);
}
const horizon = Number(horizonText);

const pool = new ProcessingPool({ size: availableParallelism() });
const host = new TrainingHost();
const beganAt = performance.now();
const frames = readSeries(path);
const times = frames[0].frame.times;
const readAt = performance.now();

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
  .windows({ lookBack: Number(lookBackText), horizon, stride: 1 })
  .scaling({ inputs: 'standard', targets: 'standard' })
  .seasonLength(24)
  .build();
const prepared = await pool.prepare(plan, frames);
const preparedAt = performance.now();

const job = {
  executionId: 'bench',
  plan,
  prepared,
  algorithm: { name: 'ridge', hyperparameters: {} },
  seed: 1,
  engine: 'auto',
  maxRuntimeMs: null,
  checkpointEveryEpochs: 1,
  resumeFrom: null,
  epochsBefore: [],
  elapsedMsBefore: 0,
};
const stepBegins = [];
const training = host.start(job, (news) => {
  if (news.type === 'log') console.log(`  ${news.level === 'warn' ? '! ' : ''}${news.message}`);
  if (news.type === 'progress' && stepBegins.at(-1)?.step !== news.step) {
    stepBegins.push({ step: news.step, at: performance.now() });
  }
});
const result = await training.result;
const endedAt = performance.now();
await Promise.all([pool.close(), host.close()]);

const { test } = result.report;
const rows = [
  ['trainyard ridge', test.model.scaled.mse, test.model.scaled.mae],
  ...Object.entries(PUBLISHED[horizon] ?? {}).map(([name, [mse, mae]]) => [`${name} (published)`, mse, mae]),
  ['naive', test.naive.scaled.mse, test.naive.scaled.mae],
  ['seasonal naive', test.seasonalNaive.scaled.mse, test.seasonalNaive.scaled.mae],
];
console.log(`\nETTh1, horizon ${horizon}, look-back ${lookBackText}, ${test.windows} test windows, standardised units`);
console.log(`${'model'.padEnd(24)}${'MSE'.padStart(8)}${'MAE'.padStart(8)}`);
for (const [name, mse, mae] of rows) {
  console.log(`${name.padEnd(24)}${mse.toFixed(4).padStart(8)}${mae.toFixed(4).padStart(8)}`);
}
console.log('\nseconds');
print('read CSV', beganAt, readAt);
print('prepare', readAt, preparedAt);
stepBegins.forEach(({ step, at }, index) => print(step, at, stepBegins[index + 1]?.at ?? endedAt));
print('total', beganAt, endedAt);

function print(name, from, to) {
  console.log(`${name.padEnd(24)}${((to - from) / 1000).toFixed(2).padStart(8)}`);
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
