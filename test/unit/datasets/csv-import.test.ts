import type { ImportLimits, ReadingOptions } from '#src/datasets/rows/reading.js';
import { failureOf } from '../../support/failure-of.js';
import { importCsv } from '../../support/imported-files.js';

function load(text: string, options: Partial<ReadingOptions> = {}, limits: Partial<ImportLimits> = {}) {
  return importCsv(text, options, { rows: 10_000, columns: 10, assets: 10, ...limits });
}

function refuse(text: string, options: Partial<ReadingOptions> = {}, limits: Partial<ImportLimits> = {}) {
  return failureOf(() => load(text, options, limits));
}

const day = (date: number) => Date.UTC(2024, 0, date);

describe('importing CSV', () => {
  it('makes an asset of each column of a wide file, on one time axis, with missing values', () => {
    const { assets, reading } = load('date,A,B\n2024-01-01,1,NA\n2024-01-02,,2.5\n');
    expect(assets.map(({ id, names }) => [id, names])).toEqual([
      ['A', ['value']],
      ['B', ['value']],
    ]);
    expect([...assets[0]!.times]).toEqual([day(1), day(2)]);
    expect([...assets[0]!.columns[0]!]).toEqual([1, NaN]);
    expect([...assets[1]!.columns[0]!]).toEqual([NaN, 2.5]);
    expect(reading).toEqual({
      layout: 'wide',
      format: 'csv',
      delimiter: ',',
      time: {
        column: 'date',
        format: 'YYYY-MM-DD',
        zone: 'UTC',
        zoneAssumed: true,
        example: { text: '2024-01-01', readAs: '2024-01-01T00:00:00.000Z' },
      },
      assetColumn: null,
      valueColumns: ['A', 'B'],
      columnsAs: 'assets',
      assetPerFile: false,
      rows: 2,
      duplicates: { policy: 'refuse', rows: 0 },
      files: [],
    });
  });

  it('makes one asset of a wide file, of the columns asked for, in their order', () => {
    const { assets } = load('"MSFT","IBM","Date"\r\n1,2,"2024-01-01"\r\n3,4,"2024-01-02"\r\n', {
      columnsAs: 'columns',
      asset: 'stocks',
      valueColumns: ['IBM', 'MSFT'],
    });
    expect(assets).toHaveLength(1);
    expect(assets[0]).toMatchObject({ id: 'stocks', names: ['IBM', 'MSFT'] });
    expect(assets[0]!.columns.map((column) => [...column])).toEqual([
      [2, 4],
      [1, 3],
    ]);
  });

  it('separates the assets of a long file, each with its own axis', () => {
    const { assets, reading } = load(
      'symbol;time;price\nX;2024-01-01;1\nY;2024-01-01;10\nX;2024-01-02;2\nY;2024-01-03;30\n',
      { layout: 'long' },
    );
    expect(reading).toMatchObject({ delimiter: ';', assetColumn: 'symbol', valueColumns: ['price'] });
    expect(assets.map(({ id, times, columns }) => [id, [...times], [...columns[0]!]])).toEqual([
      ['X', [day(1), day(2)], [1, 2]],
      ['Y', [day(1), day(3)], [10, 30]],
    ]);
  });

  it('states the offset of timestamps that carry one', () => {
    const { reading, assets } = load('time,A\n2024-01-01T00:00:00+02:00,1\n2024-01-01T01:00:00+02:00,2\n');
    expect(reading.time).toMatchObject({ zone: '+02:00', zoneAssumed: false });
    expect(assets[0]!.times[0]).toBe(day(1) - 7_200_000);
  });

  it('sorts where that is asked for, and finds duplicates that were far apart', () => {
    const text = 'date,A\n2024-01-03,3\n2024-01-01,1\n2024-01-02,2\n';
    expect([...load(text, { order: 'sort' }).assets[0]!.columns[0]!]).toEqual([1, 2, 3]);
    expect(refuse(`${text}2024-01-03,4\n`, { order: 'sort' })).toMatchObject({
      code: 'TIMESTAMP_DUPLICATE',
      message:
        '1 of 4 rows was rejected and nothing was imported. First: line 5, column "date": ' +
        '2024-01-03T00:00:00.000Z is the timestamp of line 2, too. Keep one row per asset and time, or state duplicates=first, last or mean',
    });
  });

  it('reads the same numbers however many rows come before the format is decided', () => {
    const rows = Array.from({ length: 2500 }, (_, at) => `${new Date(day(1) + at * 60_000).toISOString()},${at}`);
    const { assets } = load(`time,A\n${rows.join('\n')}\n`);
    expect([...assets[0]!.columns[0]!]).toEqual(rows.map((_, at) => at));
  });
});

