import { areaUnderCurve, brierScore } from '#src/ml/metrics/binary-metrics.js';

describe('areaUnderCurve', () => {
  it.each([
    ['half the pairs but one in order', [0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.75],
    ['all in order', [1, 2, 3], [0, 1, 1], 1],
    ['all in reverse', [3, 2, 1], [0, 1, 1], 0],
    ['all equal', [7, 7, 7, 7], [0, 1, 0, 1], 0.5],
    ['one tie of two pairs', [0.2, 0.2, 0.1], [1, 0, 0], 0.75],
  ])('%s', (_, scores, labels, expected) => {
    expect(areaUnderCurve(Float64Array.from(scores), Uint8Array.from(labels))).toBe(expected);
  });

  it('is not defined with one class', () => {
    expect(areaUnderCurve(Float64Array.of(0.1, 0.2), Uint8Array.of(1, 1))).toBeNull();
    expect(areaUnderCurve(new Float64Array(0), new Uint8Array(0))).toBeNull();
  });
});

it('takes the mean of the squared distances from what happened', () => {
  expect(brierScore(Float64Array.of(0.9, 0.2, 0.5), Uint8Array.of(1, 0, 1))).toBeCloseTo((0.01 + 0.04 + 0.25) / 3, 15);
});
