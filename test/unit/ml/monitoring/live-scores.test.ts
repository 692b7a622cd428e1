import { LiveScores, type ForecastOutcome } from '#src/ml/monitoring/live-scores.js';

const outcome = (over: Partial<ForecastOutcome>): ForecastOutcome => ({
  asset: 'A',
  actual: 10,
  forecast: 10,
  naive: 10,
  known: 10,
  intervals: [],
  ...over,
});

describe('LiveScores', () => {
  it('scores values by hand', () => {
    const scores = new LiveScores();
    // Errors 1, 2, −3; the naive forecast errs by 2, 4, −1.
    scores.add(outcome({ actual: 12, forecast: 13 }));
    scores.add(outcome({ actual: 14, forecast: 16 }));
    scores.add(outcome({ actual: 9, forecast: 6 }));
    const metrics = scores.metrics();
    expect(metrics).toMatchObject({ count: 3, mae: 2, naive: { count: 3, mae: 7 / 3 }, hitRate: 1, direction: null });
    expect(metrics.rmse).toBeCloseTo(Math.sqrt(14 / 3), 14);
    expect(metrics.naive?.rmse).toBeCloseTo(Math.sqrt(7), 14);
    expect(metrics.skill?.mae).toBeCloseTo(1 - 6 / 7, 14);
    expect(metrics.skill?.rmse).toBeCloseTo(1 - Math.sqrt(14 / 3 / 7), 14);
  });

  it('counts what lies in intervals beside what they promise, by coverage', () => {
    const scores = new LiveScores();
    const intervals = [
      { coverage: 0.95, lower: 0, upper: 20 },
      { coverage: 0.8, lower: 9, upper: 11 },
    ];
    for (const actual of [9, 11, 12, 21]) scores.add(outcome({ actual, intervals }));
    expect(scores.metrics().intervals).toEqual([
      { coverage: 0.8, count: 4, covered: 0.5, meanWidth: 2 },
      { coverage: 0.95, count: 4, covered: 0.75, meanWidth: 20 },
    ]);
  });

  it('scores directions by hand, and only changes whose origin was observed', () => {
    const scores = new LiveScores();
    const add = (actual: number, known = 10): void =>
      scores.add({
        asset: 'A',
        actual,
        naive: 10,
        known,
        intervals: [],
        flatWithin: 1,
        probabilities: [0.1, 0.2, 0.7],
      });
    add(12); // up, as told
    add(10.5); // flat
    add(8, NaN);
    const { direction, mae, count } = scores.metrics();
    expect({ mae, count }).toEqual({ mae: null, count: 3 });
    expect(direction).toMatchObject({ count: 2, accuracy: 0.5 });
    expect(direction?.logLoss).toBeCloseTo(-(Math.log(0.7) + Math.log(0.2)) / 2, 14);
    expect(direction?.brier).toBeCloseTo((0.01 + 0.04 + 0.09 + 0.01 + 0.64 + 0.49) / 2, 14);
  });

  it('weighs assets by their naive error, so that a thousandfold unit changes no skill', () => {
    const skillOf = (unit: number): number => {
      const scores = new LiveScores();
      scores.add(outcome({ actual: 12, forecast: 11 }));
      scores.add(outcome({ asset: 'B', actual: 8 * unit, forecast: 11 * unit, naive: 4 * unit, known: 4 * unit }));
      return scores.metrics().skill!.mae!;
    };
    // A: 1/2, B: 3/4 of the naive error.
    expect(skillOf(1)).toBeCloseTo(1 - (0.5 + 0.75) / 2, 14);
    expect(skillOf(1_000)).toBeCloseTo(skillOf(1), 14);
  });

  it('says null where there is nothing to say', () => {
    const nothing = new LiveScores().metrics();
    expect(nothing).toEqual({
      count: 0,
      mae: null,
      rmse: null,
      naive: null,
      skill: null,
      hitRate: null,
      intervals: [],
      direction: null,
    });
    const scores = new LiveScores();
    scores.add(outcome({ actual: 10, forecast: 12 }));
    expect(scores.metrics()).toMatchObject({ mae: 2, naive: { mae: 0 }, skill: null, hitRate: null });
    scores.add(outcome({ actual: 10, forecast: 12, naive: NaN, known: NaN }));
    expect(scores.metrics()).toMatchObject({ count: 2, naive: { count: 1 } });
  });
});
