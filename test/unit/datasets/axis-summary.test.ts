import { summariseAxis } from '#src/datasets/summary/axis-summary.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const times = (...dates: string[]) => Float64Array.from(dates, (date) => Date.parse(date));
/** Every weekday of 2024 from Monday, 1 January, for `weeks` weeks. */
const tradingDays = (weeks: number) =>
  Float64Array.from({ length: weeks * 5 }, (_, at) => Date.UTC(2024, 0, 1) + (Math.floor(at / 5) * 7 + (at % 5)) * DAY);

describe('axis summary', () => {
  it('finds the step of hourly data and the rows it lacks', () => {
    const hours = [0, 1, 2, 5, 6, 7, 8].map((hour) => hour * HOUR);
    expect(summariseAxis(Float64Array.from(hours))).toEqual({
      medianStepMs: HOUR,
      modeStepMs: HOUR,
      step: { unit: 'milliseconds', size: HOUR },
      regular: true,
      restDays: [],
      missingRows: 2,
    });
  });

  it('does not count weekends of trading days, and counts a day in the week', () => {
    const days = tradingDays(4);
    expect(summariseAxis(days)).toMatchObject({ restDays: [0, 6], regular: true, missingRows: 0, modeStepMs: DAY });
    expect(summariseAxis(days.filter((_, at) => at !== 7))).toMatchObject({ regular: true, missingRows: 1 });
  });

  it('does not count weekends of hours either', () => {
    const hours = [...tradingDays(3)].flatMap((day) => Array.from({ length: 24 }, (_, hour) => day + hour * HOUR));
    expect(summariseAxis(Float64Array.from(hours))).toMatchObject({ restDays: [0, 6], regular: true, missingRows: 0 });
  });

  it('counts months by the calendar, on the same day or on the last one', () => {
    const months = times('1958-03-01', '1958-04-01', '1958-05-01', '1958-07-01', '1958-08-01');
    expect(summariseAxis(months)).toMatchObject({ step: { unit: 'month', size: 1 }, regular: true, missingRows: 1 });
    const ends = times('2024-01-31', '2024-02-29', '2024-03-31', '2024-04-30');
    expect(summariseAxis(ends)).toMatchObject({ step: { unit: 'month', size: 1 }, regular: true, missingRows: 0 });
    const years = times('2020-01-01', '2021-01-01', '2022-01-01', '2024-01-01');
    expect(summariseAxis(years)).toMatchObject({ step: { unit: 'month', size: 12 }, regular: true, missingRows: 1 });
  });

  it('says when rows keep to no step, and then expects none', () => {
    expect(summariseAxis(Float64Array.from([0, 1000, 4100, 5300, 9600, 9700, 15_000]))).toMatchObject({
      medianStepMs: 2150,
      modeStepMs: 100,
      regular: false,
      missingRows: null,
    });
  });

  it('has no step with one row', () => {
    expect(summariseAxis(Float64Array.of(5))).toMatchObject({ medianStepMs: null, step: null, missingRows: 0 });
  });
});
