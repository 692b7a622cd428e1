import { parquetMetadataAsync, parquetScan, parquetSchema } from 'hyparquet';
import type { AsyncBuffer, FileMetaData, ParquetScan, SchemaElement } from 'hyparquet';
import { TrainyardError, isTrainyardError } from '../../common/errors/index.js';
import type { TypedTime } from '../rows/time-reader.js';
import type { Field, TableRows } from '../rows/table-rows.js';
import { BoundedDecompressors } from './decompressors.js';

/** Values that are decoded at once: what a large row group costs in memory. */
const BLOCK_VALUES = 1_000_000;

export interface RandomAccess {
  readonly size: number;
  read(start: number, end: number): Uint8Array<ArrayBuffer>;
}

interface FileColumn {
  readonly name: string;
  readonly element: SchemaElement;
  readonly nested: boolean;
  readonly time: TypedTime | null;
  /** Of times of day, which are no moments. */
  readonly timeOfDay: boolean;
  /** Of decimals: value = integer · 10^-scale. */
  readonly scale: number | null;
}

/**
 * Hands the rows of an Apache Parquet file on, block by block within its row groups. Timestamps of every kind (INT64 in
 * milli-, micro- and nanoseconds, INT96, DATE) are moments or, where not adjusted to UTC, local times.
 */
export async function readParquet(file: RandomAccess, rows: TableRows, rowLimit: number): Promise<void> {
  const metadata = await reading(() => readMetadata(file));
  const total = Number(metadata.num_rows);
  if (total > rowLimit) {
    throw new TrainyardError(
      'LIMIT_EXCEEDED',
      `the Parquet file has ${total} rows and this installation allows ${rowLimit}: split the data into several datasets, or raise the limit`,
      { what: 'rows', value: total, limit: rowLimit },
    );
  }
  const columns = parquetSchema(metadata).children.map(({ element, children }) =>
    describeColumn(element, children.length > 0),
  );
  rows.header(
    columns.map(({ name }) => name),
    columns.map(({ time }) => time),
  );
  const wanted = [rows.mapping.time, rows.mapping.asset, ...rows.mapping.values].filter((column) => column !== null);
  for (const { index, name } of wanted) {
    if (columns[index]?.nested === true) throw notImportable(name, 'is nested and holds no single numbers');
  }
  for (const { index, name } of rows.mapping.values) {
    const { time = null, timeOfDay = false } = columns[index] ?? {};
    if (time !== null || timeOfDay) throw notImportable(name, 'holds times and no numbers');
  }
  const scan = await reading(() =>
    openScan(
      file,
      metadata,
      wanted.map(({ index }) => columns[index]?.name ?? ''),
    ),
  );
  const blockRows = Math.max(1024, Math.floor(BLOCK_VALUES / wanted.length));
  for (const { rowStart, rowEnd } of scan.ranges) {
    for (let start = rowStart; start < rowEnd; start += blockRows) {
      const end = Math.min(rowEnd, start + blockRows);
      const block = new Map<number, (row: number) => Field>();
      for (const { index } of wanted) {
        const column = columns[index];
        if (column !== undefined) block.set(index, await reading(() => readBlock(scan, column, start, end)));
      }
      for (let row = start; row < end; row++) {
        rows.row(
          columns.map((_, index) => block.get(index)?.(row - start) ?? null),
          row + 1,
        );
      }
    }
  }
}

async function readMetadata(file: RandomAccess): Promise<FileMetaData> {
  if (file.size < 12) throw new Error('it is shorter than the shortest such file');
  const metadata = await parquetMetadataAsync(asAsyncBuffer(file), { geoparquet: false, parsers: PARSERS });
  for (const element of metadata.schema) {
    // The library goes by the older of the two annotations; and 3 · 10^-1 is not 0.3, so decimals are scaled here.
    if (element.logical_type?.type === 'DATE') element.converted_type = 'DATE';
    if (element.logical_type?.type === 'DECIMAL') element.scale ??= element.logical_type.scale;
  }
  return metadata;
}

