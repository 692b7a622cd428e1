import fc from 'fast-check';
import { TimeReading, getTimeFormat, utcTime, type TimeFormatName } from '#src/datasets/rows/time-formats.js';
import { detectTimeFormat } from '#src/datasets/rows/time-detection.js';
import { failureOf } from '../../support/failure-of.js';

function read(name: TimeFormatName, text: string): string | null {
  const into = new TimeReading();
  return getTimeFormat(name).read(text, into) ? new Date(into.time).toISOString() : null;
}

function detect(...texts: string[]): string {
  return detectTimeFormat(
    texts.map((text, at) => ({ text, number: at + 2 })),
    'date',
  ).name;
}

describe('time formats', () => {
  it('counts days as the Gregorian calendar does', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }),
        (date) => {
          const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
          const time = utcTime(year, month, day, date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds());
          expect(time).toBe(Math.floor(date.getTime() / 1000) * 1000);
        },
      ),
    );
  });

  it.each<[TimeFormatName, string, string]>([
    ['YYYY-MM-DD', '2024-02-29', '2024-02-29T00:00:00.000Z'],
    ['YYYY-MM-DD HH:mm:ss', '2016-07-01 13:45:09', '2016-07-01T13:45:09.000Z'],
    ['YYYY-MM-DD HH:mm:ss', '2016-07-01T13:45', '2016-07-01T13:45:00.000Z'],
    ['YYYY-MM-DD HH:mm:ss', '2016-07-01T13:45:09.123456Z', '2016-07-01T13:45:09.123Z'],
    ['YYYY-MM-DD HH:mm:ss', '2016-07-01 13:45:09.29 UTC', '2016-07-01T13:45:09.290Z'],
    ['YYYY-MM-DD HH:mm:ss', '2016-07-01T00:30:00+02:00', '2016-06-30T22:30:00.000Z'],
    ['YYYY-MM-DD HH:mm:ss', '2016-07-01T00:30:00-0530', '2016-07-01T06:00:00.000Z'],
    ['YYYY/MM/DD', '2024/1/5 7:08', '2024-01-05T07:08:00.000Z'],
    ['YYYY-MM', '2024-11', '2024-11-01T00:00:00.000Z'],
    ['YYYY', '1999', '1999-01-01T00:00:00.000Z'],
    ['YYYYMMDD', '20000103', '2000-01-03T00:00:00.000Z'],
    ['M/D/YYYY', '1/2/2020', '2020-01-02T00:00:00.000Z'],
    ['M/D/YYYY', '12/31/2020 12:05 AM', '2020-12-31T00:05:00.000Z'],
    ['M/D/YYYY', '12/31/2020, 3:05:07 pm', '2020-12-31T15:05:07.000Z'],
    ['D/M/YYYY', '1/2/2020', '2020-02-01T00:00:00.000Z'],
    ['D.M.YYYY', '31.12.2020 23:59', '2020-12-31T23:59:00.000Z'],
    ['DD-Mon-YY', '03-Jan-07', '2007-01-03T00:00:00.000Z'],
    ['DD-Mon-YY', '3-JAN-69', '1969-01-03T00:00:00.000Z'],
    ['DD-Mon-YY', '03-Jan-1957', '1957-01-03T00:00:00.000Z'],
    ['Mon D YYYY', 'Jan 1 2000', '2000-01-01T00:00:00.000Z'],
    ['Mon D YYYY', 'September 30, 2000', '2000-09-30T00:00:00.000Z'],
    ['epoch-seconds', '1577836800', '2020-01-01T00:00:00.000Z'],
    ['epoch-seconds', '1577836800.25', '2020-01-01T00:00:00.250Z'],
    ['epoch-milliseconds', '1577836800123', '2020-01-01T00:00:00.123Z'],
    ['epoch-milliseconds', '-1000', '1969-12-31T23:59:59.000Z'],
    ['epoch-microseconds', '-1', '1969-12-31T23:59:59.999Z'],
    ['epoch-seconds', '-0.5000', '1969-12-31T23:59:59.500Z'],
  ])('%s reads %j', (name, text, iso) => {
    expect(read(name, text)).toBe(iso);
  });

  it.each<[TimeFormatName, string]>([
    ['YYYY-MM-DD', '2023-02-29'],
    ['YYYY-MM-DD', '2024-13-01'],
    ['YYYY-MM-DD', '2024-1-1'],
    ['YYYY-MM-DD', '2024-01-01 00:00'],
    ['YYYY-MM-DD HH:mm:ss', '2024-01-01 24:00:00'],
    ['YYYY-MM-DD HH:mm:ss', '2024-01-01 10:60:00'],
    ['YYYY-MM-DD HH:mm:ss', '2024-01-01 10:00:00 Berlin'],
    ['YYYY-MM-DD HH:mm:ss', '2024-01-01T10:00:00+15:00'],
    ['YYYY-MM-DD HH:mm:ss', '2024-01-01T10:00:00.'],
    ['M/D/YYYY', '13/1/2020'],
    ['M/D/YYYY', '1/1/2020 13:00 PM'],
    ['M/D/YYYY', '1/1/20'],
    ['DD-Mon-YY', '03-Foo-07'],
    ['Mon D YYYY', 'Janu 1 2000'],
    ['epoch-seconds', '1e9'],
    ['epoch-milliseconds', '9999999999999999'],
  ])('%s does not read %j', (name, text) => {
    expect(read(name, text)).toBeNull();
  });

  it.each([
    [['2024-01-01'], 'YYYY-MM-DD'],
    [['2024-01-01', '2024-01-02 10:00'], 'YYYY-MM-DD HH:mm:ss'],
    [['2024-01-01T00:00:00Z'], 'YYYY-MM-DD HH:mm:ss'],
    [['2000', '2001'], 'YYYY'],
    [['20000103'], 'YYYYMMDD'],
    [['1577836800'], 'epoch-seconds'],
    [['1577836800000'], 'epoch-milliseconds'],
    [['1/2/2020', '1/13/2020'], 'M/D/YYYY'],
    [['1/2/2020', '13/2/2020'], 'D/M/YYYY'],
    [['01.02.2020'], 'D.M.YYYY'],
    [['Jan 1 2000'], 'Mon D YYYY'],
    [['31-Dec-99'], 'DD-Mon-YY'],
  ])('detects %j as %s', (texts, name) => {
    expect(detect(...texts)).toBe(name);
  });

  it('refuses to guess between day and month', () => {
    expect(failureOf(() => detect('1/2/2020', '2/2/2020'))).toMatchObject({
      code: 'TIMESTAMP_INVALID',
      message:
        '"1/2/2020" in column "date" (line 2) can be month/day or day/month, and so can all of the first 2 rows: ' +
        'state timeFormat=M/D/YYYY or timeFormat=D/M/YYYY',
    });
  });

  it('does not take any number for an epoch', () => {
    expect(failureOf(() => detect('12345'))).toMatchObject({
      code: 'TIMESTAMP_INVALID',
      message: expect.stringMatching(
        /^"12345" in column "date" \(line 2\) has none of the known forms YYYY-MM-DD, /,
      ) as string,
    });
  });
});
