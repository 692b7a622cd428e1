import fc from 'fast-check';
import { IMPUTATION_METHODS, IMPUTATION_NAMES } from '#src/ml/gaps/imputation/imputation-methods.js';
import { fitImputation, scoreImputations } from '#src/ml/gaps/imputation/choose-imputation.js';
import { differingRows, largestError, randomWalk, seededUniform } from '../support/series.js';

/** Every method on the list, on made series. */

const LIMIT = 6;
const context = { seasonLength: 12, neighbours: 4 };
const ROWS = 240;

/** Gaps of up to ten rows, some longer than the limit, and missing rows at the beginning. */
function withGaps(whole: Float64Array, seed: number, lead = 2): Float64Array {
  const uniform = seededUniform(seed);
  const values = whole.slice().fill(NaN, 0, lead);
  for (let row = lead + 12; row < values.length; row += 8) {
    if (uniform() < 0.5) values.fill(NaN, row, row + 1 + Math.floor(uniform() * 10));
  }
  return values;
}

const line = Float64Array.from({ length: ROWS }, (_, row) => 40 - 0.75 * row);
const season = Float64Array.from({ length: ROWS }, (_, row) => 5 + 3 * Math.sin((row * 2 * Math.PI) / 12));
season.forEach((_, row) => (season[row] = season[row % 12]!));

/** Rows of gaps that are over and short enough. */
function smallGapRows(values: Float64Array): number[] {
  const rows: number[] = [];
  let last = -1;
  values.forEach((value, row) => {
    if (Number.isNaN(value)) return;
    if (last >= 0 && row - last - 1 <= LIMIT) for (let at = last + 1; at < row; at++) rows.push(at);
    last = row;
  });
  return rows;
}

it('has a name for each method', () => {
  expect(IMPUTATION_METHODS.map(({ name }) => name)).toEqual(IMPUTATION_NAMES);
});

