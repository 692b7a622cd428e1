import { arima } from '#src/ml/features/arima.js';
import { ArimaWindow } from '#src/ml/features/arima/fit-arima.js';
import { differences, isStationary } from '#src/ml/features/arima/arima-model.js';
import type { ParameterValues } from '#src/ml/parameters.js';
import { failureOf } from '../../../support/failure-of.js';
import { differingRows, featureInput, largestError, randomWalk } from '../../../support/series.js';

/**
 * Real: the step and its fits. Reference numbers: statsmodels 0.15.0 (AutoReg, ARIMA) and scipy 1.17.1 (least_squares
 * over lfilter), computed from the series below, which are defined by integers and therefore the same everywhere.
 */

/** Sums of four uniform numbers minus 2, from the linear congruential generator of ISO C's example. */
function innovations(length: number, seed: number): Float64Array {
  let state = BigInt(seed);
  const uniform = () => Number((state = (1_103_515_245n * state + 12_345n) % 2_147_483_648n)) / 2_147_483_648;
  return Float64Array.from({ length }, () => uniform() + uniform() + uniform() + uniform() - 2);
}

const ROWS = 1_500;

/** AR(1) around 10 with 0.7. */
function firstOrder(): Float64Array {
  let value = 10;
  return innovations(ROWS, 1).map((innovation) => (value = 3 + 0.7 * value + innovation));
}

/** ARMA(1, 1) with 0.6 and 0.5. */
function mixed(): Float64Array {
  const e = innovations(ROWS, 1);
  let value = 0;
  return e.map((innovation, row) => (value = 0.6 * value + innovation + 0.5 * (e[row - 1] ?? 0)));
}

/** ARIMA(5, 1, 0) from 100. */
function integrated(): Float64Array {
  const coefficients = [0.3, -0.2, 0.1, 0.15, -0.25];
  const moves: number[] = [];
  let level = 100;
  return innovations(ROWS, 2).map((innovation, row) => {
    moves.push(innovation + coefficients.reduce((sum, value, at) => sum + value * (moves[row - 1 - at] ?? 0), 0));
    return (level += moves[row]!);
  });
}

function fit(values: Float64Array, [p, d, q]: readonly [number, number, number], search = false) {
  const settings = { order: { p, d, q }, search, failureFactor: 1.5 };
  const window = new ArimaWindow(values, differences(values, d), 0, settings);
  window.extend(values.length - 1);
  return window.fit();
}

function fitted(values: Float64Array, order: readonly [number, number, number], search = false) {
  const { model, failure } = fit(values, order, search);
  if (model === null) throw new Error(failure);
  return model;
}

function compute(values: ArrayLike<number>, parameters: ParameterValues = {}) {
  const notes: string[] = [];
  const columns = arima.compute(featureInput(values), parameters, (note) => notes.push(note));
  return { notes, columns: Object.fromEntries(columns.map((column) => [column.name, column.values])) };
}

/** One fit, at the last row. */
const ONCE = { minimumRows: ROWS, refitEvery: 1 };

