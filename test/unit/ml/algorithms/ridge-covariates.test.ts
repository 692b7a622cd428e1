import type { FitOutcome } from '#src/ml/algorithms/algorithm.js';
import { ridge } from '#src/ml/algorithms/ridge.js';
import { decodeModelState, encodeModelState } from '#src/ml/export/model-state-codec.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { resolveParameters } from '#src/ml/resolve-parameters.js';
import type { WindowedData } from '#src/ml/windows/windowed-data.js';
import { testNoise, trainingContext, windowedData } from '../../../support/synthetic-windows.js';

/**
 * The closed form against another way to the same numbers: the whole design written out, covariates at each forecast row
 * included, and its normal equations solved by Gauss-Jordan elimination.
 */

const ROWS = 220;
const LOOK_BACK = 7;
const HORIZON = 3;
const LAMBDA = 0.03;

const defaults = (given: Record<string, unknown> = {}): ParameterValues =>
  resolveParameters(ridge.hyperparameters, given, 'algorithm.hyperparameters');

/** Two targets that follow what a promotion and a temperature do at their own row, both known in advance. */
function covariateData(options: { gap?: boolean; stride?: number; noise?: number } = {}): WindowedData {
  const noise = testNoise(3);
  const promotion = Float64Array.from({ length: ROWS }, () => (noise() > 0.4 ? 1 : 0));
  const temperature = Float64Array.from({ length: ROWS }, () => 10 + 4 * noise());
  const scale = options.noise ?? 0.05;
  const make = (effect: number): Float64Array =>
    Float64Array.from(promotion, (value, t) => 5 + effect * value + 0.2 * temperature[t]! + scale * noise());
  const series: Record<string, Float64Array> = { alpha: make(3), beta: make(2) };
  if (options.gap) for (const column of Object.values(series)) column[60] = Number.NaN;
  const features = {
    alpha_RSI: Float64Array.from({ length: ROWS }, noise),
    beta_RSI: Float64Array.from({ length: ROWS }, noise),
  };
  const data = windowedData({ series, features, lookBack: LOOK_BACK, horizon: HORIZON, stride: options.stride ?? 1 });
  return {
    ...data,
    inputs: { ...data.inputs, assets: ['alpha', 'beta', 'alpha', 'beta'] },
    future: {
      names: ['promotion', 'temperature'],
      columns: [promotion, temperature],
      assets: ['promotion', 'temperature'],
    },
  };
}

/** A·x = b by Gauss-Jordan elimination with pivoting. */
function solve(a: number[][], b: number[]): number[] {
  const system = a.map((row, i) => [...row, b[i]!]);
  const size = system.length;
  for (let c = 0; c < size; c++) {
    let pivot = c;
    for (let r = c; r < size; r++) if (Math.abs(system[r]![c]!) > Math.abs(system[pivot]![c]!)) pivot = r;
    [system[c], system[pivot]] = [system[pivot]!, system[c]!];
    for (let r = 0; r < size; r++) {
      if (r === c) continue;
      const factor = system[r]![c]! / system[c]![c]!;
      for (let j = c; j <= size; j++) system[r]![j]! -= factor * system[c]![j]!;
    }
  }
  return system.map((row, c) => row[size]! / row[c]!);
}

interface WrittenOut {
  /** One row a window and target. */
  readonly x: number[][];
  readonly y: number[][];
  /** Covariates at the forecast rows, [window, step, covariate]. */
  readonly z: number[][][];
  readonly weights: number[];
  readonly windowInputs: number;
}

function writeOut(data: WindowedData, normalisation: string, exogenous: boolean): WrittenOut {
  const { train } = data.origins;
  const weights = data.weights ?? new Float64Array(train.length).fill(1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const meanOf = (of: (t: number) => number): number =>
    [...train].reduce((sum, t, at) => sum + weights[at]! * of(t), 0) / total;
  const out: WrittenOut = {
    x: [],
    y: [],
    z: [],
    weights: [],
    windowInputs: normalisation === 'none' ? LOOK_BACK : LOOK_BACK - 1,
  };
  const known = data.future!.columns;
  const aheadMeans = known.map((z) => meanOf((t) => (z[t + 1]! + z[t + 2]! + z[t + 3]!) / 3));
  data.targets.columns.forEach((v, k) => {
    const own = exogenous ? [data.inputs.columns[2 + k]!] : [];
    const columns = [...own, ...known];
    const means = columns.map((column) => meanOf((t) => column[t]!));
    const level = meanOf((t) => v[t]!);
    [...train].forEach((t, at) => {
      const base = normalisation === 'none' ? level : v[t]!;
      const window = [...v.subarray(t - LOOK_BACK + 1, t + 1)].map((value) => value - base);
      out.x.push([...window.slice(0, out.windowInputs), ...columns.map((column, c) => column[t]! - means[c]!), 1]);
      out.y.push([1, 2, 3].map((h) => v[t + h]! - base));
      out.z.push([1, 2, 3].map((h) => known.map((z, c) => z[t + h]! - aheadMeans[c]!)));
      out.weights.push(weights[at]!);
    });
  });
  return out;
}

/** λ times the mean diagonal of each block of inputs; the constant is free. */
function penalties({ x, z, weights, windowInputs }: WrittenOut): { shared: number[]; ahead: number } {
  const size = x[0]!.length;
  const diagonal = (i: number): number => x.reduce((sum, row, n) => sum + weights[n]! * row[i]! ** 2, 0);
  const mean = (from: number, to: number): number => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += diagonal(i);
    return sum / (to - from);
  };
  const [window, columns] = [mean(0, windowInputs), mean(windowInputs, size - 1)];
  const squares = z.reduce((sum, steps, n) => sum + weights[n]! * steps.flat().reduce((s, v) => s + v * v, 0), 0);
  return {
    shared: Array.from({ length: size }, (_, i) => (i < windowInputs ? window : i < size - 1 ? columns : 0) * LAMBDA),
    ahead: (LAMBDA * squares) / (HORIZON * z[0]![0]!.length),
  };
}

