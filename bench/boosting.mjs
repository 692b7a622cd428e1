// Boosted trees on two tables, beside LightGBM with one thread on the same bytes.
//   npm run build && node bench/boosting.mjs [python] [series] [rows of a series]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { binBorders, binOf, newTable, setBin } from '../dist/ml/trees/bin-columns.js';
import { squaredLoss } from '../dist/ml/trees/boosting-loss.js';
import { compileTrees, predictRows } from '../dist/ml/trees/compiled-trees.js';
import { Booster } from '../dist/ml/trees/gradient-boosting.js';

const [python = null, seriesCount = '500', seriesRows = '1000'] = process.argv.slice(2);
const SETTINGS = {
  growth: 'leaf',
  maximumLeaves: 31,
  maximumDepth: 0,
  minimumRows: 20,
  lambda: 1,
  learningRate: 0.1,
  subsample: 1,
  columnSample: 1,
  rounds: 100,
};
/** Rows that borders are taken from, at most, as in the forecaster. */
const BORDER_ROWS = 50_000;

function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Friedman's first function of five columns (Annals of Statistics 19, 1991), fifteen more that say nothing, noise. */
function regression() {
  const [rows, columns] = [5_000, 20];
  const uniform = generator(1);
  const table = Float64Array.from({ length: rows * columns }, uniform);
  const values = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b, c, d, e] = table.subarray(row * columns, row * columns + 5);
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e + (uniform() - 0.5) * 2;
  });
  return { name: '4,000 × 20 regression', rows, columns, fitRows: 4_000, table, values };
}

/** The next value of many series from 24 lags, less the last value: half of the series with a season, all wander. */
function lagModel() {
  const lags = 24;
  const each = Number(seriesRows) - lags - 1;
  const rows = each * Number(seriesCount);
  const table = new Float64Array(rows * lags);
  const values = new Float64Array(rows);
  const uniform = generator(2);
  const held = Math.floor(each / 10);
  let [fit, rest] = [0, rows - held * Number(seriesCount)];
  const fitRows = rest;
  for (let number = 0; number < Number(seriesCount); number++) {
    const amplitude = number % 2 === 0 ? 1 + 2 * uniform() : 0;
    let level = 0;
    const series = Float64Array.from({ length: Number(seriesRows) }, (_, t) => {
      level += 0.3 * (uniform() + uniform() - 1);
      return level + amplitude * Math.sin((2 * Math.PI * (t + number)) / 12) + 0.5 * (uniform() - 0.5);
    });
    for (let n = 0; n < each; n++) {
      const t = n + lags;
      const row = n < each - held ? fit++ : rest++;
      for (let lag = 1; lag <= lags; lag++) table[row * lags + lag - 1] = series[t - lag] - series[t];
      values[row] = series[t + 1] - series[t];
    }
  }
  return { name: `${seriesCount} series × ${seriesRows}, 24 lags`, rows, columns: lags, fitRows, table, values };
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function ours({ rows, columns, fitRows, table, values }) {
  const start = performance.now();
  const cpu = cpuSeconds();
  const stride = Math.max(1, Math.ceil(fitRows / BORDER_ROWS));
  const borders = Array.from({ length: columns }, (_, column) =>
    binBorders(
      Float64Array.from({ length: Math.ceil(fitRows / stride) }, (_, at) => table[at * stride * columns + column]),
    ),
  );
  const binned = newTable(fitRows, borders);
  for (let row = 0; row < fitRows; row++) {
    for (let column = 0; column < columns; column++) {
      setBin(binned, row, column, binOf(table[row * columns + column], borders[column]));
    }
  }
  const afterBins = cpuSeconds();
  const booster = new Booster(binned, values.subarray(0, fitRows), null, squaredLoss, SETTINGS, 1);
  for (let round = 0; round < SETTINGS.rounds; round++) booster.addRound();
  const used = cpuSeconds();
  const seconds = (performance.now() - start) / 1000;
  const rest = values.subarray(fitRows);
  const forecast = predictRows(compileTrees(booster), table.subarray(fitRows * columns), columns);
  const predicted = cpuSeconds();
  const mean = rest.reduce((sum, value) => sum + value, 0) / rest.length;
  let [error, variance] = [0, 0];
  rest.forEach((value, row) => {
    error += (value - forecast[row]) ** 2;
    variance += (value - mean) ** 2;
  });
  return {
    seconds,
    cpuSeconds: used - cpu,
    binningCpuSeconds: afterBins - cpu,
    predictionCpuSeconds: predicted - used,
    r2: 1 - error / variance,
    rows,
  };
}

const directory = mkdtempSync(join(tmpdir(), 'trainyard-boosting-'));
try {
  for (const work of [regression(), lagModel()]) {
    const load = loadavg()[0].toFixed(1);
    const result = ours(work);
    let peer = null;
    if (python !== null) {
      const files = { table: join(directory, 'table'), values: join(directory, 'values') };
      writeFileSync(files.table, work.table);
      writeFileSync(files.values, work.values);
      const given = join(directory, 'given.json');
      const { rows, columns, fitRows } = work;
      writeFileSync(given, JSON.stringify({ rows, columns, fitRows, settings: SETTINGS, ...files }));
      const script = new URL('boosting-peers.py', import.meta.url).pathname;
      peer = JSON.parse(execFileSync(python, [script, given], { encoding: 'utf8' }));
    }
    console.log(
      JSON.stringify({
        work: work.name,
        loadBefore: load,
        ours: result,
        lightgbm: peer,
        // CPU seconds: other work on the machine lengthens the others.
        ratio: peer && result.cpuSeconds / peer.cpuSeconds,
      }),
    );
  }
} finally {
  rmSync(directory, { recursive: true });
}
