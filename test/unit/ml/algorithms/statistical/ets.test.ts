import { ets } from '#src/ml/algorithms/ets.js';
import { fitEts } from '#src/ml/algorithms/statistical/ets-fit.js';
import { initialState } from '#src/ml/algorithms/statistical/ets-initial.js';
import { ETS_KINDS, etsName, filterStates, type EtsKind } from '#src/ml/algorithms/statistical/ets-model.js';
import { EtsPass, packParameters, smoothingOf, stateOf } from '#src/ml/algorithms/statistical/ets-pass.js';
import { openEtsWindow } from '#src/ml/algorithms/statistical/ets-window.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import { testNoise, trainingContext, windowedData } from '../../../../support/synthetic-windows.js';

const SEASON = [1.1, 0.8, 1.05, 1.2, 0.95, 0.9];

function positiveSeries(rows: number): Float64Array {
  const noise = testNoise(3);
  return Float64Array.from({ length: rows }, (_, t) => (100 + 0.8 * t) * SEASON[t % 6]! * (1 + 0.05 * noise()));
}

const kind = (name: string): EtsKind => ETS_KINDS.find((each) => etsName(each) === name)!;

test('there are fifteen kinds, and none of the unstable ones', () => {
  expect(ETS_KINDS.map(etsName).join(' ')).toBe('ANN AAN AAdN ANA AAA AAdA MNN MAN MAdN MNA MAA MAdA MNM MAM MAdM');
});

describe.each(ETS_KINDS.map((each) => [etsName(each), each] as const))('%s', (_name, each) => {
  const values = positiveSeries(40);
  values[17] = NaN;
  const season = each.season === 'N' ? 0 : 6;
  const held = initialState(each, season, values);
  const pass = new EtsPass(each, values, held, true);
  const at = packParameters(pass.layout, { alpha: 0.3, betaStar: 0.2, gammaStar: 0.15, phi: 0.93 }, held);

  test('the derivatives of the likelihood are those of finite differences', () => {
    const { gradient } = pass.at(at);
    at.forEach((value, i) => {
      const step = 1e-6 * Math.max(1, Math.abs(value));
      const shifted = (by: number): number => pass.at(at.map((other, j) => (i === j ? other + by : other))).squares;
      const numeric = (shifted(step) - shifted(-step)) / (4 * step);
      expect(Math.abs(gradient[i]! - numeric)).toBeLessThan(1e-4 * Math.max(1, Math.abs(numeric)));
    });
  });

  test('the sum of squares is that of the filter', () => {
    const state = stateOf(each, pass.layout, at, held);
    const errors = new Float64Array(values.length);
    filterStates(each, smoothingOf(each, pass.layout, at), state, values, errors);
    let squares = 0;
    let logs = 0;
    values.forEach((value, row) => {
      if (Number.isNaN(value)) return;
      const forecast = each.season === 'M' ? value / (1 + errors[row]!) : value - errors[row]!;
      squares += each.error === 'M' ? (value / forecast - 1) ** 2 : errors[row]! ** 2;
      logs += Math.log(forecast);
    });
    const scale = each.error === 'M' ? Math.exp((2 * logs) / 39) : 1;
    expect(pass.at(at).squares / (scale * squares)).toBeCloseTo(1, 10);
  });

  test('a fit forecasts rows of a window that it has not seen', () => {
    const long = positiveSeries(240);
    const fit = fitEts(each, 6, long.subarray(0, 200))!;
    expect(Number.isFinite(fit.aicc)).toBe(true);
    const rule = openEtsWindow({ ...fit, seasonLength: season, seed: 1 }, 36);
    const out = new Float64Array(6);
    rule(long.slice(180, 216), out);
    const error = out.reduce((sum, value, h) => sum + Math.abs(value / long[216 + h]! - 1), 0) / 6;
    expect(error).toBeLessThan(each.season === 'N' ? 0.25 : 0.08);
  });
});

test('a random walk is smoothed with alpha near 1, noise around a level with alpha near 0', () => {
  const noise = testNoise(8);
  let level = 0;
  const walk = Float64Array.from({ length: 600 }, () => (level += noise()));
  const flat = Float64Array.from({ length: 600 }, () => 5 + noise());
  expect(fitEts(kind('ANN'), 1, walk)!.smoothing.alpha).toBeGreaterThan(0.9);
  expect(fitEts(kind('ANN'), 1, flat)!.smoothing.alpha).toBeLessThan(0.05);
});