/** Solves the ridge problem of rows [step][window] with a penalty for each unknown. */
function ridgeByHand(rows: number[][], right: number[], weights: number[], penalty: number[]): number[] {
  const size = rows[0]!.length;
  const a = Array.from({ length: size }, (_, i) =>
    Array.from(
      { length: size },
      (_, j) => rows.reduce((sum, row, n) => sum + weights[n]! * row[i]! * row[j]!, 0) + (i === j ? penalty[i]! : 0),
    ),
  );
  const b = Array.from({ length: size }, (_, i) =>
    rows.reduce((s, row, n) => s + weights[n]! * row[i]! * right[n]!, 0),
  );
  return solve(a, b);
}

const largest = (actual: ArrayLike<number>, expected: readonly number[]): number =>
  Math.max(...expected.map((value, at) => Math.abs(value - actual[at]!)));

async function forecastErrors(data: WindowedData, outcome: FitOutcome): Promise<number> {
  const forecaster = await ridge.restore(decodeModelState(encodeModelState(outcome.model)));
  const forecasts = await forecaster.forecast(data.inputs, data.origins.test, data.future);
  let [at, sum] = [0, 0];
  for (const origin of data.origins.test) {
    for (let h = 1; h <= data.horizon; h++) {
      for (const column of data.targets.columns) sum += (forecasts[at++]! - column[origin + h]!) ** 2;
    }
  }
  return sum / at;
}

describe.each([
  ['last-value', 'origin', {}],
  ['last-value', 'none', { gap: true }],
  ['none', 'origin', { stride: 2 }],
  ['none', 'none', {}],
] as const)('normalisation %s, exogenous %s', (normalisation, exogenous, options) => {
  const plain = covariateData(options);
  const weighted: WindowedData = {
    ...plain,
    weights: Float64Array.from(plain.origins.train, (_, at) => [1.5, 0.5, 1, 1][at % 4]!),
  };

  test.each([
    ['alike', plain],
    ['weighted', weighted],
  ])('coefficients of each step are those of the written-out least squares, windows %s', async (_name, data) => {
    const given = { normalisation, exogenous, knownFuture: 'per-step', lambdas: [LAMBDA] };
    const { model, loss } = await ridge.fit(data, defaults(given), trainingContext());
    const out = writeOut(data, normalisation, exogenous === 'origin');
    const penalty = penalties(out);
    let squares = 0;
    for (let h = 0; h < HORIZON; h++) {
      const rows = out.x.map((row, n) => [...row, ...out.z[n]![h]!]);
      const right = out.y.map((steps) => steps[h]!);
      const expected = ridgeByHand(rows, right, out.weights, [...penalty.shared, penalty.ahead, penalty.ahead]);
      const size = out.x[0]!.length;
      const weights = model.tensors['weights/0']!.data.subarray(h * size, (h + 1) * size);
      const ahead = model.tensors['ahead/0']!.data.subarray(h * 2, (h + 1) * 2);
      expect(largest([...weights, ...ahead], expected)).toBeLessThan(1e-9);
      rows.forEach((row, n) => {
        const error = row.reduce((sum, value, i) => sum + value * expected[i]!, 0) - right[n]!;
        squares += out.weights[n]! * error * error;
      });
    }
    const total = out.weights.reduce((sum, weight) => sum + weight, 0);
    expect(loss).toBeCloseTo(squares / (total * HORIZON), 10);
  });

  test.each([
    ['alike', plain],
    ['weighted', weighted],
  ])('coefficients that steps share are those of all steps written out at once, windows %s', async (_name, data) => {
    const given = { normalisation, exogenous, knownFuture: 'shared', lambdas: [LAMBDA] };
    const { model } = await ridge.fit(data, defaults(given), trainingContext());
    const out = writeOut(data, normalisation, exogenous === 'origin');
    const penalty = penalties(out);
    const size = out.x[0]!.length;
    const rows: number[][] = [];
    const right: number[] = [];
    for (let h = 0; h < HORIZON; h++) {
      out.x.forEach((row, n) => {
        const blocks = Array.from({ length: HORIZON }, (_, step) => (step === h ? row : row.map(() => 0))).flat();
        rows.push([...blocks, ...out.z[n]![h]!]);
        right.push(out.y[n]![h]!);
      });
    }
    const penaltyOfAll = [
      ...Array.from({ length: HORIZON }, () => penalty.shared).flat(),
      ...[0, 0].map(() => HORIZON * penalty.ahead),
    ];
    const weights = Array.from({ length: HORIZON }, () => out.weights).flat();
    const expected = ridgeByHand(rows, right, weights, penaltyOfAll);
    const ahead = model.tensors['ahead/0']!.data;
    expect(largest(model.tensors['weights/0']!.data, expected.slice(0, HORIZON * size))).toBeLessThan(1e-9);
    for (let h = 0; h < HORIZON; h++) {
      expect(largest(ahead.subarray(h * 2, h * 2 + 2), expected.slice(HORIZON * size))).toBeLessThan(1e-9);
    }
  });
});

