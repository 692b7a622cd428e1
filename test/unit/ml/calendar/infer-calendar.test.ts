import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inferCalendar } from '#src/ml/calendar/infer-calendar.js';
import { DAY_MS, HOUR_MS, regularTimes, seededUniform } from '../../../support/series.js';

/** Real: series of the package vega-datasets beside made ones. */

const everyDay = [0, 1, 2, 3, 4, 5, 6];
const utc = (...texts: string[]) => Float64Array.from(texts, (text) => Date.parse(`${text}T00:00Z`));

const vegaDatasets = join(createRequire(import.meta.url).resolve('vega-datasets'), '..', '..', 'data');

/** The first column of a CSV file of days. */
function publishedTimes(file: string): Float64Array {
  const [, ...rows] = readFileSync(join(vegaDatasets, file), 'utf8').trim().split('\n');
  return Float64Array.from(rows, (row) => Date.parse(`${row.split(',')[0]!.trim()}T00:00Z`));
}

describe('inferCalendar', () => {
  it.each([
    ['5-minute', 300_000],
    ['hourly', HOUR_MS],
    ['daily', DAY_MS],
    ['weekly', 7 * DAY_MS],
  ])('%s data', (_name, step) => {
    expect(inferCalendar(regularTimes(500, step))).toEqual({
      unit: 'milliseconds',
      step,
      weekdays: everyDay,
      irregular: false,
    });
  });

  it('keeps the step over gaps', () => {
    const times = regularTimes(1_000, HOUR_MS).filter((_, row) => row < 100 || (row > 400 && row % 7 !== 0));
    expect(inferCalendar(times)).toMatchObject({ step: HOUR_MS, irregular: false, weekdays: everyDay });
  });

  it('trading days of the S&P 500, 2000 to 2020: Monday to Friday, holidays and all', () => {
    const times = publishedTimes('sp500-2000.csv');
    expect(times.length).toBeGreaterThan(5_000);
    const tradingDays = { unit: 'milliseconds', step: DAY_MS, weekdays: [1, 2, 3, 4, 5], irregular: false };
    expect(inferCalendar(times)).toEqual(tradingDays);
    expect(inferCalendar(times.subarray(0, 40))).toEqual(tradingDays);
  });

  it('months of the Mauna Loa CO2 record, five of them missing', () => {
    const times = publishedTimes('co2-concentration.csv');
    expect(inferCalendar(times)).toEqual({ unit: 'month', step: 1, weekdays: everyDay, irregular: false });
  });

  it.each<[string, string[], object]>([
    ['quarters', ['2020-01-01', '2020-04-01', '2020-07-01', '2021-01-01'], { unit: 'month', step: 3 }],
    ['years', ['2018-06-30', '2019-06-30', '2020-06-30'], { unit: 'month', step: 12 }],
    [
      'month ends',
      ['2019-12-31', '2020-01-31', '2020-02-29', '2020-04-30'],
      { unit: 'month', step: 1, monthEnd: true },
    ],
    ['two rows', ['2020-01-01', '2020-01-03'], { unit: 'milliseconds', step: 2 * DAY_MS, irregular: false }],
  ])('%s', (_name, texts, expected) => {
    expect(inferCalendar(utc(...texts))).toMatchObject(expected);
  });

  it('a rare Saturday is no working day, and Monday-Wednesday-Friday rows step by a day', () => {
    const days = regularTimes(400, DAY_MS);
    const weekday = (time: number) => new Date(time).getUTCDay();
    const rareSaturday = days.filter((time, row) => (weekday(time) % 6 !== 0 ? true : row === 3));
    expect(weekday(days[3]!)).toBe(6);
    expect(inferCalendar(rareSaturday).weekdays).toEqual([1, 2, 3, 4, 5]);
    expect(inferCalendar(days.filter((time) => [1, 3, 5].includes(weekday(time))))).toEqual({
      unit: 'milliseconds',
      step: DAY_MS,
      weekdays: [1, 3, 5],
      irregular: false,
    });
  });

  it('hourly rows that rest at weekends', () => {
    const times = regularTimes(2_000, HOUR_MS).filter((time) => new Date(time).getUTCDay() % 6 !== 0);
    expect(inferCalendar(times)).toMatchObject({ step: HOUR_MS, weekdays: [1, 2, 3, 4, 5], irregular: false });
  });

  it('less than two weeks say nothing about days of rest', () => {
    const times = regularTimes(9, DAY_MS, Date.UTC(2020, 0, 6)).filter((time) => new Date(time).getUTCDay() % 6 !== 0);
    expect(inferCalendar(times)).toMatchObject({ step: DAY_MS, weekdays: everyDay, irregular: false });
  });

  it('a few stray rows leave data regular, many make it irregular with the median step', () => {
    const withStrays = (strays: number) =>
      Float64Array.from([
        ...regularTimes(600, HOUR_MS),
        ...regularTimes(strays, 9 * HOUR_MS).map((t) => t + 1e6),
      ]).sort();
    expect(inferCalendar(withStrays(10))).toMatchObject({ step: HOUR_MS, irregular: false });
    expect(inferCalendar(withStrays(60))).toMatchObject({ step: HOUR_MS, irregular: true });
  });

  it('timestamps that jitter by a fifth of a step are regular, gaps included', () => {
    const uniform = seededUniform(8);
    const jittered = regularTimes(1_000, 300_000)
      .map((time) => time + Math.round(30_000 * (uniform() - 0.5)) * 2)
      .filter((_, row) => row % 6 !== 5 && (row < 400 || row > 700));
    const calendar = inferCalendar(jittered);
    expect(calendar.irregular).toBe(false);
    expect(Math.abs(calendar.step - 300_000)).toBeLessThan(3_000);
  });

  it('two hourly assets ten minutes apart have no common step', () => {
    const times = Float64Array.from([...regularTimes(50, HOUR_MS, 0), ...regularTimes(50, HOUR_MS, 600_000)]).sort();
    expect(inferCalendar(times)).toMatchObject({ step: 600_000, irregular: true });
  });

  it('random times are irregular', () => {
    const uniform = seededUniform(4);
    let time = 0;
    const times = Float64Array.from({ length: 300 }, () => (time += Math.round(60_000 + 3_600_000 * uniform())));
    const differences = times.subarray(1).map((value, row) => value - times[row]!);
    expect(inferCalendar(times)).toEqual({
      unit: 'milliseconds',
      step: differences.slice().sort()[149],
      weekdays: everyDay,
      irregular: true,
    });
  });

  it('a step that fills less than a twentieth of its grid is none', () => {
    const times = Float64Array.of(0, 1000, 2000, 2000 + 1e8, 3000 + 1e8);
    expect(inferCalendar(times).irregular).toBe(true);
  });

  it('cannot say anything about one time', () => {
    expect(() => inferCalendar(Float64Array.of(1))).toThrow('a calendar cannot be inferred from 1 times');
  });
});