describe('fits against statsmodels and scipy', () => {
  // The same linear problem: to rounding.
  it('AR(1) is the conditional least squares of AutoReg', () => {
    const { constant, ar } = fitted(firstOrder(), [1, 0, 0]);
    expect(largestError([constant, ...ar], [3.327813128857912, 0.667569123188806])).toBeLessThan(1e-10);
    const next = compute(firstOrder(), { ...ONCE, order: [1, 0, 0] }).columns['ARIMA_1_0_0_next']!;
    expect(largestError([next[ROWS - 1]!], [9.657342581744972])).toBeLessThan(1e-11);
  });

  it('ARIMA(5,1,0) is the conditional least squares of AutoReg on the differences', () => {
    const expected = [
      0.2977390794839468, -0.2080574553963852, 0.10140961015896958, 0.11463281511843552, -0.23410117927346438,
    ];
    expect(largestError(fitted(integrated(), [5, 1, 0]).ar, expected)).toBeLessThan(1e-10);
    const next = compute(integrated(), ONCE).columns['ARIMA_next']!;
    expect(largestError([next[ROWS - 1]!], [109.01636577932551])).toBeLessThan(1e-11);
  });

  // Two optimisers of one sum stop where it is flat: the square root of its rounding.
  it('ARMA(1,1) has the minimum of the conditional sum that scipy finds', () => {
    const { constant, ar, ma } = fitted(mixed(), [1, 0, 1]);
    const expected = [0.005260766135912477, 0.5445154160132022, 0.5486900210044836];
    expect(largestError([constant, ...ar, ...ma], expected)).toBeLessThan(1e-6);
    const next = compute(mixed(), { ...ONCE, order: [1, 0, 1] }).columns['ARIMA_1_0_1_next']!;
    expect(largestError([next[ROWS - 1]!], [-0.38528874548523934])).toBeLessThan(1e-6);
  });

  // Conditional and exact likelihood differ by O(1/n) = 7e-4, well inside the standard error of 0.02.
  it('all are near the exact maximum likelihood of statsmodels', () => {
    expect(largestError(fitted(firstOrder(), [1, 0, 0]).ar, [0.6672967464683269])).toBeLessThan(1e-3);
    const { ar, ma } = fitted(mixed(), [1, 0, 1]);
    expect(largestError([...ar, ...ma], [0.5442996375368834, 0.5483029125545466])).toBeLessThan(1e-3);
    const exact = [
      0.3005660769496986, -0.21205044676062068, 0.10112164821222433, 0.11413152979682842, -0.23534948330507016,
    ];
    expect(largestError(fitted(integrated(), [5, 1, 0]).ar, exact)).toBeLessThan(5e-3);
  });
});

describe('fits', () => {
  // By its exact likelihood statsmodels has AICc 2644.02 for (1, 1), 2644.93 for (1, 0) and 2644.08 for (2, 0) of the
  // AR(1); 2644.54, 2911.62 and 2704.03 of the ARMA(1, 1).
  it('search takes the order with the smallest AICc, the one that statsmodels would', () => {
    const { ar, ma } = fitted(firstOrder(), [3, 0, 2], true);
    expect([ar.length, ma.length]).toEqual([1, 1]);
    const both = fitted(mixed(), [2, 0, 2], true);
    expect([both.ar.length, both.ma.length]).toEqual([1, 1]);
  });

  it('leave missing values out', () => {
    const holed = firstOrder().map((value, row) => (row % 50 === 7 ? NaN : value));
    expect(Math.abs(fitted(holed, [1, 0, 0]).ar[0]! - 0.667)).toBeLessThan(0.02);
    const { ar, ma } = fitted(
      mixed().map((value, row) => (row % 100 === 7 ? NaN : value)),
      [1, 0, 1],
    );
    expect(largestError([...ar, ...ma], [0.5445, 0.5487])).toBeLessThan(0.03);
  });

  it('tell stationary from explosive: 0.5, 1.2 with −0.5, a unit root, a root inside', () => {
    const cases = [[0.5], [1.2, -0.5], [1], [1.2, -0.1]];
    expect(cases.map((ar) => isStationary(Float64Array.from(ar)))).toEqual([true, true, false, false]);
  });

  it('of an exploding series and of one that the mean cannot forecast fail with their reason', () => {
    expect(
      fit(
        Float64Array.from({ length: 100 }, (_, row) => 1.1 ** row),
        [1, 0, 0],
      ).failure,
    ).toBe('not stationary');
    expect(
      fit(
        Float64Array.from({ length: 100 }, (_, row) => row),
        [0, 0, 0],
      ).failure,
    ).toBe('worse than naive');
    expect(
      fit(
        Float64Array.from({ length: 100 }, (_, row) => (row % 7) * 1e200),
        [2, 1, 0],
      ).failure,
    ).toBe('not finite');
  });
});

