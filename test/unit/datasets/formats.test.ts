import fc from 'fast-check';
import { zipSync } from 'fflate';
import { writeTable, type TableColumn, type TableForm } from '#src/common/tables/index.js';
import { importFiles, type SentFile } from '../../support/imported-files.js';
import type { ReadingOptions } from '#src/datasets/rows/reading.js';

const day = (date: number) => Date.UTC(2024, 0, date);
const RECORDS = '[{"date":"2024-01-01","A":1.5,"B":null},\n {"date":"2024-01-02","A":2,"B":"3,5"}]';

async function assetsOf(files: readonly SentFile[], options: Partial<ReadingOptions> = {}) {
  const { assets } = await importFiles(files, options);
  return assets.map(({ id, names, times, columns }) => ({
    id,
    names,
    times: [...times],
    columns: columns.map((column) => [...column]),
  }));
}

const refusal = async (files: readonly SentFile[], options: Partial<ReadingOptions> = {}) =>
  importFiles(files, options).then(
    () => {
      throw new Error('it was imported');
    },
    (error: { code: string; message: string }) => ({ code: error.code, message: error.message }),
  );

async function bytesOf(columns: readonly TableColumn[], form: TableForm): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of writeTable(columns, form)) parts.push(part);
  return Buffer.concat(parts);
}

const A_AND_B = [
  { id: 'A', names: ['value'], times: [day(1), day(2)], columns: [[1.5, 2]] },
  { id: 'B', names: ['value'], times: [day(1), day(2)], columns: [[NaN, 3.5]] },
];

/**
 * Written by pyarrow 26 with LZ4: time (-1 and 1001 microseconds), A (1.5 and null), B (nulls alone, whose dictionary is an
 * empty block).
 */
const ARROW_LZ4 = Buffer.from(
  'UEFSMRUEFSAVGkwVBBUAEgAAE/8BAIDpAwAAAAAAABUAFRIVFCwVBBUQFQYVBhwAAACQAgAAAAQBAQMCFQQVEBUSTBUCFQASAACA' +
    'AAAAAAAA+D8VABUSFRQsFQQVEBUGFQYcAAAAkAIAAAADAQECABUEFQAVAkwVABUAEgAAABUAFQ4VECwVBBUQFQYVBhwAAABwAgAA' +
    'AAQAABUEGUw1ABgGc2NoZW1hFQYAFQQlAhgEdGltZSUUTIwSHCwAAAAAABUKJQIYAUEAFQolAhgBQgAWBBkcGTwmABwVBBk1AAYQ' +
    'GRgEdGltZRUOFgQWdBZwJj4mCCksFQQVABUCABUAFRAVAgA8KQYZJgAEAAAAJgAcFQoZNQAGEBkYAUEVDhYEFmQWaCamASZ4KSwV' +
    'BBUAFQIAFQAVEBUCADwpBhkmAgIAAAAmABwVChk1AAYQGRgBQhUOFgQWUBZUJv4BJuABKSwVBBUAFQIAFQAVEBUCADwpBhkmBAAA' +
    'AAAWqAIWBCYIFqwCACggcGFycXVldC1jcHAtYXJyb3cgdmVyc2lvbiAyNi4wLjEZPBwAABwAABwAAAAYAQAAUEFSMQ==',
  'base64',
);