function describeColumn(element: SchemaElement, hasChildren: boolean): FileColumn {
  const decimal = element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL';
  const time = timeOf(element);
  const scale = decimal ? (element.scale ?? 0) : null;
  if (decimal) {
    delete element.converted_type;
    delete element.logical_type;
  }
  const timeOfDay = element.logical_type?.type === 'TIME' || (element.converted_type?.startsWith('TIME_') ?? false);
  const nested = hasChildren || element.repetition_type === 'REPEATED';
  return { name: element.name, element, nested, time, timeOfDay, scale };
}

function timeOf({ type, converted_type: converted, logical_type: logical }: SchemaElement): TypedTime | null {
  if (logical?.type === 'TIMESTAMP') return logical.isAdjustedToUTC ? 'utc' : 'local';
  // Before isAdjustedToUTC there was, the format took them for UTC; INT96 was never said to be, and is written both ways.
  if (converted === 'TIMESTAMP_MILLIS' || converted === 'TIMESTAMP_MICROS') return 'utc';
  return converted === 'DATE' || type === 'INT96' ? 'local' : null;
}

function openScan(file: RandomAccess, metadata: FileMetaData, columns: string[]): Promise<ParquetScan> {
  return parquetScan({
    file: asAsyncBuffer(file),
    metadata,
    columns: [...new Set(columns)],
    compressors: new BoundedDecompressors().byCodec,
    parsers: PARSERS,
    utf8: false,
    geoparquet: false,
  });
}

async function readBlock(
  scan: ParquetScan,
  column: FileColumn,
  start: number,
  end: number,
): Promise<(row: number) => Field> {
  const { name, scale } = column;
  const values = (await scan.readColumn({ column: name, rowStart: start, rowEnd: end })) as ArrayLike<unknown>;
  if (values.length !== end - start) {
    throw new Error(`column "${name}" has ${values.length} values for rows ${start + 1} to ${end}`);
  }
  if (scale !== null) return (row) => scaled(values[row], scale);
  return (row) => {
    const value = values[row];
    return value instanceof Uint8Array ? decode(value) : value;
  };
}

/** Correctly rounded, as the decimal text would be read. */
function scaled(value: unknown, scale: number): number | null {
  if (value === null || value === undefined) return null;
  const integer = value instanceof Uint8Array ? signedInteger(value) : (value as number | bigint);
  return Number(`${integer}e-${scale}`);
}

/** Big-endian two's complement. */
function signedInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

const decoder = new TextDecoder('utf-8', { fatal: true });
const decode = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Rounded towards the past, as text is whose further digits are cut off; the division of integers rounds towards 0. */
function wholeMilliseconds(value: bigint, perMillisecond: bigint): number {
  const whole = Number(value / perMillisecond);
  return value < 0n && value % perMillisecond !== 0n ? whole - 1 : whole;
}

/** Milliseconds; what is finer is cut off, before 1970 too. */
const PARSERS = {
  timestampFromMilliseconds: (value: bigint) => Number(value),
  timestampFromMicroseconds: (value: bigint) => wholeMilliseconds(value, 1_000n),
  timestampFromNanoseconds: (value: bigint) => wholeMilliseconds(value, 1_000_000n),
  dateFromDays: (days: number) => days * 86_400_000,
  stringFromBytes: (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : decode(bytes)),
};

function asAsyncBuffer(file: RandomAccess): AsyncBuffer {
  return { byteLength: file.size, slice: (start, end) => file.read(start, end ?? file.size).buffer };
}

/** What the library says of a file that it cannot read is the file's fault, and gets a code. */
async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isTrainyardError(error)) throw error;
    const reason = (error instanceof Error ? error.message : String(error)).replace(/^parquet /, '');
    throw new TrainyardError(
      'DATASET_FORMAT_INVALID',
      `the Parquet file cannot be read (${reason}): is it complete, and written with snappy, zstd, gzip, brotli, lz4 or no compression?`,
      { reason },
      { cause: error },
    );
  }
}

function notImportable(name: string, reason: string): TrainyardError {
  return new TrainyardError(
    'DATASET_FORMAT_INVALID',
    `the Parquet column "${name}" ${reason}: list the columns to import in valueColumns`,
    { column: name },
  );
}
