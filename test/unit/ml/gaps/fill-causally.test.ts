import fc from 'fast-check';
import { fillCausally } from '#src/ml/gaps/fill-causally.js';
import { differingRows } from '../../../support/series.js';

const forward = { imputation: 'forward-fill', neighbours: 1 } as const;
const median = (neighbours: number) => ({ imputation: 'trailing-median', neighbours }) as const;
const fill = (plan: Parameters<typeof fillCausally>[1], limit: number, ...values: number[]) => [
  ...fillCausally(Float64Array.from(values), plan, limit),
];

describe('fillCausally', () => {
  it('repeats the last observed value for as long as a gap may be small', () => {
    expect(fill(forward, 2, 1, NaN, NaN, 4, NaN, NaN, NaN, NaN, 9, NaN)).toEqual([1, 1, 1, 4, 4, 4, NaN, NaN, 9, 9]);
  });

  it('fills nothing with a limit of 0, and nothing before the first value', () => {
    expect(fill(forward, 0, 1, NaN, 3)).toEqual([1, NaN, 3]);
    expect(fill(forward, 9, NaN, NaN, 3, NaN)).toEqual([NaN, NaN, 3, 3]);
    expect(fill(median(5), 9, NaN, NaN)).toEqual([NaN, NaN]);
  });

  it('takes the median of the last observed values, imputed ones not counted', () => {
    expect(fill(median(3), 9, 100, 5, 1, 9, NaN, NaN, 2, NaN)).toEqual([100, 5, 1, 9, 5, 5, 2, 2]);
    expect(fill(median(4), 9, 100, 5, 1, 9, NaN)).toEqual([100, 5, 1, 9, 7]);
    expect(fill(median(100), 9, 3, 1, NaN)).toEqual([3, 1, 2]);
  });

  it('fills a row the same whether its gap ends there or goes on', () => {
    const value = fc.oneof(fc.double({ min: -9, max: 9, noNaN: true }), fc.constant(NaN));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 60 }),
        fc.nat(8),
        fc.boolean(),
        fc.nat(),
        (given, limit, forwards, at) => {
          const plan = forwards ? forward : median(4);
          const values = Float64Array.from(given);
          const t = at % values.length;
          const whole = fillCausally(values, plan, limit);
          expect(differingRows(fillCausally(values.subarray(0, t + 1), plan, limit), whole.subarray(0, t + 1))).toEqual(
            [],
          );
          values.forEach((one, row) => {
            if (!Number.isNaN(one)) expect(whole[row]).toBe(one);
          });
        },
      ),
    );
  });
});
