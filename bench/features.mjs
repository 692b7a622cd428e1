// Million bars per second of each indicator over 1,000,000 bars: ours, technicalindicators (npm) and, when a Python with
// TA-Lib and pandas is named, these two, in one run over the same bars. `node bench/features.mjs [python] [rows]` after
// `npm run build`; `bench/features-venv.sh <folder>` makes such a Python. CPU time, the best repeat of 0.3 seconds and of
// at least five, so that every side is warm: code compiled, memory of earlier outputs in use again (technicalindicators:
// of one, since it is slow). The outputs are made anew each time on all sides.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as technical from 'technicalindicators';
import { getFeatureStep } from '../dist/ml/features/feature-steps.js';

const BARS = 1_000_000;
const LEAST_REPEATS = 5;
const LEAST_SECONDS = 0.3;
/** Rows of an asset: the bars are one series of a million, or as many short ones after each other. */
const ROWS = Number(process.argv[3] ?? BARS);

const bars = randomBars(BARS);
const inputs = Array.from({ length: BARS / ROWS }, (_, at) => {
  const cut = (column) => column.slice(at * ROWS, (at + 1) * ROWS);
  const columns = Object.fromEntries(Object.entries(bars).map(([name, column]) => [name, cut(column)]));
  return { times: columns.close.map((_, row) => row * 60_000), value: columns.close, column: (name) => columns[name] };
});
const [high, low, close, volume] = ['high', 'low', 'close', 'volume'].map((name) => Array.from(bars[name]));

/** The step, its parameters, and technicalindicators' way to the same columns. */
const INDICATORS = [
  ['sma', { window: 20 }, () => technical.SMA.calculate({ period: 20, values: close })],
  ['ema', { window: 20 }, () => technical.EMA.calculate({ period: 20, values: close })],
  ['wma', { window: 20 }, () => technical.WMA.calculate({ period: 20, values: close })],
  ['kama', { window: 10 }, null],
  ['rsi', { window: 14 }, () => technical.RSI.calculate({ period: 14, values: close })],
  ['stochastic-rsi', { smoothing: 1 }, null],
  ['macd', {}, () => technical.MACD.calculate({ fastPeriod: 12, slowPeriod: 26, signalPeriod: 9, values: close })],
  ['bollinger', {}, () => technical.BollingerBands.calculate({ period: 20, stdDev: 2, values: close })],
  ['atr', {}, () => technical.ATR.calculate({ period: 14, high, low, close })],
  ['adx', {}, () => technical.ADX.calculate({ period: 14, high, low, close })],
  ['stochastic', {}, () => technical.Stochastic.calculate({ period: 14, signalPeriod: 3, high, low, close })],
  ['williams-r', {}, () => technical.WilliamsR.calculate({ period: 14, high, low, close })],
  ['cci', {}, () => technical.CCI.calculate({ period: 20, high, low, close })],
  ['roc', {}, () => technical.ROC.calculate({ period: 10, values: close })],
  ['psar', {}, () => technical.PSAR.calculate({ step: 0.02, max: 0.2, high, low })],
  ['ichimoku', {}, null],
  ['obv', {}, () => technical.OBV.calculate({ close, volume })],
  ['mfi', {}, () => technical.MFI.calculate({ period: 14, high, low, close, volume })],
  ['vwap', { session: 'none' }, () => technical.VWAP.calculate({ high, low, close, volume })],
  ['returns', {}, null],
  ['volatility', {}, null],
];

const [python] = process.argv.slice(2);
const peers = python === undefined ? {} : measurePeers(python);
console.log(
  `million bars a second of CPU time, ${BARS.toLocaleString('en')} bars in series of ${ROWS.toLocaleString('en')}, Node ${process.version}`,
);
if (peers.versions !== undefined) console.log(peers.versions);
console.log(row('indicator', 'trainyard', 'technicalind.', 'TA-Lib', 'pandas', 'x techn.', 'x TA-Lib', 'x pandas'));
// All of ours before the first of theirs, as each peer of Python's is measured: what technicalindicators leaves in memory is
// not ours to work around.
const rates = INDICATORS.map(([name, parameters]) => {
  const step = getFeatureStep(name);
  return rate(() => inputs.forEach((input) => step.compute(input, parameters)), LEAST_REPEATS, LEAST_SECONDS);
});
for (const [at, [name, , peer]] of INDICATORS.entries()) {
  const ours = rates[at];
  const theirs = [peer === null ? null : rate(peer, 1, 0), peers.talib?.[name] ?? null, peers.pandas?.[name] ?? null];
  console.log(row(name, ...[ours, ...theirs].map(shown), ...theirs.map((other) => shown(other && ours / other))));
}

function rate(run, repeats, seconds) {
  let [best, spent] = [Infinity, 0];
  for (let at = 0; at < repeats || spent < seconds * 1e6; at++) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
    spent += user + system;
  }
  return BARS / best;
}

function measurePeers(executable) {
  const folder = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
  try {
    const file = join(folder, 'bars.bin');
    const columns = [bars.high, bars.low, bars.close, bars.volume];
    writeFileSync(file, Buffer.concat(columns.map((column) => Buffer.from(column.buffer))));
    const script = fileURLToPath(new URL('./features-peers.py', import.meta.url));
    const given = [script, file, LEAST_REPEATS, LEAST_SECONDS, ROWS].map(String);
    return JSON.parse(execFileSync(executable, given, { encoding: 'utf8' }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A random walk with bars around it, from a seed. */
function randomBars(length) {
  let state = 7;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  let level = 1_000;
  const made = Object.fromEntries(['high', 'low', 'close', 'volume'].map((name) => [name, new Float64Array(length)]));
  for (let row = 0; row < length; row++) {
    level = Math.max(10, level + uniform() - 0.5);
    made.close[row] = level;
    made.high[row] = level + uniform();
    made.low[row] = level - uniform();
    made.volume[row] = Math.floor(1_000 * uniform());
  }
  return made;
}

function shown(value) {
  if (value === null) return '–';
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

function row(name, ...cells) {
  return `${name.padEnd(16)}${cells.map((cell) => cell.padStart(14)).join('')}`;
}