describe('importing JSON', () => {
  it.each<[string, string, string]>([
    ['records', 'a.json', RECORDS.replace('"3,5"', '3.5')],
    ['records with NaN, as Python writes them', 'a.json', RECORDS.replace('"3,5"', '3.5').replace('null', 'NaN')],
    [
      'records that leave out what is missing',
      'a.json',
      '[{"date":"2024-01-01","A":1.5},{"date":"2024-01-02","A":2,"B":3.5}]',
    ],
    [
      'columns and data',
      'a.json',
      '{"columns":["date","A","B"],"data":[["2024-01-01",1.5,null],["2024-01-02",2,3.5]]}',
    ],
    [
      'pandas split, with the times as labels',
      'a.json',
      `{"columns":["A","B"],"index":[${day(1)},${day(2)}],"data":[[1.5,null],[2,3.5]]}`,
    ],
    ['columns', 'a.json', '{"date":["2024-01-01","2024-01-02"],"A":[1.5,2],"B":[null,3.5]}'],
    [
      'pandas columns, with labels',
      'a.json',
      `{"A":{"${day(1)}":1.5,"${day(2)}":2},"B":{"${day(1)}":null,"${day(2)}":3.5}}`,
    ],
    ['lines', 'a.jsonl', '{"date":"2024-01-01","A":1.5,"B":null}\n\n{"date":"2024-01-02","A":2,"B":3.5}'],
  ])('reads %s', async (_, name, content) => {
    expect(await assetsOf([{ name, content }], { columnsAs: 'assets' })).toEqual(A_AND_B);
  });

  it('reads text as CSV would, and says in which record it cannot', async () => {
    expect(
      await assetsOf([{ name: 'a.json', content: RECORDS }], { decimalSeparator: ',', columnsAs: 'assets' }),
    ).toEqual(A_AND_B);
    expect(await refusal([{ name: 'a.json', content: RECORDS }])).toEqual({
      code: 'VALUE_NOT_FINITE',
      message:
        '1 of 2 rows was rejected and nothing was imported. First: record 2 of a.json, column "B": "3,5" is not a finite ' +
        'number (state decimalSeparator=, if the comma is one). Correct or empty these fields, or leave their columns out with valueColumns',
    });
  });

  it.each<[string, string, string, string]>([
    [
      '{"date":["2024-01-01"],"A":[1',
      'a.json',
      'DATASET_FORMAT_INVALID',
      'the JSON is not valid: the document breaks off',
    ],
    ['[[1,2],[3,4]]', 'a.json', 'DATASET_FORMAT_INVALID', 'none of the 2 records is an object'],
    [`[${'['.repeat(100)}${']'.repeat(100)}]`, 'a.json', 'DATASET_FORMAT_INVALID', 'nested more than 16 levels deep'],
    [
      '{"a":{"b":{"c":1}}}',
      'a.json',
      'TIMESTAMP_INVALID',
      '"b" in column "index" (record 1) has none of the known forms',
    ],
    ['17', 'a.json', 'DATASET_FORMAT_INVALID', 'it is neither an array nor an object'],
    ['[]', 'a.json', 'DATASET_EMPTY', 'there is no record: send one at least'],
    ['[{"date":"2024-01-01","A":1}{"date":"2024-01-02"}]', 'a.json', 'DATASET_FORMAT_INVALID', '"{" stands where ","'],
    [`[{"date":"2024-01-01","A":${'9'.repeat(1_000_000)}}]`, 'a.json', 'VALUE_NOT_FINITE', '1 of 1 row was rejected'],
    [
      `[{"date":"2024-01-01","A":${'9'.repeat(2_000_000)}}]`,
      'a.json',
      'DATASET_FORMAT_INVALID',
      'more than 1048576 characters',
    ],
    ['{"date":"2024-01-01","A":1}\nnonsense', 'a.jsonl', 'DATASET_FORMAT_INVALID', 'line 2 is no JSON: nonsense'],
    ['[{"date":"2024-01-01","A":{"x":1}}]', 'a.json', 'VALUE_NOT_FINITE', 'record 1 of a.json, column "A": "{"x":1}"'],
  ])('refuses wrong JSON %#', async (content, name, code, message) => {
    const refused = await refusal([{ name, content }]);
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
    expect(refused.message.length).toBeLessThan(500);
  });

  it('refuses what is not UTF-8', async () => {
    const content = Buffer.from([0x5b, 0x7b, 0x22, 0xff, 0xfe, 0x22]);
    expect(await refusal([{ name: 'a.json', content }])).toMatchObject({ code: 'DATASET_FORMAT_INVALID' });
  });
});

