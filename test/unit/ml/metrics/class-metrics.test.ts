import {
  calibration,
  classF1,
  likeliestClasses,
  multiClassLogLoss,
  oneVersusRestAreas,
} from '#src/ml/metrics/class-metrics.js';

const SCORED = {
  probabilities: Float64Array.of(0.7, 0.2, 0.1, 0.1, 0.6, 0.3, 0.2, 0.3, 0.5, 0.5, 0.4, 0.1),
  labels: Uint8Array.of(0, 1, 2, 1),
  classes: 3,
};
const NOTHING = { probabilities: new Float64Array(0), labels: new Uint8Array(0), classes: 3 };

describe('the scores of class probabilities', () => {
  it('log loss is the mean of −ln p of what was, and stays finite for a certain mistake', () => {
    expect(multiClassLogLoss(SCORED)).toBeCloseTo(-Math.log(0.7 * 0.6 * 0.5 * 0.4) / 4, 14);
    const certain = { probabilities: Float64Array.of(1, 0), labels: Uint8Array.of(1), classes: 2 };
    expect(multiClassLogLoss(certain)).toBeCloseTo(15 * Math.LN10, 10);
    expect(multiClassLogLoss(NOTHING)).toBeNull();
  });

  it('areas compare each class with the others', () => {
    // Class 1 has 0.6 and 0.4 against 0.2 and 0.3; class 0 has 0.7 above all, class 2 0.5 above all.
    expect(oneVersusRestAreas(SCORED)).toEqual([1, 1, 1]);
    const swapped = { ...SCORED, labels: Uint8Array.of(1, 1, 0, 0) };
    // Class 0: 0.2 and 0.5 against 0.7 and 0.1: two of four pairs in order. No row is of class 2.
    expect(oneVersusRestAreas(swapped)).toEqual([0.5, 0.5, null]);
  });

  it('the likeliest class is the first of equal ones', () => {
    expect([...likeliestClasses(SCORED)]).toEqual([0, 1, 2, 0]);
    const even = { probabilities: Float64Array.of(0.2, 0.4, 0.4), labels: Uint8Array.of(2), classes: 3 };
    expect([...likeliestClasses(even)]).toEqual([1]);
  });

  it('F1 is twice the hits over what was and what was said', () => {
    const { perClass, macro } = classF1([
      [4, 1, 0],
      [2, 3, 0],
      [0, 0, 0],
    ]);
    expect(perClass).toEqual([8 / 11, 6 / 9, null]);
    expect(macro).toBeCloseTo((8 / 11 + 6 / 9) / 2, 15);
    expect(classF1([[0]])).toEqual({ perClass: [null], macro: null });
  });

  it('calibration compares confidence and hits bin by bin', () => {
    // Confidences 0.7 (right), 0.6 (right), 0.5 (right), 0.5 (wrong).
    const { error, bins } = calibration(SCORED, 5)!;
    expect(bins).toEqual([
      { from: 0.4, to: 0.6, count: 2, confidence: 0.5, hitRate: 0.5 },
      { from: 0.6, to: 0.8, count: 2, confidence: expect.closeTo(0.65, 12) as number, hitRate: 1 },
    ]);
    expect(error).toBeCloseTo((2 * 0 + 2 * 0.35) / 4, 12);
    expect(calibration(NOTHING)).toBeNull();
  });

  it('calibration of a certain and right forecast is perfect', () => {
    const certain = { probabilities: Float64Array.of(1, 0), labels: Uint8Array.of(0), classes: 2 };
    expect(calibration(certain)).toEqual({
      error: 0,
      bins: [{ from: 0.9, to: 1, count: 1, confidence: 1, hitRate: 1 }],
    });
  });
});
