import fc from 'fast-check';
import { readCsvRows, writeCsvLines } from '#src/inference/dialects/csv-rows.js';

const ASSETS = ['load', 'a,b'];

describe('rows of a window as CSV', () => {
  it('takes every double there and back, missing ones too', () => {
    const cell = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }), fc.boolean(), (rows, named) => {
        const times = rows.map((_, row) => `2024-01-${String(row + 1).padStart(2, '0')}`);
        const text = writeCsvLines(
          named ? ['when', ...ASSETS] : null,
          rows.map((row, at) => [times[at]!, ...row]),
        );
        const read = readCsvRows(text, ASSETS);
        expect(read.named).toBe(named);
        expect(read.times).toEqual(times);
        ASSETS.forEach((asset, column) => {
          expect(read.series[asset]).toHaveLength(rows.length);
          // By ===: CSV has no negative zero.
          read.series[asset]!.forEach((value, row) => expect(value === rows[row]![column]).toBe(true));
        });
      }),
    );
  });

  it('tells a header from rows, also where assets have numbers for names', () => {
    expect(readCsvRows('600519,time\n1.5,2024-01-01', ['600519'])).toEqual({
      named: true,
      times: ['2024-01-01'],
      series: { 600519: [1.5] },
    });
    expect(readCsvRows('\uFEFF"load"\r\n""\r\n2\r\n\r\n', ['load'])).toEqual({
      named: true,
      times: null,
      series: { load: [null, 2] },
    });
    expect(readCsvRows('NaN\n2', ['load'])).toEqual({ named: false, times: null, series: { load: [null, 2] } });
    expect(readCsvRows('2024-01-01,\n2024-01-02,1', ['load'])).toEqual({
      named: false,
      times: ['2024-01-01', '2024-01-02'],
      series: { load: [null, 1] },
    });
  });

  it.each([
    ['load,x,y\n1,2,3', 'x and y are no assets of the model, and one column at most can hold the times'],
    ['load,load\n1,2', 'There are two columns load'],
    ['load\n1\n"2', 'Line 3: a quote is opened and never closed'],
    ['load\n"1"2', 'Line 2: text follows a closing quote'],
    ['load\nInfinity', 'Line 2, load: "Infinity" is not a number'],
    ['1,2,3', 'Line 1 has 3 columns; without a header there is one for each of load'],
    ['\n\n', 'The body has no rows'],
  ])('refuses %j', (text, message) => {
    expect(() => readCsvRows(text, ['load'])).toThrow(message);
  });
});