describe('several files', () => {
  const csv = (value: number) => `date,close\n2024-01-01,${value}\n`;

  it('makes an asset of each, in a form or a zip, named after it', async () => {
    const expected = [
      { id: 'IBM', names: ['close'], times: [day(1)], columns: [[1]] },
      { id: 'MSFT', names: ['close'], times: [day(1)], columns: [[2]] },
    ];
    const json = '[{"date":"2024-01-01","close":2}]';
    expect(
      await assetsOf([
        { name: 'IBM.csv', content: csv(1) },
        { name: 'MSFT.json', content: json },
      ]),
    ).toEqual(expected);
    const zip = zipSync({
      '../up/IBM.csv': Buffer.from(csv(1)),
      'data/MSFT.json': Buffer.from(json),
      'data/.DS_Store': Buffer.from('x'),
    });
    expect(await assetsOf([{ content: zip }])).toEqual(expected);
  });

  it('refuses an asset that is in two of them', async () => {
    const zip = zipSync({ 'a/IBM.csv': Buffer.from(csv(1)), 'b/IBM.csv': Buffer.from(csv(2)) });
    expect(await refusal([{ name: 'all.zip', content: zip }])).toEqual({
      code: 'ASSET_DUPLICATE',
      message:
        'asset "IBM" is in "a/IBM.csv" and in "b/IBM.csv": an asset comes from one file; rename one of them, or append its later rows afterwards',
    });
  });

  it.each<[string, Uint8Array, string, string]>([
    ['empty', zipSync({}), 'DATASET_EMPTY', 'the zip holds no file'],
    [
      'broken off',
      zipSync({ 'a.csv': Buffer.from(csv(1)) }).subarray(0, 40),
      'DATASET_FORMAT_INVALID',
      'it has no directory at its end',
    ],
    [
      'of other files',
      zipSync({ 'a.exe': Buffer.from('x') }),
      'DATASET_FORMAT_INVALID',
      '"a.exe" in the zip is of no known format',
    ],
    [
      'a bomb',
      zipSync({ 'a.csv': Buffer.alloc(20 * 1024 * 1024, 'date,A\n') }),
      'LIMIT_EXCEEDED',
      'and may have 250: send fewer or smaller files',
    ],
    [
      'of too many bytes',
      zipSync({ 'a.csv': [Buffer.alloc(65 * 1024 * 1024), { level: 0 }] }),
      'LIMIT_EXCEEDED',
      'the zip, unpacked, has 68157440 bytes and may have 67108864',
    ],
    [
      'of too many files',
      zipSync(Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`${at}.csv`, Buffer.from(csv(1))]))),
      'LIMIT_EXCEEDED',
      'the zip has 101 entries and may have 100',
    ],
  ])('refuses a zip that is %s', async (_, content, code, message) => {
    const refused = await refusal([{ name: 'a.zip', content }]);
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(message);
  });
});

describe('times and numbers', () => {
  it.each([
    ['1704067200', 'epoch-seconds'],
    ['1704067200000', 'epoch-milliseconds'],
    ['1704067200000999', 'epoch-microseconds'],
    ['1704067200000999999', 'epoch-nanoseconds'],
  ])('reads %s as %s', async (text, format) => {
    for (const file of [
      { name: 'a.csv', content: `time,A\n${text},1\n` },
      { name: 'a.json', content: `[{"time":${text},"A":1}]` },
    ]) {
      const { assets, reading } = await importFiles([file]);
      expect(reading.time).toMatchObject({ format, zone: 'UTC', zoneAssumed: false });
      expect(assets[0]!.times[0]).toBe(day(1));
    }
  });

  it('reads local times, the repeated hour in its order, and refuses the hour that is skipped', async () => {
    const autumn = ['01:30', '02:00', '02:30', '02:00', '02:30', '03:00'].map((time, at) => `2024-10-27 ${time},${at}`);
    const { assets, reading } = await importFiles([{ name: 'a.csv', content: `time,A\n${autumn.join('\n')}\n` }], {
      timeZone: 'Europe/Berlin',
    });
    expect([...assets[0]!.times].map((time) => new Date(time).toISOString().slice(11, 16))).toEqual([
      '23:30',
      '00:00',
      '00:30',
      '01:00',
      '01:30',
      '02:00',
    ]);
    expect(reading.time).toMatchObject({ zone: 'Europe/Berlin', zoneAssumed: false, repeatedLocalTimes: 4 });
    const spring = { name: 'a.csv', content: 'time,A\n2024-03-31 01:30,1\n2024-03-31 02:30,2\n' };
    expect((await refusal([spring], { timeZone: 'Europe/Berlin' })).message).toContain(
      'line 3 of a.csv, column "time": "2024-03-31 02:30" does not exist in Europe/Berlin: its clocks skip that time',
    );
    const zoned = { name: 'a.csv', content: 'time,A\n2024-03-31T01:30Z,1\n' };
    expect(await refusal([zoned], { timeZone: 'Europe/Berlin' })).toMatchObject({ code: 'TIME_ZONES_MIXED' });
  });

  it('reads grouped numbers, and no others', async () => {
    const content = 'date;A;B\n2024-01-01;1.234.567,5;-1.234\n2024-01-02;12,5;NaN\n';
    const options = { columnsAs: 'assets', decimalSeparator: ',', thousandsSeparator: '.' } as const;
    expect((await assetsOf([{ name: 'a.csv', content }], options)).map(({ columns }) => columns[0])).toEqual([
      [1234567.5, 12.5],
      [-1234, NaN],
    ]);
    const wrong = { name: 'a.csv', content: 'date,A\n2024-01-01,"1,5"\n' };
    expect((await refusal([wrong], { thousandsSeparator: ',' })).code).toBe('VALUE_NOT_FINITE');
  });

  it.each([
    ['first', [1, 4, NaN], 2],
    ['last', [3, 4, 5], 2],
    ['mean', [2, 4, 5], 2],
  ] as const)('keeps the %s of rows with one time', async (duplicates, values, merged) => {
    const rows = ['2024-01-01,1', '2024-01-01,3', '2024-01-02,4', '2024-01-03,', '2024-01-03,5'];
    const results = [
      await importFiles([{ name: 'a.csv', content: `date,A\n${rows.join('\n')}\n` }], { duplicates }),
      await importFiles(
        [{ name: 'a.csv', content: `date,A\n${[...rows.slice(2), ...rows.slice(0, 2)].join('\n')}\n` }],
        {
          duplicates,
          order: 'sort',
        },
      ),
    ];
    for (const { assets, reading } of results) {
      expect([...assets[0]!.columns[0]!]).toEqual(values);
      expect(reading.duplicates).toEqual({ policy: duplicates, rows: merged });
    }
  });
});

