import { inferOffset, inferStep } from '#src/ml/calendar/infer-step.js';
import { stepDurationMs, stepText } from '#src/ml/calendar/step-duration.js';
import { DAY_MS, HOUR_MS, regularTimes, seededUniform } from '../../../support/series.js';

const MINUTE_MS = 60_000;

/** Reports every ten minutes that come up to `jitter` minutes early or late, a share of them lost. */
function reports({ rows = 2_000, jitter = 1, lost = 0, phase = 0, seed = 3 }): Float64Array {
  const uniform = seededUniform(seed);
  return regularTimes(rows, 10 * MINUTE_MS)
    .map((time) => time + (phase + Math.round(2 * jitter * (uniform() - 0.5))) * MINUTE_MS)
    .filter(() => uniform() >= lost);
}

describe('inferStep', () => {
  it.each([
    ['exact', reports({ jitter: 0 })],
    ['with jitter of two minutes', reports({ jitter: 2 })],
    ['with a half lost', reports({ jitter: 1, lost: 0.5 })],
    [
      'with six in ten lost and a hole of a week',
      reports({ lost: 0.6 }).map((t, row) => (row > 400 ? t + 7 * DAY_MS : t)),
    ],
  ])('finds ten minutes in reports %s', (_name, times) => {
    expect(inferStep(times)).toBe(10 * MINUTE_MS);
  });

  it('is not moved by one early report, which is what the smallest difference is', () => {
    const times = Float64Array.from([...regularTimes(500, HOUR_MS), Date.UTC(2020, 0, 1) + 1_000]).sort();
    expect(inferStep(times)).toBe(HOUR_MS);
  });

  it('does not take the distance within bursts for the step', () => {
    const bursts = Array.from({ length: 40 }, (_, hour) =>
      Array.from({ length: 50 }, (_, s) => hour * HOUR_MS + s * 1_000),
    );
    const step = inferStep(Float64Array.from(bursts.flat()));
    expect(step).toBeGreaterThan(60_000);
    expect(step).toBeLessThan(80_000);
  });

  it('rounds to a natural step within 2 %, and keeps what is none', () => {
    expect(inferStep(regularTimes(100, 299_500))).toBe(300_000);
    expect(inferStep(regularTimes(100, 77_000))).toBe(77_000);
  });

  it('of two times is their difference; of one there is none', () => {
    expect(inferStep(Float64Array.of(0, 77_000))).toBe(77_000);
    expect(() => inferStep(Float64Array.of(1))).toThrow('a step cannot be inferred from 1 times');
  });
});

describe('inferOffset', () => {
  const step = 10 * MINUTE_MS;

  it('lets exact times end their own periods', () => {
    expect(inferOffset(reports({ jitter: 0, phase: 3 }), step)).toBe(3 * MINUTE_MS);
    expect(inferOffset(reports({ jitter: 0 }), step)).toBe(0);
  });

  it('puts the border behind reports that jitter around whole steps, where it would run through them', () => {
    expect(inferOffset(reports({ jitter: 1 }), step)).toBe(MINUTE_MS);
    expect(inferOffset(reports({ jitter: 1, phase: 9 }), step)).toBe(0);
  });

  it('is 0 for times without a phase', () => {
    const uniform = seededUniform(2);
    const times = Float64Array.from({ length: 500 }, () => Math.round(uniform() * 1e9)).sort();
    expect(inferOffset(times, step)).toBe(0);
  });
});

describe('stepDurationMs', () => {
  it.each<[unknown, number | null]>([
    [600, 600_000],
    [0.5, 500],
    ['PT10M', 600_000],
    ['PT1H30M', 5_400_000],
    ['P1D', DAY_MS],
    ['P1W', 7 * DAY_MS],
    ['PT0.25S', 250],
    ['P1M', null],
    ['PT', null],
    ['P', null],
    ['10', null],
    [0, null],
    [-600, null],
    [NaN, null],
    [366 * 86_400 + 1, null],
    [true, null],
  ])('%p is %p ms', (value, expected) => {
    expect(stepDurationMs(value)).toBe(expected);
  });

  it('says it for people', () => {
    expect([600_000, 5_400_000, DAY_MS, 250].map(stepText)).toEqual(['10 min', '1 h 30 min', '1 d', '250 ms']);
  });
});
