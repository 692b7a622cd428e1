import { applyChain, fitChain, openInverse, type PlannedChain } from '#src/ml/transforms/transform-chain.js';
import { resolveChain } from '#src/ml/transforms/resolve-chain.js';
import { failureOf } from '../../../support/failure-of.js';
import { DAY_MS, regularTimes } from '../../../support/series.js';

const FACTS = { seasonLength: 4, column: 'oil' };
const seriesOf = (...values: number[]) => ({
  times: regularTimes(values.length, DAY_MS),
  values: Float64Array.from(values),
});
const fit = (chain: PlannedChain, ...train: number[]) => fitChain(chain, seriesOf(...train), FACTS);
const map = (chain: PlannedChain, ...values: number[]) => [...applyChain(fit(chain, ...values), seriesOf(...values))];

describe('difference', () => {
  it('is the change since lag rows before; the first rows have none', () => {
    expect(map('difference', 1, 4, 9, NaN, 25, 36)).toEqual([NaN, 3, 5, NaN, NaN, 11]);
    const ofTwo = resolveChain([{ transform: 'difference', parameters: { lag: 2 } }], 'scaling.inputs');
    expect(map(ofTwo, 1, 4, 9, 16)).toEqual([NaN, NaN, 8, 12]);
  });

  it('sums forecast changes up from the last value, or from the last ones in turn', () => {
    const past = seriesOf(10, 20, 30, 40, 50, 60, 70);
    const restore = (chain: PlannedChain, ...future: number[]) => [
      ...openInverse(fit(chain, 1, 2), past, 'oil')(Float64Array.from(future), Int32Array.of(3)),
    ];
    expect(restore('difference', 1, 2, 3)).toEqual([41, 43, 46]);
    // season 4: rows 0…3 are repeated, then what was restored
    expect(restore('seasonal-difference', 1, 1, 1, 1, 1)).toEqual([11, 21, 31, 41, 12]);
  });

  it('says which value is missing to restore a forecast', () => {
    const inverse = openInverse(fit('seasonal-difference', 1, 2), seriesOf(NaN, 2, 3, 4, 5), 'oil');
    expect(failureOf(() => inverse(Float64Array.of(1, 1), Int32Array.of(3)))).toMatchObject({
      code: 'WINDOW_INVALID',
      message:
        'oil lacks a value 3 rows before the end of the window, and seasonal-difference restores a forecast from the last 4 rows: give a longer or a complete window',
    });
    // a horizon of 2 from row 4 starts from rows 1 and 2 alone
    expect([...inverse(Float64Array.of(1, 1), Int32Array.of(4))]).toEqual([3, 4]);
  });
});

describe('log-return', () => {
  it('is the logarithm of the growth, and adds up', () => {
    const [none, first, second] = map('log-return', 1, 2, 1);
    expect([none, first, second]).toEqual([NaN, Math.LN2, -Math.LN2]);
    const restored = openInverse(
      fit('log-return', 1, 2),
      seriesOf(8, 8),
      'oil',
    )(Float64Array.of(Math.LN2, Math.LN2), Int32Array.of(0));
    expect(restored[0]).toBeCloseTo(16, 12);
    expect(restored[1]).toBeCloseTo(32, 12);
  });

  it('refuses a train part that is not positive, and takes such a later value for missing', () => {
    expect(failureOf(() => fit('log-return', 5, 0, 3))).toMatchObject({
      code: 'PARAMETER_INVALID',
      message:
        'oil is 0 at 2020-01-02T00:00:00.000Z, and log-return needs positive values: use the chain log, difference, which shifts such series above zero',
    });
    expect([...applyChain(fit('log-return', 5, 6), seriesOf(1, -1, 1, 1))]).toEqual([NaN, NaN, NaN, 0]);
  });
});

describe('detrend', () => {
  it('takes the line of the train part away, over time', () => {
    expect(fit('detrend', 3, 5, NaN, 9)).toEqual({
      transform: 'detrend',
      state: {
        anchor: Date.UTC(2020, 0, 1) + (4 / 3) * DAY_MS,
        level: expect.closeTo(17 / 3, 14) as number,
        slopePerDay: 2,
      },
    });
    const rest = map('detrend', 3, 5, 7, 9);
    for (const value of rest) expect(value).toBeCloseTo(0, 12);
    const restored = openInverse(
      fit('detrend', 3, 5, 7, 9),
      { times: regularTimes(10, DAY_MS), values: Float64Array.of(3, 5, 7, 9) },
      'oil',
    )(Float64Array.of(0, 1), Int32Array.of(3));
    expect(restored[0]).toBeCloseTo(11, 12);
    expect(restored[1]).toBeCloseTo(14, 12);
  });
});

describe('chains', () => {
  it('fit each transform on what those before it made', () => {
    const chain = fit(resolveChain(['log', 'difference', 'min-max'], 'scaling.targets'), 1, Math.E, Math.E ** 3);
    expect(chain).toMatchObject({ transform: 'log', state: { shift: 0, floor: 1 } });
    expect(chain.further!.map(({ transform }) => transform)).toEqual(['difference', 'min-max']);
    expect(chain.further![1]!.state['minimum']).toBeCloseTo(1, 14);
    expect(chain.further![1]!.state['maximum']).toBeCloseTo(2, 14);
  });

  it('scale feature columns and leave the rest of the chain to series', () => {
    const planned = resolveChain(['log', 'difference', 'standard'], 'scaling.inputs');
    expect(fitChain(planned, seriesOf(-1, 1), FACTS, 'feature')).toEqual({
      transform: 'standard',
      state: { mean: 0, deviation: 1 },
    });
    expect(fitChain('detrend', seriesOf(-1, 1), FACTS, 'feature')).toEqual({ transform: 'none', state: {} });
  });

  it('of one transform without parameters are its name', () => {
    expect(resolveChain(['standard'], 'scaling.inputs')).toBe('standard');
    expect(resolveChain('difference', 'scaling.inputs')).toEqual([{ transform: 'difference', parameters: { lag: 1 } }]);
  });

  it.each([
    [[], 'PARAMETER_INVALID', 'scaling.inputs has 0 transforms, and takes 1 to 6 in the order they are applied'],
    [['log', 'rank'], 'TRANSFORM_UNKNOWN', 'scaling.inputs[1]: there is no transform rank; use one of'],
    [
      [{ transform: 'difference', parameters: { lag: 0 } }],
      'PARAMETER_INVALID',
      'scaling.inputs[0].parameters.lag must be an integer in 1…100000, not 0',
    ],
    [
      [{ transform: 'log', parameters: { base: 10 } }],
      'PARAMETER_INVALID',
      'scaling.inputs[0].parameters.base is not a parameter; it takes no parameters',
    ],
  ])('%j is refused', (given, code, message) => {
    expect(failureOf(() => resolveChain(given, 'scaling.inputs'))).toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
  });
});