describe('the layout', () => {
  const LONG = 'date,Ticker,close\n2024-01-01,IBM,1\n2024-01-01,^DJI,10\n2024-01-02,IBM,2\n';
  const detecting = { layout: null } as const;

  it.each<[string, SentFile]>([
    ['CSV', { name: 'a.csv', content: LONG }],
    [
      'JSON',
      {
        name: 'a.json',
        content:
          '{"columns":["date","Ticker","close"],"data":[["2024-01-01","IBM",1],["2024-01-01","^DJI",10],["2024-01-02","IBM",2]]}',
      },
    ],
    ['unique_id', { name: 'a.csv', content: LONG.replaceAll('Ticker', 'unique_id') }],
  ])('is long where a column names assets: %s', async (_, file) => {
    const { assets, reading } = await importFiles([file], detecting);
    expect(reading).toMatchObject({ layout: 'long', valueColumns: ['close'], rows: 3 });
    expect(reading.assetColumn).toMatch(/^(Ticker|unique_id)$/);
    expect(assets.map(({ id, times, columns }) => [id, [...times], [...columns[0]!]])).toEqual([
      ['IBM', [day(1), day(2)], [1, 2]],
      ['^DJI', [day(1)], [10]],
    ]);
  });

  it('is detected where times are typed, too', async () => {
    const columns: TableColumn[] = [
      { name: 'time', kind: 'time', values: Float64Array.of(day(1), day(2)) },
      { name: 'asset', kind: 'text', values: ['B', 'A'] },
      { name: 'close', kind: 'number', values: Float64Array.of(1, 2) },
    ];
    const content = await bytesOf(columns, { format: 'parquet', orient: 'records' });
    const { assets, reading } = await importFiles([{ name: 'a.parquet', content }], detecting);
    expect(reading).toMatchObject({ layout: 'long', assetColumn: 'asset' });
    expect(assets.map(({ id }) => id)).toEqual(['B', 'A']);
  });

  it.each<[string, string]>([
    ['numbers', 'date,asset,close\n2024-01-01,7,1\n2024-01-02,8,2\n'],
    ['nothing', 'date,asset,close\n2024-01-01,,1\n2024-01-02,NA,2\n'],
  ])('stays wide where such a column has %s', async (_, content) => {
    const { assets, reading } = await importFiles([{ name: 'a.csv', content }], detecting);
    expect(reading).toMatchObject({ layout: 'wide', assetColumn: null });
    expect(assets.map(({ id }) => id)).toEqual(['asset', 'close']);
  });

  it.each<[string, string, Partial<ReadingOptions>]>([
    ['numbers in another form', 'date;asset;b\n2024-01-01;1,5;1\n', detecting],
    ['names and numbers', 'date,asset,b\n2024-01-01,A,1\n2024-01-02,7,1\n', detecting],
    ['names under another name', 'date,country,b\n2024-01-01,A,1\n', detecting],
    ['names, where wide is stated', 'date,asset,b\n2024-01-01,A,1\n', { layout: 'wide' }],
    ['names, where the columns are stated', 'date,asset,b\n2024-01-01,A,1\n', { layout: null, columnsAs: 'columns' }],
  ])('is not guessed from %s', async (_, content, options) => {
    expect(await refusal([{ name: 'a.csv', content }], options)).toMatchObject({ code: 'VALUE_NOT_FINITE' });
  });

  it('is what the message names for a column of text', async () => {
    const { message } = await refusal([{ name: 'a.csv', content: 'date,country,b\n2024-01-01,A,1\n' }], detecting);
    expect(message).toBe(
      '1 of 1 row was rejected and nothing was imported. First: line 2 of a.csv, column "country": "A" is not a finite ' +
        'number. No row has a number in "country": state layout=long&assetColumn=country if it names the asset of each ' +
        'row, or leave it out by listing the other columns in valueColumns',
    );
  });
});