test('a window of a line and a season without noise is continued exactly', () => {
  const values = Float64Array.from({ length: 120 }, (_, t) => 3 + 0.5 * t + 4 * SEASON[t % 6]!);
  const fit = fitEts(kind('AAA'), 6, values)!;
  const out = new Float64Array(8);
  openEtsWindow({ ...fit, seasonLength: 6, seed: 1 }, 24)(values.slice(50, 74), out);
  out.forEach((value, h) => expect(value).toBeCloseTo(values[74 + h]!, 4));
});

test('a multiplicative season is chosen where the amplitude grows, whatever the scaling', async () => {
  const original = positiveSeries(300);
  const scaled = original.map((value) => (value - 200) / 50);
  const data = windowedData({ series: { sales: scaled }, lookBack: 36, horizon: 6, seasonLength: 6 });
  const withOriginal = { ...data, targets: { ...data.targets, original: [original] } };
  const parameters = resolveParameters(ets.hyperparameters, {}, 'p');
  const outcome = await ets.fit(withOriginal, parameters, trainingContext());
  expect(outcome.model.facts['models']).toMatch(/^M(N|A|Ad)M$/);
  const plain = await ets.fit(data, parameters, trainingContext());
  expect(plain.model.facts['models']).toMatch(/^A(N|A|Ad)A$/);
  expect(outcome.validationLoss!).toBeLessThan(plain.validationLoss!);
});

test('a window that a multiplicative season cannot have repeats its last season', () => {
  const fit = fitEts(kind('MNM'), 6, positiveSeries(120))!;
  const window = positiveSeries(12);
  window[3] = -1;
  const out = new Float64Array(7);
  openEtsWindow({ ...fit, seasonLength: 6, seed: 1 }, 12)(window, out);
  expect([...out]).toEqual([...window.slice(6), window[6]]);
});

test('a season that does not fit twice into the window is left out with a warning, or refused when asked for', async () => {
  const data = windowedData({ series: { a: positiveSeries(120) }, lookBack: 10, horizon: 3, seasonLength: 6 });
  const fitWith = (given: Record<string, unknown>, context = trainingContext()) =>
    ets.fit(data, resolveParameters(ets.hyperparameters, given, 'p'), context);
  const context = trainingContext();
  const { model } = await fitWith({}, context);
  expect(model.facts['models']).toMatch(/N$/);
  expect(context.messages).toContain(
    'Without season: two seasons of 6 rows do not fit into the look-back of 10 rows; set windows.lookBack to 12 or ' +
      'more for a seasonal model.',
  );
  await expect(fitWith({ model: 'AAA' })).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    message: expect.stringContaining('set windows.lookBack to 12 or more') as string,
    details: { path: 'windows.lookBack', value: 10, minimum: 12 },
  });
  await expect(fitWith({ seasonLength: 6 })).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
});

test('a multiplicative model of values that are not positive is refused', async () => {
  const series = { a: positiveSeries(120).map((value) => value - 150) };
  const data = windowedData({ series, lookBack: 12, horizon: 3, seasonLength: 6 });
  const fitting = ets.fit(data, resolveParameters(ets.hyperparameters, { model: 'MNM' }, 'p'), trainingContext());
  await expect(fitting).rejects.toMatchObject({
    code: 'PARAMETER_INVALID',
    message: expect.stringMatching(/multiplicative models need positive values, and the smallest is -\d/) as string,
  });
});

test('rows that are missing in the train part are skipped', () => {
  const values = positiveSeries(240);
  const holed = values.map((value, row) => (row > 90 && row < 100 ? NaN : value));
  const whole = fitEts(kind('MAM'), 6, values)!;
  const fit = fitEts(kind('MAM'), 6, holed)!;
  expect(fit.initial[0]! / whole.initial[0]!).toBeCloseTo(1, 1);
  expect(fit.logLikelihood / 231).toBeCloseTo(whole.logLikelihood / 240, 1);
});

test('a model that fails on validation is replaced by the naive forecast, with a warning', async () => {
  const noise = testNoise(5);
  // The season turns round after the train part.
  const values = Float64Array.from({ length: 300 }, (_, t) => (t < 200 ? SEASON[t % 6]! : 3 + t / 50) + 0.01 * noise());
  const data = windowedData({ series: { a: values }, lookBack: 12, horizon: 3, seasonLength: 6 });
  const context = trainingContext();
  const parameters = resolveParameters(ets.hyperparameters, { model: 'ANA', failureFactor: 1.01 }, 'p');
  const { model, loss } = await ets.fit(data, parameters, context);
  expect(model.facts['repeats']).toEqual([1]);
  expect(context.messages.at(-1)).toMatch(
    /^a: the model fails on the validation part: .* times that of the naive forecast, and up to 1\.01 times are allowed\. The naive forecast takes its place\.$/,
  );
  expect(Number.isFinite(loss)).toBe(true);
});
