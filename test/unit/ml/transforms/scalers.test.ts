import type { ElementWiseTransform } from '#src/ml/transforms/transform.js';
import { getTransform } from '#src/ml/transforms/transforms.js';

const FACTS = { seasonLength: 4, column: 'a' };

function elementWise(name: string): ElementWiseTransform {
  const transform = getTransform(name);
  if (transform.kind !== 'element-wise') throw new Error(`${name} is positional`);
  return transform;
}

const fit = (name: string, ...train: number[]) => elementWise(name).fit(Float64Array.from(train), {}, FACTS);
const map = (name: string, train: number[], ...values: number[]) => [
  ...elementWise(name).transform(Float64Array.from(values), fit(name, ...train)),
];
const back = (name: string, train: number[], ...values: number[]) => [
  ...elementWise(name).inverse(Float64Array.from(values), fit(name, ...train)),
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
    expect([...elementWise('standard').inverse(Float64Array.of(0), fit('standard', 0.1, 0.1, 0.1))]).toEqual([0.1]);
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
    const mapped = elementWise('none').transform(values, {});
    expect(mapped).toEqual(values);
    expect(mapped).not.toBe(values);
  });
});

describe('robust', () => {
  it('uses median and interquartile range, as numpy.percentile gives them', () => {
    // numpy.percentile([1, 2, 3, 4, 100], [25, 50, 75]) = 2, 3, 4
    expect(fit('robust', 100, 2, NaN, 3, 1, 4)).toEqual({ median: 3, range: 2 });
    // numpy.percentile([1, 2, 4, 8], [25, 50, 75]) = 1.75, 3, 5
    expect(fit('robust', 1, 2, 4, 8)).toEqual({ median: 3, range: 3.25 });
    expect(map('robust', [100, 2, 3, 1, 4], 3, 5, NaN, 100)).toEqual([0, 1, NaN, 48.5]);
  });

  it('takes the deviation where half the values are one', () => {
    const { median, range } = fit('robust', 0, 0, 0, 0, 0, 0, 0, 4);
    expect(median).toBe(0);
    expect(range).toBeCloseTo(Math.sqrt(1.75), 14);
    expect(map('robust', [5, 5], 5, 9)).toEqual([0, 0]);
  });
});

describe('log', () => {
  it('is the natural logarithm of a positive series', () => {
    expect(fit('log', 2, NaN, 1, 8)).toEqual({ shift: 0, floor: 1 });
    expect(map('log', [2, 1, 8], 1, Math.E, NaN)).toEqual([0, 1, NaN]);
    expect(back('log', [2, 1, 8], 0, 1)).toEqual([1, Math.E]);
  });

  it('shifts zeros and negative values by as much as values usually stand above the smallest', () => {
    // min 0; distances 2 and 6, median 4
    expect(fit('log', 0, 2, 6, 0)).toEqual({ shift: 4, floor: 4 });
    // min −3; distances 1, 3, 7, median 3
    expect(fit('log', -3, -2, 0, 4)).toEqual({ shift: 6, floor: 3 });
    expect(fit('log', -3, -3)).toEqual({ shift: 6, floor: 3 });
    expect(fit('log', 0, 0)).toEqual({ shift: 1, floor: 1 });
  });

  it('goes on as its tangent below the train part', () => {
    // floor 2: ln 2 + (x − 2) / 2
    const [below, negative] = map('log', [2, 5], 1, -2);
    expect(below).toBeCloseTo(Math.log(2) - 0.5, 14);
    expect(negative).toBeCloseTo(Math.log(2) - 2, 14);
    expect(back('log', [2, 5], below!, negative!).map((value) => Math.round(value * 1e12) / 1e12)).toEqual([1, -2]);
  });
});

describe('reduction', () => {
  it('puts zero at one half and the largest absolute value at 0 or 1', () => {
    expect(fit('reduction', 1, NaN, -4, 2)).toEqual({ largest: 4 });
    expect(map('reduction', [1, -4, 2], -4, 0, 4, 2, NaN, 8)).toEqual([0, 0.5, 1, 0.75, NaN, 1.5]);
    expect(map('reduction', [0, 0], 0, 7)).toEqual([0.5, 0.5]);
    expect(back('reduction', [0, 0], 0.5)).toEqual([0]);
  });
});
