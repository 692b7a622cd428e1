import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { writeTable, writeTableBlocks, type TableColumn, type TableForm } from '#src/common/tables/index.js';

const day = (date: number) => Date.UTC(2024, 0, date);

const COLUMNS: readonly TableColumn[] = [
  { name: 'time', kind: 'time', values: Float64Array.of(day(1), day(2), day(3)) },
  { name: 'a, "b"', kind: 'number', values: Float64Array.of(0.1, NaN, -1e-300) },
  { name: 'asset', kind: 'text', values: ['x', null, 'line\nend'] },
];

async function bytesOf(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

const write = (columns: readonly TableColumn[], form: Partial<TableForm>) =>
  bytesOf(writeTable(columns, { format: 'csv', orient: 'records', ...form }));

describe('writing tables', () => {
  it('writes CSV, quoting what needs it', async () => {
    expect((await write(COLUMNS, {})).toString()).toBe(
      'time,"a, ""b""",asset\n2024-01-01T00:00:00.000Z,0.1,x\n2024-01-02T00:00:00.000Z,,\n2024-01-03T00:00:00.000Z,-1e-300,"line\nend"\n',
    );
  });

  it('keeps a row whose only value is missing', async () => {
    const columns: TableColumn[] = [{ name: 'a', kind: 'number', values: Float64Array.of(1, NaN) }];
    expect((await write(columns, {})).toString()).toBe('a\n1\n""\n');
  });

  it('writes records as danfojs and pandas take them', async () => {
    expect(JSON.parse((await write(COLUMNS, { format: 'json' })).toString())).toEqual([
      { time: '2024-01-01T00:00:00.000Z', 'a, "b"': 0.1, asset: 'x' },
      { time: '2024-01-02T00:00:00.000Z', 'a, "b"': null, asset: null },
      { time: '2024-01-03T00:00:00.000Z', 'a, "b"': -1e-300, asset: 'line\nend' },
    ]);
  });

  it('writes columns and data apart', async () => {
    expect(JSON.parse((await write(COLUMNS, { format: 'json', orient: 'split' })).toString())).toEqual({
      columns: ['time', 'a, "b"', 'asset'],
      data: [
        ['2024-01-01T00:00:00.000Z', 0.1, 'x'],
        ['2024-01-02T00:00:00.000Z', null, null],
        ['2024-01-03T00:00:00.000Z', -1e-300, 'line\nend'],
      ],
    });
  });

  it('writes Parquet with timestamps, doubles and strings', async () => {
    const bytes = await write(COLUMNS, { format: 'parquet' });
    const file = new Uint8Array(bytes).buffer;
    expect(await parquetReadObjects({ file })).toEqual([
      { time: new Date(day(1)), 'a, "b"': 0.1, asset: 'x' },
      { time: new Date(day(2)), 'a, "b"': null, asset: null },
      { time: new Date(day(3)), 'a, "b"': -1e-300, asset: 'line\nend' },
    ]);
    expect(parquetMetadata(file).schema[1]).toMatchObject({
      type: 'INT64',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    });
  });

  it('writes the same rows in blocks, in row groups of their own', async () => {
    const values = Float64Array.from({ length: 30_000 }, (_, at) => at / 7);
    const columns: TableColumn[] = [{ name: 'a', kind: 'number', values }];
    const blocks = [0, 1, 2].map((part): TableColumn[] => [
      { name: 'a', kind: 'number', values: values.subarray(part * 10_000, (part + 1) * 10_000) },
    ]);
    const parquet = await bytesOf(writeTableBlocks(blocks, { format: 'parquet', orient: 'records' }));
    const file = new Uint8Array(parquet).buffer;
    expect(parquetMetadata(file).row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([10_000, 10_000, 10_000]);
    expect((await parquetReadObjects({ file })).map((row) => row.a as number)).toEqual([...values]);
    for (const form of [{ format: 'csv' }, { format: 'json' }, { format: 'json', orient: 'split' }] as const) {
      const whole = await write(columns, form);
      const parts = await bytesOf(writeTableBlocks(blocks, { orient: 'records', ...form }));
      expect(parts.equals(whole)).toBe(true);
    }
  });

  it.each([
    ['csv', 'records', 'a\n'],
    ['json', 'records', '[]\n'],
    ['json', 'split', '{"columns":["a"],"data":[]}\n'],
  ] as const)('writes a table without rows as %s, %s', async (format, orient, text) => {
    const columns: TableColumn[] = [{ name: 'a', kind: 'number', values: new Float64Array(0) }];
    expect((await write(columns, { format, orient })).toString()).toBe(text);
  });

  it('refuses two columns of one name', async () => {
    const column: TableColumn = { name: 'a', kind: 'number', values: Float64Array.of(1) };
    await expect(write([column, column], {})).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      message: 'two columns of the table would be named "a": export fewer assets at once, or with layout=long',
    });
  });
});
