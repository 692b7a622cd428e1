import { getTransform } from '#src/ml/transforms/transforms.js';

const fit = (name: string, ...train: number[]) => getTransform(name).fit(Float64Array.from(train), {});
const map = (name: string, train: number[], ...values: number[]) => [
  ...getTransform(name).transform(Float64Array.from(values), fit(name, ...train)),
];

describe('standard', () => {
  it('uses mean and population deviation of the numbers', () => {
    expect(fit('standard', 2, 4, NaN, 4, 4, 5, 5, 7, 9)).toEqual({ mean: 5, deviation: 2 });
    expect(map('standard', [2, 4, 4, 4, 5, 5, 7, 9], 9, 5, NaN, 1)).toEqual([2, 0, NaN, -2]);
  });

  it('keeps its digits at an offset of 1e9', () => {
    const { mean, deviation } = fit('standard', 1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16);
    expect(mean).toBe(1e9 + 10);
    expect(deviation).toBeCloseTo(Math.sqrt(22.5), 12);
  });

  it('maps what was constant in the train part to 0, and 0 back to the constant', () => {
    expect(map('standard', [0.1, 0.1, 0.1], 0.1, 7, NaN)).toEqual([0, 0, NaN]);
    expect([...getTransform('standard').inverse(Float64Array.of(0), fit('standard', 0.1, 0.1, 0.1))]).toEqual([0.1]);
    expect(map('standard', [NaN, NaN], 3, NaN)).toEqual([0, NaN]);
  });
});

describe('min-max', () => {
  it('maps the range of the train part to 0…1 and does not clip', () => {
    expect(fit('min-max', 3, NaN, -1, 7)).toEqual({ minimum: -1, maximum: 7 });
    expect(map('min-max', [3, -1, 7], -1, 3, 7, 15, -9)).toEqual([0, 0.5, 1, 2, -1]);
  });

  it('maps what was constant in the train part to 0', () => {
    expect(map('min-max', [4, 4], 4, 9, NaN)).toEqual([0, 0, NaN]);
    expect(map('min-max', [], 4)).toEqual([0]);
  });
});

describe('none', () => {
  it('is the identity on a copy', () => {
    const values = Float64Array.of(1, NaN, -2);
    const mapped = getTransform('none').transform(values, {});
    expect(mapped).toEqual(values);
    expect(mapped).not.toBe(values);
  });
});
