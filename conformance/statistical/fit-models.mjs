// Series made by formula, what our models make of them, and their forecasts, for compare.py.
//   node conformance/statistical/fit-models.mjs FILE
import { writeFileSync } from 'node:fs';
import { sampleQuantiles } from '../../dist/ml/algorithms/sampling/sample-quantiles.js';
import { classicalSeason } from '../../dist/ml/algorithms/statistical/classical-season.js';
import { fitEts } from '../../dist/ml/algorithms/statistical/ets-fit.js';
import { ETS_KINDS, etsName, filterStates, forecastStates } from '../../dist/ml/algorithms/statistical/ets-model.js';
import { openEtsPaths } from '../../dist/ml/algorithms/statistical/ets-paths.js';
import { etsDeviations, sarimaDeviations } from '../../dist/ml/algorithms/statistical/forecast-deviations.js';
import { ConditionalSeries, fitSarima } from '../../dist/ml/algorithms/statistical/sarima-fit.js';
import { difference, differenceLags, partsOf, sarimaName } from '../../dist/ml/algorithms/statistical/sarima-model.js';
import { openSarimaWindow } from '../../dist/ml/algorithms/statistical/sarima-window.js';
import { openThetaWindow } from '../../dist/ml/algorithms/statistical/theta-window.js';

const HORIZON = 18;

/** Nearly standard normal, from a linear congruential generator. */
function gaussian(seed) {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);
}

/** Passengers of an airline, in spirit: a trend, a season that grows with it, noise in proportion. */
function passengers(rows) {
  const draw = gaussian(7);
  const season = [0.91, 0.88, 1.01, 0.98, 0.98, 1.11, 1.23, 1.22, 1.06, 0.92, 0.8, 0.9];
  return Float64Array.from({ length: rows }, (_, t) => (110 + 2.6 * t) * season[t % 12] * Math.exp(0.03 * draw()));
}

/** A process by its own recursion: `next(y, e, t)` with the innovations so far. */
function simulate(rows, seed, next) {
  const draw = gaussian(seed);
  const y = [];
  const e = [];
  for (let t = 0; t < rows; t++) {
    e.push(draw());
    y.push(
      next(
        (lag) => y[t - lag] ?? 0,
        (lag) => e[t - lag] ?? 0,
      ),
    );
  }
  return Float64Array.from(y);
}

function simulatedBounds(kind, { smoothing, variance }, state, rows) {
  const bounds = new Float64Array(2 * HORIZON);
  openEtsPaths(
    kind,
    smoothing,
    variance,
    1,
    HORIZON,
  )(state, rows, (values, step) => {
    sampleQuantiles(values.sort(), [0.1, 0.9], bounds, 2 * step);
  });
  return bounds;
}

function etsCases() {
  const values = passengers(144);
  return ETS_KINDS.map((kind) => {
    const fit = fitEts(kind, 12, values);
    const state = fit.initial.slice();
    filterStates(kind, fit.smoothing, state, values, null);
    const forecast = new Float64Array(HORIZON);
    forecastStates(kind, fit.smoothing, state, values.length, forecast);
    return {
      name: etsName(kind),
      kind,
      values: [...values],
      smoothing: fit.smoothing,
      initial: [...fit.initial],
      logLikelihood: fit.logLikelihood,
      forecast: [...forecast],
      variance: fit.variance,
      deviations: kind.error === 'A' ? [...etsDeviations(kind, fit.smoothing, 12, fit.variance, HORIZON)] : null,
      // [lower, upper] of each step at 80 %, to be compared with their simulation.
      simulated: kind.error === 'A' ? null : [...simulatedBounds(kind, fit, state, values.length)],
    };
  });
}

const NONE = { p: 0, d: 0, q: 0, seasonalP: 0, seasonalD: 0, seasonalQ: 0, seasonLength: 1, withConstant: false };

function arimaCases() {
  const walk = (values) =>
    values.map(
      (
        (sum) => (value) =>
          (sum += value)
      )(0),
    );
  const airline = (rows) =>
    simulate(rows, 23, (y, e) => y(1) + y(12) - y(13) + e(0) - 0.5 * e(1) - 0.6 * e(12) + 0.3 * e(13));
  const cases = [
    [
      { p: 2, withConstant: true },
      simulate(1000, 3, (y, e) => 1.1 * y(1) - 0.5 * y(2) + e(0)).map((value) => value + 30),
    ],
    [{ p: 1, q: 1 }, simulate(1000, 5, (y, e) => 0.7 * y(1) + e(0) + 0.4 * e(1))],
    [{ d: 1, q: 1 }, walk(simulate(1000, 9, (_, e) => e(0) - 0.6 * e(1)))],
    [
      { p: 1, d: 1, q: 1, withConstant: true },
      walk(simulate(1000, 12, (y, e) => 0.2 + 0.5 * y(1) + e(0) + 0.3 * e(1))),
    ],
    [
      { p: 1, seasonalP: 1, seasonLength: 12 },
      simulate(500, 17, (y, e) => 0.5 * y(1) + 0.4 * y(12) - 0.2 * y(13) + e(0)),
    ],
    [{ d: 1, q: 1, seasonalD: 1, seasonalQ: 1, seasonLength: 12 }, airline(500)],
  ];
  return cases.map(([given, values]) => {
    const order = { ...NONE, ...given };
    const lead = order.p + order.seasonalP * order.seasonLength;
    const pad = Math.max(lead, order.q + order.seasonalQ * order.seasonLength);
    const fit = fitSarima(order, new ConditionalSeries(difference(values, differenceLags(order)), pad, lead));
    const forecast = new Float64Array(HORIZON);
    openSarimaWindow(fit, values.length)(values, forecast);
    const parts = Object.entries(partsOf(order, fit.coefficients)).map(([name, part]) => [name, [...part]]);
    return {
      name: sarimaName(order),
      order,
      values: [...values],
      parts: Object.fromEntries(parts),
      mean: fit.mean,
      variance: fit.variance,
      forecast: [...forecast],
      deviations: [...sarimaDeviations(fit, fit.variance, HORIZON)],
    };
  });
}

function thetaCases() {
  const values = passengers(144);
  const plain = simulate(150, 4, (y, e) => y(1) + 0.3 + e(0) - 0.5 * e(1)).map((value) => value + 50);
  return [
    ['no season', plain, 0, false],
    ['additive season', values, 12, false],
    ['multiplicative season', values, 12, true],
  ].map(([name, series, seasonLength, multiplies]) => {
    const alpha = 0.35;
    const forecast = new Float64Array(HORIZON);
    openThetaWindow({ alpha, seasonLength, multiplies }, series.length)(series, forecast);
    const season = seasonLength > 0 ? [...classicalSeason(series, seasonLength, multiplies)] : [];
    return { name, values: [...series], seasonLength, multiplies, alpha, season, forecast: [...forecast] };
  });
}

writeFileSync(
  process.argv[2],
  JSON.stringify({ horizon: HORIZON, ets: etsCases(), arima: arimaCases(), theta: thetaCases() }),
);