describe.each(IMPUTATION_METHODS.map((method) => [method.name, method] as const))('%s', (name, method) => {
  const whole = randomWalk(ROWS, 9, 100);
  const gappy = withGaps(whole, 4);
  const state = method.fit(gappy.subarray(0, 160), context);
  const { values, settledAt } = method.fill(gappy, LIMIT, state);

  it('keeps what was observed and leading NaN, and fills small gaps that are over with numbers', () => {
    gappy.forEach((value, row) => {
      if (!Number.isNaN(value)) expect(values[row]).toBe(value);
    });
    expect([...values.subarray(0, 2)]).toEqual([NaN, NaN]);
    const small = smallGapRows(gappy).filter((row) => settledAt === null || settledAt[row]! < ROWS);
    expect(small.length).toBeGreaterThan(15);
    for (const row of small) {
      expect(Number.isFinite(values[row])).toBe(true);
      expect(Math.abs(values[row]! - whole[row]!)).toBeLessThan(6);
    }
  });

  it('masks large gaps: wholly when it looks ahead, from the first row that cannot be small when it does not', () => {
    const large = Float64Array.from({ length: 40 }, (_, row) => (row >= 12 && row < 30 ? NaN : row));
    const filled = method.fill(large, LIMIT, method.fit(large, context)).values;
    const missing = filled.reduce((count, value) => count + (Number.isNaN(value) ? 1 : 0), 0);
    expect(missing).toBe(method.looksAhead ? 18 : 18 - LIMIT);
    expect(Number.isNaN(filled[29]!)).toBe(true);
  });

  it('gives the same bytes again, from JSON too, and changes nothing it is given', () => {
    const before = gappy.slice();
    const restored = JSON.parse(JSON.stringify(state)) as typeof state;
    const again = method.fill(gappy, LIMIT, restored);
    expect(differingRows(again.values, values)).toEqual([]);
    expect(again.settledAt).toEqual(settledAt);
    expect(differingRows(gappy, before)).toEqual([]);
    expect(method.fit(gappy.subarray(0, 160), context)).toEqual(state);
  });

  it('changes no row that is final when later ones change, also to NaN, or are not there', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 20, max: ROWS - 2 }),
        fc.integer(),
        fc.boolean(),
        fc.integer({ min: 0, max: 10 }),
        (t, seed, erase, limit) => {
          const uniform = seededUniform(seed);
          const original = method.fill(gappy, limit, state);
          const changed = gappy.map((value, row) =>
            row <= t ? value : erase || uniform() < 0.4 ? NaN : 1e3 * uniform(),
          );
          for (const other of [changed, gappy.slice(0, t + 1)]) {
            const filled = method.fill(other, limit, state);
            const final = differingRows(filled.values.subarray(0, t + 1), original.values.subarray(0, t + 1)).filter(
              (row) => original.settledAt === null || original.settledAt[row]! <= t,
            );
            expect(final).toEqual([]);
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(settledAt === null).toBe(!method.looksAhead);
  });

  it('copes with a constant, with one value and with none', () => {
    const constant = Float64Array.from({ length: 60 }, (_, row) => (row % 7 === 3 ? NaN : 8));
    const filled = method.fill(constant, LIMIT, method.fit(constant, context)).values;
    for (const row of [10, 17, 24]) expect(filled[row]).toBeCloseTo(8, 9);
    const one = Float64Array.of(NaN, 5, NaN);
    expect(method.fill(one, LIMIT, method.fit(one, context)).values[0]).toBeNaN();
    const none = new Float64Array(5).fill(NaN);
    expect([...method.fill(none, LIMIT, method.fit(none, context)).values]).toEqual([...none]);
  });

  const exact = { line: ['trend', 'kalman', 'linear', 'spline', 'kalman-smoother'], season: ['seasonal'] };
  it.each(Object.entries({ line, season }))('on a pure %s', (shape, pure) => {
    const holed = withGaps(pure, 6, 0);
    const filled = method.fill(holed, LIMIT, method.fit(holed.subarray(0, 160), context)).values;
    const rows = smallGapRows(holed).filter((row) => row > 20);
    const error = largestError(
      rows.map((row) => filled[row]!),
      rows.map((row) => pure[row]!),
    );
    if (exact[shape as 'line' | 'season'].includes(name)) expect(error).toBeLessThan(1e-6);
    else expect(error > 0.01 || Number.isNaN(error)).toBe(true);
  });
});

describe('auto', () => {
  const noisy = (pure: Float64Array) => {
    const uniform = seededUniform(12);
    return pure.map((value) => value + 0.2 * (uniform() - 0.5));
  };

  it.each([
    ['a season', withGaps(noisy(season), 3), 'seasonal'],
    ['a noisy line', withGaps(noisy(line.map((value) => 4 * value)), 3), 'kalman'],
  ])('takes for %s the method with the least error on masked values', (_name, train, expected) => {
    const fitted = fitImputation('auto', train, LIMIT, context);
    expect(Object.keys(fitted.scores!)).toEqual(['forward-fill', 'trailing-median', 'seasonal', 'trend', 'kalman']);
    const least = Math.min(...Object.values(fitted.scores!));
    expect(fitted.scores![fitted.method]).toBe(least);
    expect(['kalman', 'trend'].includes(expected) ? ['kalman', 'trend'] : [expected]).toContain(fitted.method);
    expect(least).toBeLessThan(0.2);
  });

  it('masks the same values again, and falls back to the simplest method when it can mask none', () => {
    const train = withGaps(randomWalk(400, 3), 8);
    expect(scoreImputations(train, LIMIT, context)).toEqual(scoreImputations(train, LIMIT, context));
    expect(fitImputation('auto', Float64Array.of(1, 2, NaN), LIMIT, context)).toEqual({
      method: 'forward-fill',
      state: {},
      scores: {},
    });
    expect(fitImputation('auto', train, 0, context).method).toBe('forward-fill');
  });
});
