import { sampleWeights } from '#src/ml/windows/sample-weights.js';

describe('weights of train windows', () => {
  it('halve over the half-life, in rows and not in windows', () => {
    // 1/4, 1/2, 1 with the mean 7/12
    const weights = sampleWeights(Int32Array.of(10, 14, 18), 4);
    [3 / 7, 6 / 7, 12 / 7].forEach((expected, at) => expect(weights[at]).toBeCloseTo(expected, 14));
  });

  it('are all 1 to 1e-6 with a half-life that the windows do not reach, and finite with one they outlive', () => {
    const origins = Int32Array.from({ length: 1_000 }, (_, at) => at);
    expect(Math.max(...sampleWeights(origins, 1e9).map((weight) => Math.abs(weight - 1)))).toBeLessThan(1e-6);
    const old = sampleWeights(Int32Array.of(0, 5_000), 1);
    expect([...old]).toEqual([0, 2]);
    expect([...sampleWeights(Int32Array.of(3), 1)]).toEqual([1]);
  });
});
