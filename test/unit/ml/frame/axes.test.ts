import fc from 'fast-check';
import { completeAxis } from '#src/ml/frame/complete-axis.js';
import { intersectTimes, uniteTimes } from '#src/ml/frame/join-times.js';
import { placeOnAxis } from '#src/ml/frame/place-on-axis.js';
import type { SeriesCalendar } from '#src/ml/processing/processing-plan.js';
import { failureOf } from '../../../support/failure-of.js';
import { DAY_MS, HOUR_MS, regularTimes } from '../../../support/series.js';

const axis = fc
  .uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 })
  .map((times) => Float64Array.from(times).sort());

describe('joined axes', () => {
  it('unite and intersect like sets', () => {
    fc.assert(
      fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), (axes) => {
        const all = [...new Set(axes.flatMap((one) => [...one]))].sort((left, right) => left - right);
        expect([...uniteTimes(axes)]).toEqual(all);
        expect([...intersectTimes(axes)]).toEqual(all.filter((time) => axes.every((one) => one.includes(time))));
      }),
    );
  });

  it('of no series are empty', () => {
    expect([uniteTimes([]), intersectTimes([])]).toEqual([new Float64Array(0), new Float64Array(0)]);
  });
});

describe('placeOnAxis', () => {
  it('takes what stands at a row, else the last number since the row before, never a later one', () => {
    const times = Float64Array.of(0, 1, 2, 3, 4, 5, 6, 9);
    const values = Float64Array.of(10, 11, 12, NaN, 14, NaN, NaN, 19);
    expect([...placeOnAxis(times, values, Float64Array.of(1, 3.5, 5, 6, 7, 8, 10))]).toEqual([
      11,
      12,
      NaN,
      NaN,
      NaN,
      NaN,
      19,
    ]);
  });

  it('loses no row on the union axis', () => {
    fc.assert(
      fc.property(axis, axis, (own, other) => {
        const united = uniteTimes([own, other]);
        const placed = placeOnAxis(
          own,
          own.map((time) => time * 2),
          united,
        );
        united.forEach((time, row) => expect(placed[row]).toBe(own.includes(time) ? time * 2 : NaN));
      }),
    );
  });
});

describe('completeAxis', () => {
  const calendar = (changes: Partial<SeriesCalendar> = {}): SeriesCalendar => ({
    unit: 'milliseconds',
    step: DAY_MS,
    weekdays: [0, 1, 2, 3, 4, 5, 6],
    irregular: false,
    ...changes,
  });
  const tradingDays = calendar({ weekdays: [1, 2, 3, 4, 5] });

  it('adds the missing rows of regular data, whatever their number', () => {
    const whole = regularTimes(500, HOUR_MS);
    const holed = whole.filter((_, row) => row % 5 !== 2 && !(row > 100 && row < 300));
    expect(completeAxis(holed, calendar({ step: HOUR_MS }))).toEqual(whole);
  });

  it('adds no weekend and no holiday to trading-day data, but a gap of more than seven days', () => {
    const days = regularTimes(120, DAY_MS).filter((time) => new Date(time).getUTCDay() % 6 !== 0);
    const without = (from: number, count: number) => days.filter((_, row) => row < from || row >= from + count);
    expect(completeAxis(days, tradingDays)).toEqual(days);
    expect(completeAxis(without(20, 7), tradingDays)).toEqual(without(20, 7));
    expect(completeAxis(without(20, 8), tradingDays)).toEqual(days);
  });

  it('adds missing months', () => {
    const months = Float64Array.from([0, 1, 4, 5], (month) => Date.UTC(2020, month, 1));
    expect([...completeAxis(months, calendar({ unit: 'month', step: 1 }))]).toEqual(
      [0, 1, 2, 3, 4, 5].map((month) => Date.UTC(2020, month, 1)),
    );
  });

  it('keeps rows between steps, and adds none beside jittering ones', () => {
    const times = Float64Array.of(0, HOUR_MS + 900, 1.4 * HOUR_MS, 2 * HOUR_MS - 900, 4 * HOUR_MS);
    expect([...completeAxis(times, calendar({ step: HOUR_MS }))]).toEqual([
      ...times.subarray(0, 4),
      3 * HOUR_MS - 900,
      4 * HOUR_MS,
    ]);
  });

  it('adds nothing to irregular data', () => {
    const times = Float64Array.of(0, 5, 7, 1e9);
    expect(completeAxis(times, calendar({ step: 2, irregular: true }))).toBe(times);
  });

  it('begins with the same rows for an axis that ends earlier', () => {
    const times = regularTimes(300, DAY_MS).filter((_, row) => row % 11 < 7);
    const whole = completeAxis(times, calendar());
    for (const count of [1, 2, 50, 100]) {
      const part = completeAxis(times.subarray(0, count), calendar());
      expect(part).toEqual(whole.subarray(0, part.length));
    }
  });

  it('refuses a gap of more than ten million rows', () => {
    const failure = failureOf(() => completeAxis(Float64Array.of(0, 1000, 1e12), calendar({ step: 1000 })));
    expect(failure.code).toBe('LIMIT_EXCEEDED');
    expect(failure.message).toBe(
      'So many rows are missing between 1970-01-01T00:00:01.000Z and 2001-09-09T01:46:40.000Z that the axis would have more than 10000000: check these two timestamps, or set data.start after the gap',
    );
  });
});
