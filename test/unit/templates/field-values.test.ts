import { isNameList, isUtcTime } from '#src/templates/field-values.js';

describe('a time of a template', () => {
  it.each(['2018-01-01', '2020-02-29', '2018-01-01T06:00Z', '2018-01-01T06:00:00.123Z', '2018-12-31T23:59:59+02:00'])(
    'can be %s',
    (text) => expect(isUtcTime(text)).toBe(true),
  );

  it.each([
    '2019-02-29',
    '2021-04-31',
    '2018-13-01',
    '2018-00-10',
    '2018-01-00',
    '2018-01-01T25:00:00Z',
    '2018-01-01T06:00:00',
    '2018-01-01 06:00:00Z',
    '01/02/2018',
    '1514764800000',
    '',
    1514764800000,
    null,
  ])('cannot be %j', (value) => expect(isUtcTime(value)).toBe(false));
});

describe('a list of names', () => {
  it('is one of different, non-empty texts, of a bounded number', () => {
    expect(isNameList(['a', 'b'])).toBe(true);
    expect([[], ['a', 'a'], [''], [1], 'a', null].map(isNameList)).toEqual([false, false, false, false, false, false]);
    const names = Array.from({ length: 100_001 }, (_, at) => String(at));
    expect([isNameList(names.slice(1)), isNameList(names)]).toEqual([true, false]);
  });
});
