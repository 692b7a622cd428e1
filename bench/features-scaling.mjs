// 200 assets x 10,000 rows x 20 feature columns through the processing pool: seconds on one thread and on two, and peak
// memory of a process each; then with the feature store, first and again. `npm run build && node bench/features-scaling.mjs
// [assets] [rows]`. Every figure comes from a fresh process; the pool is warmed by a small plan before.
import { fork } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** Twenty columns of an asset, from its closes. */
const FEATURES = [
  ...[5, 10, 20, 50].map((window) => ['sma', { window }]),
  ...[5, 12, 26].map((window) => ['ema', { window }]),
  ['wma', { window: 20 }],
  ['kama', {}],
  ...[7, 14].map((window) => ['rsi', { window }]),
  ['macd', {}],
  ['bollinger', {}],
  ['roc', { window: 10 }],
  ['returns', { kind: 'log' }],
  ['volatility', { window: 20 }],
];

if (process.send !== undefined) process.once('message', async (order) => process.send(await measure(order)));
else await main(Number(process.argv[2] ?? 200), Number(process.argv[3] ?? 10_000));

async function main(assets, rows) {
  const runs = [
    ['1 thread', { threads: 1 }],
    ['2 threads', { threads: 2 }],
    ['2 threads, store as shipped', { threads: 2, store: 'shipped' }],
    ['2 threads, store keeps all', { threads: 2, store: 'all' }],
  ];
  console.log(`${assets} assets x ${rows} rows, Node ${process.version}`);
  const seconds = {};
  for (const [name, order] of runs) {
    const answer = await inProcess({ assets, rows, ...order });
    seconds[name] = answer.passes[0].seconds;
    for (const { pass, ...figures } of answer.passes) {
      const shown = Object.entries(figures).map(([what, value]) => `${what} ${value}`);
      console.log(`${name}, ${pass}: ${answer.columns} columns, ${shown.join(', ')}; peak ${answer.peakMiB} MiB`);
    }
  }
  console.log(`2 threads are ${(seconds['1 thread'] / seconds['2 threads']).toFixed(2)} times as fast as 1`);
}

function inProcess(order) {
  const child = fork(fileURLToPath(import.meta.url));
  child.send(order);
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => {
      resolve(answer);
      child.kill();
    });
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
  });
}

async function measure({ assets, rows, threads, store }) {
  const { ProcessingPool } = await import('../dist/training/processing-pool.js');
  const { openStore, timedExecution } = await import('./feature-store-support.mjs');
  const pool = new ProcessingPool({ size: threads, inlineValues: 0 });
  const opened = store === undefined ? null : await openStore(store);
  await timedExecution(pool, null, planOf(2), randomFrames(2, 500), 'warm-up');
  const plan = planOf(assets);
  const frames = randomFrames(assets, rows);
  const passes = [];
  let columns = 0;
  for (const pass of store === undefined ? ['computed'] : ['first', 'second', 'third']) {
    const before = performance.now();
    const { preparation, ...figures } = await timedExecution(pool, opened, plan, frames, pass);
    columns = preparation.prepared.features.names.length;
    passes.push({ pass, seconds: Math.round(performance.now() - before) / 1000, ...figures });
  }
  await opened?.close();
  await pool.close();
  return { passes, columns, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}

function planOf(assets) {
  const ids = Array.from({ length: assets }, (_, at) => `a${at}`);
  return {
    format: 1,
    assets: ids.map((id) => ({ id, assetClass: null, column: 'close' })),
    targets: ids.slice(0, 1),
    axis: { join: 'union', start: null, end: null },
    gaps: { largeShare: 0.1, imputation: 'forward-fill', neighbours: 100 },
    features: FEATURES.map(([step, parameters]) => ({ step, parameters, assets: ids })),
    split: { by: 'ratio', validation: 0.15, test: 0.15 },
    windows: { lookBack: 24, horizon: 6, stride: 1 },
    scaling: { inputs: 'standard', targets: 'standard' },
    seasonLength: null,
  };
}

function randomFrames(assets, rows) {
  let state = 7;
  const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const times = Float64Array.from({ length: rows }, (_, row) => Date.UTC(2000, 0, 1) + row * 3_600_000);
  return Array.from({ length: assets }, (_, at) => {
    let close = 100;
    const closes = Float64Array.from({ length: rows }, () => (close *= 1 + (random() - 0.5) / 50));
    return { asset: `a${at}`, assetClass: null, frame: { times, names: ['close'], columns: [closes] } };
  });
}
