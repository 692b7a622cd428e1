// The features of the first execution over a wide CSV of closes and of the second, which finds them in the store: all
// technical steps that work on closes, ARIMA and Fourier, for every asset. `npm run build && node bench/feature-store.mjs
// <stockdata.csv>` (date in the last column). Targets on two cores: first < 5 s, second < 0.2 s.
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { FEATURE_STEPS } from '../dist/ml/features/feature-steps.js';
import { ProcessingPool } from '../dist/training/processing-pool.js';
import { openStore, timedExecution } from './feature-store-support.mjs';

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('usage: node bench/feature-store.mjs <stockdata.csv>');
const frames = readFrames(file);
const assets = frames.map(({ asset }) => asset);
const plan = {
  format: 1,
  assets: assets.map((id) => ({ id, assetClass: null, column: 'close' })),
  targets: assets.slice(0, 1),
  axis: { join: 'union', start: null, end: null },
  gaps: { largeShare: 0.1, imputation: 'forward-fill', neighbours: 100 },
  features: FEATURE_STEPS.filter((step) => step.scope !== 'pair').flatMap(planned),
  split: { by: 'ratio', validation: 0.15, test: 0.15 },
  windows: { lookBack: 24, horizon: 6, stride: 1 },
  scaling: { inputs: 'standard', targets: 'standard' },
  seasonLength: null,
};

const threads = availableParallelism();
const pool = new ProcessingPool({ size: threads });
const store = await openStore('shipped');
try {
  const rows = frames[0].frame.times.length;
  console.log(
    `${assets.length} assets x ${rows} rows, ${plan.features.length} steps, ${threads} threads, Node ${process.version}`,
  );
  for (const pass of ['first', 'second', 'third', 'fourth']) {
    const { preparation, prepareMs, ...figures } = await timedExecution(pool, store, plan, frames, pass);
    const shown = Object.entries(figures).map(([what, value]) => `${what} ${value}`);
    const columns = preparation.prepared.features.names.length;
    console.log(`${pass}: ${columns} columns in ${(prepareMs / 1000).toFixed(3)} s; ${shown.join(', ')}`);
    if (pass === 'first') console.log(`  of this: ${slowest(preparation.blocks)}`);
  }
} finally {
  await store.close();
  await pool.close();
}

/** With its defaults; from closes where it can choose, left out where it needs more. */
function planned(step) {
  const parameters = Object.fromEntries(Object.entries(step.parameters).map(([name, one]) => [name, one.default]));
  if (step.parameters.source?.values?.includes('close')) parameters.source = 'close';
  if ((step.requiredColumns?.(parameters) ?? []).length > 0) return [];
  return [{ step: step.name, parameters, assets: step.scope === 'axis' ? [] : assets }];
}

function slowest(blocks) {
  const perStep = new Map();
  for (const { request, computeMs } of blocks) {
    perStep.set(request.feature.step, (perStep.get(request.feature.step) ?? 0) + computeMs);
  }
  const sorted = [...perStep].sort(([, a], [, b]) => b - a).slice(0, 5);
  return sorted.map(([step, ms]) => `${step} ${Math.round(ms)} ms`).join(', ');
}

function readFrames(path) {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const cells = (line) => line.split(',').map((cell) => cell.replaceAll('"', ''));
  const names = cells(header).slice(0, -1);
  const data = lines.map(cells);
  const times = Float64Array.from(data, (row) => Date.parse(row.at(-1)));
  return names.map((asset, at) => {
    const closes = Float64Array.from(data, (row) => (row[at] === '' ? NaN : Number(row[at])));
    return { asset, assetClass: null, frame: { times, names: ['close'], columns: [closes] } };
  });
}