describe('refusing CSV', () => {
  it.each([
    ['', 'the body is empty: send a header line and at least one row'],
    ['\n\n', 'the body is empty: send a header line and at least one row'],
    ['date,A\n', 'there is a header and no row: send at least one row'],
  ])('says that %j is empty', (text, message) => {
    expect(refuse(text)).toMatchObject({ code: 'DATASET_EMPTY', message });
  });

  it.each<[string, Partial<ReadingOptions>, string, string]>([
    [
      'month,A\n2024-01,1\n',
      {},
      'DATASET_FORMAT_INVALID',
      'the header names no time column (date, time, timestamp, datetime): name it with timeColumn; there is "month", "A"',
    ],
    [
      'date,A\n2024-01-01,1\n',
      { timeColumn: 'when' },
      'COLUMN_UNKNOWN',
      'timeColumn names "when"; the header has "date", "A"',
    ],
    [
      'date,A\n2024-01-01,1\n',
      { valueColumns: ['A', 'Z'] },
      'COLUMN_UNKNOWN',
      'valueColumns names "Z"; the header has "date", "A"',
    ],
    [
      'date,A\n2024-01-01,1\n',
      { layout: 'long' },
      'DATASET_FORMAT_INVALID',
      'the header names no asset column (asset, symbol, ticker, series, sensor, item_id, unique_id): name it with assetColumn; there is "date", "A"',
    ],
    [
      'date\n2024-01-01\n',
      {},
      'DATASET_FORMAT_INVALID',
      'there is no column of values beside "date": is the delimiter right?',
    ],
    [
      'date,A,A\n2024-01-01,1,2\n',
      {},
      'DATASET_FORMAT_INVALID',
      'the header names "A" twice: give each column a name of its own',
    ],
    [
      ',date,A\n0,2024-01-01,1\n',
      {},
      'DATASET_FORMAT_INVALID',
      'column 1 has no name in the header: name it, or list the columns in valueColumns',
    ],
    [
      'date,A\r2024-01-01,1\r',
      {},
      'DATASET_FORMAT_INVALID',
      'lines end with CR alone: save the file with LF or CRLF line ends',
    ],
  ])('refuses the header of %j with %j', (text, options, code, message) => {
    expect(refuse(text, options)).toMatchObject({ code, message });
  });

  it.each<[string, string, Partial<ReadingOptions>, string, string]>([
    [
      'infinity',
      'date,A\n2024-01-01,1\n2024-01-02,Infinity\n',
      {},
      'VALUE_NOT_FINITE',
      '1 of 2 rows was rejected and nothing was imported. First: line 3, column "A": "Infinity" is not a finite number. ' +
        'Correct or empty these fields, or leave their columns out with valueColumns',
    ],
    [
      'a column of text',
      'date,A,weather\n2024-01-01,1,rain\n2024-01-02,2,sun\n',
      {},
      'VALUE_NOT_FINITE',
      '2 of 2 rows were rejected and nothing was imported. First: line 2, column "weather": "rain" is not a finite number. ' +
        'No row has a number in "weather": state layout=long&assetColumn=weather if it names the asset of each row, or leave ' +
        'it out by listing the other columns in valueColumns',
    ],
    [
      'a decimal comma',
      'date;A\n2024-01-01;1,5\n2024-01-02;2\n',
      {},
      'VALUE_NOT_FINITE',
      '1 of 2 rows was rejected and nothing was imported. First: line 2, column "A": "1,5" is not a finite number (state ' +
        'decimalSeparator=, if the comma is one). Correct or empty these fields, or leave their columns out with valueColumns',
    ],
    [
      'a duplicate',
      'date,A\n2024-01-01,1\n2024-01-01,2\n',
      {},
      'TIMESTAMP_DUPLICATE',
      '1 of 2 rows was rejected and nothing was imported. First: line 3, column "date": "2024-01-01" is the timestamp of ' +
        'the row before, too. Keep one row per asset and time, or state duplicates=first, last or mean',
    ],
    [
      'descending rows',
      'date,A\n2024-01-02,1\n2024-01-01,2\n',
      {},
      'TIMESTAMP_UNSORTED',
      '1 of 2 rows was rejected and nothing was imported. First: line 3, column "date": "2024-01-01" comes before ' +
        '2024-01-02T00:00:00.000Z, the row before. Sort the file by time, or import it with order=sort',
    ],
    [
      'descending rows of one asset',
      'date,asset,v\n2024-01-02,X,1\n2024-01-01,Y,2\n2024-01-01,X,2\n',
      { layout: 'long' },
      'TIMESTAMP_UNSORTED',
      '1 of 3 rows was rejected and nothing was imported. First: line 4, column "date": "2024-01-01" comes before ' +
        '2024-01-02T00:00:00.000Z, the row before of "X". Sort the file by time, or import it with order=sort',
    ],
    [
      'a zone after none',
      'date,A\n2024-01-01 00:00,1\n2024-01-01 01:00Z,2\n',
      {},
      'TIME_ZONES_MIXED',
      '1 of 2 rows was rejected and nothing was imported. First: line 3, column "date": "2024-01-01 01:00Z" has the zone ' +
        'UTC and the first timestamp, "2024-01-01 00:00", has no time zone. Write all timestamps in UTC, or all without a zone',
    ],
    [
      'two zones',
      'date,A\n2024-01-01T00:00+01:00,1\n2024-01-01T03:00+02:00,2\n',
      {},
      'TIME_ZONES_MIXED',
      '1 of 2 rows was rejected and nothing was imported. First: line 3, column "date": "2024-01-01T03:00+02:00" has the ' +
        'zone +02:00 and the first timestamp, "2024-01-01T00:00+01:00", has the zone +01:00. Write all timestamps in UTC, ' +
        'or all without a zone',
    ],
    [
      'a day that does not exist',
      'date,A\n2024-02-28,1\n2024-02-30,2\n',
      {},
      'TIMESTAMP_INVALID',
      '1 of 2 rows was rejected and nothing was imported. First: line 3, column "date": "2024-02-30" is no timestamp of ' +
        'the form YYYY-MM-DD. Correct the timestamps, or state their form with timeFormat',
    ],
    [
      'a timestamp that is missing',
      'date,A\n2024-02-28,1\n,2\n',
      {},
      'TIMESTAMP_INVALID',
      '1 of 2 rows was rejected and nothing was imported. First: line 3, column "date": the timestamp is missing. Correct ' +
        'the timestamps, or state their form with timeFormat',
    ],
    [
      'a ragged row',
      'date,A\n2024-01-01,1\n2024-01-02,2,3\n',
      {},
      'ROWS_REJECTED',
      '1 of 2 rows was rejected and nothing was imported. First: line 3: the row has 3 fields and the header 2. Give each ' +
        'row the fields that the header has',
    ],
    [
      'a row without asset',
      'date,asset,v\n2024-01-01, ,1\n2024-01-02,X,1\n',
      { layout: 'long' },
      'ROWS_REJECTED',
      '1 of 2 rows was rejected and nothing was imported. First: line 2, column "asset": no asset is named. Name an asset ' +
        'of 1 to 128 characters in each row',
    ],
  ])('refuses %s', (_, text, options, code, message) => {
    expect(refuse(text, options)).toMatchObject({ code, message });
  });

  it('counts all rejected rows, lists the first hundred by line, and tells kinds apart', () => {
    const rows = Array.from({ length: 250 }, (_, at) => `2024-01-01,${at % 2 === 0 ? 'x' : '1,1'}`);
    const failure = refuse(`date,A\n${rows.join('\n')}\n`);
    expect(failure.code).toBe('ROWS_REJECTED');
    expect(failure.details).toMatchObject({
      rows: 250,
      rejectedRows: 250,
      rejectedByCode: { VALUE_NOT_FINITE: 125, ROW_RAGGED: 125 },
    });
    const rejections = failure.details.rejections as { line: number }[];
    expect(rejections).toHaveLength(100);
    expect(rejections.slice(0, 2)).toEqual([
      { line: 2, column: 'A', code: 'VALUE_NOT_FINITE', value: 'x', reason: '"x" is not a finite number' },
      { line: 3, column: null, code: 'ROW_RAGGED', value: null, reason: 'the row has 3 fields and the header 2' },
    ]);
    expect(rejections.at(-1)).toMatchObject({ line: 101 });
  });

  it.each<[string, Partial<ReadingOptions>, Partial<ImportLimits>, string]>([
    [
      'date,A\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n',
      {},
      { rows: 2 },
      'line 4 brings the import over 2 rows, the limit of this installation: split the data into several datasets, or raise the limit',
    ],
    [
      'date,A,B,C\n2024-01-01,1,2,3\n',
      {},
      { assets: 2 },
      'the header has 3 assets and this installation allows 2: choose some with valueColumns',
    ],
    [
      'date,A,B,C\n2024-01-01,1,2,3\n',
      { columnsAs: 'columns' },
      { columns: 2 },
      'the header has 3 columns and this installation allows 2: choose some with valueColumns',
    ],
    [
      'date,asset,v\n2024-01-01,A,1\n2024-01-01,B,1\n',
      { layout: 'long', timeFormat: 'YYYY-MM-DD' },
      { assets: 1 },
      'line 3 brings the import over 1 assets, the limit of this installation: split the data into several datasets, or raise the limit',
    ],
  ])('holds %j to its limits', (text, options, limits, message) => {
    expect(refuse(text, options, limits)).toMatchObject({ code: 'LIMIT_EXCEEDED', message });
  });
});