describe('what is exported', () => {
  const doubles = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(NaN));
  const table = fc
    .uniqueArray(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), { minLength: 1, maxLength: 40 })
    .chain((times) =>
      fc.record({
        times: fc.constant([...times].sort((a, b) => a - b)),
        columns: fc.array(fc.array(doubles, { minLength: times.length, maxLength: times.length }), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
    );

  it.each<[string, TableForm]>([
    ['a.csv', { format: 'csv', orient: 'records' }],
    ['a.json', { format: 'json', orient: 'records' }],
    ['a.json', { format: 'json', orient: 'split' }],
    ['a.parquet', { format: 'parquet', orient: 'records' }],
  ])('is read back bit for bit from %s, %j', async (name, form) => {
    await fc.assert(
      fc.asyncProperty(table, async ({ times, columns }) => {
        const written = await bytesOf(
          [
            { name: 'time', kind: 'time', values: Float64Array.from(times) },
            ...columns.map((values, at): TableColumn => ({
              name: `c ${at}`,
              kind: 'number',
              values: Float64Array.from(values),
            })),
          ],
          form,
        );
        const [asset] = await assetsOf([{ name, content: written }], { columnsAs: 'columns' });
        expect(asset!.times).toEqual(times);
        expect(asset!.columns).toEqual(columns.map((values) => values.map((value) => value + 0)));
      }),
      { numRuns: 30 },
    );
  });

  it('reads what Arrow wrote: an empty LZ4 block, and times of which digits are cut off before 1970 too', async () => {
    const [A, B] = await assetsOf([{ name: 'arrow.parquet', content: ARROW_LZ4 }], { columnsAs: 'assets' });
    expect(A).toEqual({ id: 'A', names: ['value'], times: [-1, 1], columns: [[1.5, NaN]] });
    expect(B).toEqual({ id: 'B', names: ['value'], times: [-1, 1], columns: [[NaN, NaN]] });
  });

  it('refuses times among the values of a Parquet file', async () => {
    const columns: TableColumn[] = ['time', 'settled'].map((name) => ({
      name,
      kind: 'time',
      values: Float64Array.of(day(1)),
    }));
    const content = await bytesOf(columns, { format: 'parquet', orient: 'records' });
    expect(await refusal([{ name: 'a.parquet', content }])).toEqual({
      code: 'DATASET_FORMAT_INVALID',
      message: 'the Parquet column "settled" holds times and no numbers: list the columns to import in valueColumns',
    });
  });

  it('writes whole numbers beyond 53 bits in JSON with an exponent, for readers that know integers', async () => {
    const columns: TableColumn[] = [
      { name: 'time', kind: 'time', values: Float64Array.of(day(1), day(2)) },
      { name: 'A', kind: 'number', values: Float64Array.of(2 ** 53 - 1, -(2 ** 70)) },
    ];
    const text = Buffer.from(await bytesOf(columns, { format: 'json', orient: 'split' })).toString();
    expect(text).toContain('9007199254740991]');
    expect(text).toContain('-1.1805916207174113e+21]');
    expect(JSON.parse(text)).toMatchObject({
      data: [
        [expect.any(String), 2 ** 53 - 1],
        [expect.any(String), -(2 ** 70)],
      ],
    });
  });

  it('refuses a Parquet file that breaks off', async () => {
    const columns: TableColumn[] = [
      { name: 'time', kind: 'time', values: Float64Array.of(day(1)) },
      { name: 'A', kind: 'number', values: Float64Array.of(1) },
    ];
    const whole = await bytesOf(columns, { format: 'parquet', orient: 'records' });
    for (const content of [
      whole.subarray(0, whole.length - 20),
      whole.subarray(whole.length - 60),
      Buffer.from('PAR1'),
    ]) {
      expect(await refusal([{ name: 'a.parquet', content }])).toMatchObject({ code: 'DATASET_FORMAT_INVALID' });
    }
  });
});