test('the normalisation none alone is the written-out least squares with a free constant', async () => {
  const data = { ...covariateData(), future: undefined };
  const given = { normalisation: 'none', exogenous: 'none', lambdas: [LAMBDA], shared: false };
  const { model } = await ridge.fit(data, defaults(given), trainingContext());
  const levels = model.tensors['levels']!.data;
  data.targets.columns.forEach((v, k) => {
    const rows = [...data.origins.train].map((t) => [
      ...[...v.subarray(t - LOOK_BACK + 1, t + 1)].map((value) => value - levels[k]!),
      1,
    ]);
    const trace = rows.reduce(
      (sum, row) => sum + row.slice(0, LOOK_BACK).reduce((s, value) => s + value * value, 0),
      0,
    );
    const penalty = rows[0]!.map((_, i) => (i < LOOK_BACK ? (LAMBDA * trace) / LOOK_BACK : 0));
    for (let h = 0; h < HORIZON; h++) {
      const right = [...data.origins.train].map((t) => v[t + 1 + h]! - levels[k]!);
      const expected = ridgeByHand(
        rows,
        right,
        rows.map(() => 1),
        penalty,
      );
      const size = LOOK_BACK + 1;
      expect(largest(model.tensors[`weights/${k}`]!.data.subarray(h * size, (h + 1) * size), expected)).toBeLessThan(
        1e-9,
      );
    }
  });
});

test('last-value normalisation carries a level over that it never saw; without it the level is that of the train part', async () => {
  const noise = testNoise(11);
  const series = Float64Array.from({ length: 400 }, (_, t) => noise() + (t < 300 ? 0 : 20));
  const data = windowedData({ series: { step: series }, lookBack: 20, horizon: 2, validation: 0.1, test: 0.2 });
  const errorOf = async (normalisation: string): Promise<number> =>
    forecastErrors(data, await ridge.fit(data, defaults({ normalisation, lambdas: [1e-3] }), trainingContext()));
  // Uniform noise on ±1 has variance 1/3, and the mean of a window of 20 adds a twentieth of it.
  expect(await errorOf('last-value')).toBeLessThan(0.45);
  expect(await errorOf('none')).toBeGreaterThan(50);
});

test('what only the covariates of a forecast row say is forecast down to the noise', async () => {
  const data = covariateData({ noise: 0.05 });
  const context = trainingContext();
  const outcome = await ridge.fit(data, defaults({ shared: false }), context);
  const blind = { ...data, future: undefined };
  const without = await ridge.fit(blind, defaults({ shared: false }), trainingContext());
  // Uniform noise on ±0.05 has variance 0.0025/3; an effect of 2 or 3 on a third of the rows is unforeseeable otherwise.
  expect(await forecastErrors(data, outcome)).toBeLessThan(0.0025);
  expect(await forecastErrors(blind, without)).toBeGreaterThan(0.5);
  expect(context.messages.join()).toMatch(
    /Known-future covariates are used, with coefficients that all steps share: error 0\.001\d+ with, 3\.\d+ without them/,
  );
});

test('covariates that say nothing are left out, and none leaves them out', async () => {
  const noise = testNoise(21);
  const series = new Float64Array(500);
  for (let t = 1; t < 500; t++) series[t] = 0.9 * series[t - 1]! + noise();
  const base = windowedData({ series: { ar: series }, lookBack: 5, horizon: 4 });
  const data = { ...base, future: { names: ['coin'], columns: [Float64Array.from({ length: 500 }, noise)] } };
  const auto = await ridge.fit(data, defaults(), trainingContext());
  const none = await ridge.fit(data, defaults({ knownFuture: 'none' }), trainingContext());
  expect(auto.validationLoss).toBeLessThanOrEqual(none.validationLoss!);
  expect(Object.keys(none.model.tensors)).toEqual(['weights/0']);
  const forced = await ridge.fit(data, defaults({ knownFuture: 'per-step' }), trainingContext());
  expect(forced.model.tensors['ahead/0']!.shape).toEqual([4, 1]);
});