describe('arima', () => {
  it('forecasts each row from the rows before it, and the residual is what it missed by', () => {
    const values = integrated();
    const { columns, notes } = compute(values);
    const { ARIMA: forecast, ARIMA_residual: residual, ARIMA_next: next } = columns as Record<string, Float64Array>;
    expect(differingRows(forecast!.subarray(1), next!.subarray(0, -1))).toEqual([]);
    expect(
      differingRows(
        residual!,
        values.map((value, row) => value - forecast![row]!),
      ),
    ).toEqual([]);
    expect([
      forecast!.findIndex((value) => !Number.isNaN(value)),
      next!.findIndex((value) => !Number.isNaN(value)),
    ]).toEqual([60, 59]);
    expect(notes).toEqual([]);
    // Beats the naive forecast out of sample: the innovations' variance is 1/3, that of the moves 0.427.
    const share = (of: Float64Array) => of.subarray(60).reduce((sum, value) => sum + value ** 2, 0) / (ROWS - 60);
    expect(share(residual!)).toBeLessThan(0.37);
    expect(share(differences(values, 1))).toBeGreaterThan(0.4);
  });

  it('is NaN for a short series and before the first fit', () => {
    const { columns } = compute(randomWalk(80, 3));
    expect(columns['ARIMA']!.subarray(0, 60).every(Number.isNaN)).toBe(true);
    expect(columns['ARIMA']!.subarray(60).some(Number.isNaN)).toBe(false);
    expect(compute(randomWalk(50, 3)).columns['ARIMA_next']!.every(Number.isNaN)).toBe(true);
  });

  it('bridges small holes with its forecasts, begins anew after large ones, and residuals are NaN in both', () => {
    const values = integrated().subarray(0, 400);
    for (const row of [200, 201, ...Array.from({ length: 12 }, (_, at) => 300 + at)]) values[row] = NaN;
    const { ARIMA: forecast, ARIMA_residual: residual } = compute(values).columns as Record<string, Float64Array>;
    const missing = (column: Float64Array, from: number) =>
      [...column.keys()].filter((row) => row >= from && Number.isNaN(column[row]!));
    // Rows 300…304 are bridged, the forecast of 305 still follows; p + d = 6 values must be seen again.
    expect(missing(forecast!, 60)).toEqual(Array.from({ length: 12 }, (_, at) => 306 + at));
    expect(missing(residual!, 60).slice(0, 3)).toEqual([200, 201, 300]);
  });

  it('tells of failing fits once and forecasts as the naive does', () => {
    const values = Float64Array.from({ length: 120 }, (_, row) => 100 * 1.05 ** row);
    const { columns, notes } = compute(values, { order: [1, 0, 0] });
    expect(notes).toEqual([
      'ARIMA(1,0,0): 4 of 4 fits failed (not stationary 4); the fit before was used, after two failures in a row the naive forecast',
    ]);
    expect(differingRows(columns['ARIMA_1_0_0_next']!.subarray(59), values.subarray(59))).toEqual([]);
  });

  it('lets the fit before stand in for one that fails', () => {
    const calm = firstOrder().subarray(0, 80);
    const values = Float64Array.from({ length: 110 }, (_, row) =>
      row < 80 ? calm[row]! : calm[79]! * 1.3 ** (row - 79),
    );
    const { columns, notes } = compute(values, { order: [1, 0, 0], refitEvery: 20 });
    expect(notes[0]).toMatch(/^ARIMA\(1,0,0\): 1 of 3 fits failed \(not stationary 1\)/);
    const { constant, ar } = fitted(values.subarray(0, 80), [1, 0, 0]);
    expect(columns['ARIMA_1_0_0_next']![105]).toBeCloseTo(constant + ar[0]! * values[105]!, 6);
  });

  it('of a resting series is the series', () => {
    const { columns, notes } = compute(new Float64Array(100).fill(7));
    expect([columns['ARIMA_next']![99], columns['ARIMA_residual']![99], notes.length]).toEqual([7, 0, 0]);
  });

  it('names what is not default', () => {
    const name = (parameters: ParameterValues) => arima.columnNames(parameters)[0];
    expect(name({})).toBe('ARIMA');
    expect(name({ order: [2, 0, 1], search: true })).toBe('ARIMA_2_0_1_search');
    expect(name({ window: 'rolling' })).toBe('ARIMA_rolling_250');
  });

  it.each<[ParameterValues, string]>([
    [{ order: [1, 3, 0] }, 'arima.order [1,3,0] differences 3 times: use at most 2 differences'],
    [{ order: [20, 1, 5] }, 'arima.minimumRows 60 is too few rows to fit the order 20,1,5: use 73'],
    [{ window: 'rolling', windowRows: 40 }, 'arima.windowRows 40 is less than minimumRows 60: use at least as many'],
  ])('%j is refused', (parameters, message) => {
    const error = failureOf(() => arima.columnNames(parameters));
    expect([error.code, error.message]).toEqual(['PARAMETER_INVALID', message]);
  });
});
