import { TrainyardError } from '../../common/errors/index.js';
import { NAME_LENGTH_LIMIT, mapColumns, type ColumnMapping } from './column-mapping.js';
import type { CsvLimits, CsvOptions, CsvReading, ParsedAsset, TimeReport } from './csv-options.js';
import { CsvReader } from './csv-reader.js';
import { NOT_FINITE, readDecimal } from './decimal.js';
import { RowRejections } from './row-rejections.js';
import { SeriesRows } from './series-rows.js';
import { detectTimeFormat } from './time-detection.js';
import { TimeReading, getTimeFormat, type TimeFormat } from './time-formats.js';

/** Rows that detection of the time format looks at. */
const SAMPLE_ROWS = 1000;

/** Numbers that one import may hold in memory (800 MB): `rows` and `columns` alone would allow a multiple of that. */
export const CELL_LIMIT = 100_000_000;

/** Name of the one column of an asset whose series is a column of a wide file. */
const VALUE_COLUMN = 'value';

interface PendingRecord {
  readonly fields: string[];
  readonly line: number;
}

/** Turns the bytes of one CSV file into assets, or fails with everything that is wrong with it. No I/O. */
export class CsvImport {
  private readonly reader: CsvReader;
  private readonly rejections = new RowRejections();
  private readonly series = new Map<string, SeriesRows>();
  private readonly reading = new TimeReading();
  private mapping: ColumnMapping | null = null;
  private values = new Float64Array(0);
  private sample: PendingRecord[] | null = [];
  private format: TimeFormat | null = null;
  private firstTime: { text: string; time: number; offsetMinutes: number | null } | null = null;
  private rows = 0;

  constructor(
    private readonly options: CsvOptions,
    private readonly limits: CsvLimits,
  ) {
    this.reader = new CsvReader(options.delimiter, (fields, line) => this.record(fields, line));
  }

  push(bytes: Uint8Array): void {
    this.reader.push(bytes);
  }

  finish(): { readonly assets: ParsedAsset[]; readonly reading: CsvReading } {
    this.reader.end();
    const mapping = this.mapping;
    if (mapping === null) {
      throw new TrainyardError('DATASET_EMPTY', 'the body is empty: send a header line and at least one row');
    }
    if (this.rows === 0) {
      throw new TrainyardError('DATASET_EMPTY', 'there is a header and no row: send at least one row', {
        columns: [mapping.time, ...mapping.values].map(({ name }) => name),
      });
    }
    this.readSample();
    for (const [asset, series] of this.series) {
      series.finish((line, earlierLine, time) => this.rejectDuplicate(line, earlierLine, time, asset));
    }
    this.rejections.assertNone(this.rows);
    return {
      assets: this.assets(mapping),
      reading: {
        delimiter: this.reader.usedDelimiter ?? ',',
        time: this.timeReport(mapping),
        assetColumn: mapping.asset?.name ?? null,
        valueColumns: mapping.values.map(({ name }) => name),
        rows: this.rows,
      },
    };
  }

  private record(fields: string[], line: number): void {
    if (this.mapping === null) {
      this.mapping = mapColumns(fields, this.options, this.limits);
      this.values = new Float64Array(this.mapping.values.length);
      if (this.options.timeFormat !== null) {
        this.format = getTimeFormat(this.options.timeFormat);
        this.sample = null;
      }
      return;
    }
    this.rows++;
    if (this.rows > this.limits.rows) throw limitExceeded('rows', this.limits.rows, line);
    if (this.rows * this.mapping.values.length > CELL_LIMIT) throw limitExceeded('numbers', CELL_LIMIT, line);
    if (this.sample === null) this.row(fields, line, this.mapping);
    else if (this.sample.push({ fields, line }) === SAMPLE_ROWS) this.readSample();
  }

  /** Decides on the time format and reads the rows that waited for it. */
  private readSample(): void {
    const { sample, mapping } = this;
    if (sample === null || mapping === null) return;
    this.sample = null;
    const whole = sample.filter(({ fields }) => fields.length === mapping.width);
    const texts = whole.map(({ fields, line }) => ({ text: fieldText(fields, mapping.time.index), line }));
    const stated = texts.filter(({ text }) => text !== '');
    if (stated.length > 0) this.format = detectTimeFormat(stated, mapping.time.name);
    for (const { fields, line } of sample) this.row(fields, line, mapping);
  }

  private row(fields: string[], line: number, mapping: ColumnMapping): void {
    if (fields.length !== mapping.width) {
      const reason = `the row has ${fields.length} fields and the header ${mapping.width}`;
      this.rejections.add(line, 'ROW_RAGGED', null, null, reason);
      return;
    }
    if (!this.readTime(fields, line, mapping)) return;
    const asset = mapping.asset === null ? '' : fieldText(fields, mapping.asset.index);
    if (mapping.asset !== null && (asset === '' || asset.length > NAME_LENGTH_LIMIT)) {
      const reason = asset === '' ? 'no asset is named' : `the asset's name has ${asset.length} characters`;
      this.rejections.add(line, 'ASSET_INVALID', mapping.asset.name, asset, reason);
      return;
    }
    if (!this.readValues(fields, line, mapping)) return;
    const series = this.series.get(asset) ?? this.startSeries(asset, line, mapping);
    const { time } = this.reading;
    if (this.options.order === 'strict' && time <= series.lastTime) {
      this.rejectOrder(fieldText(fields, mapping.time.index), line, mapping, asset, series.lastTime);
      return;
    }
    series.append(time, line, this.values);
  }

  private readTime(fields: string[], line: number, mapping: ColumnMapping): boolean {
    const text = fieldText(fields, mapping.time.index);
    if (text === '' || this.format === null || !this.format.read(text, this.reading)) {
      const reason = text === '' ? 'the timestamp is missing' : `"${text}" is no timestamp of the form ${this.form()}`;
      this.rejections.add(line, 'TIMESTAMP_INVALID', mapping.time.name, text, reason);
      return false;
    }
    const { time, offsetMinutes } = this.reading;
    this.firstTime ??= { text, time, offsetMinutes };
    if (offsetMinutes === this.firstTime.offsetMinutes) return true;
    const reason =
      `"${text}" has ${zoneName(offsetMinutes)} and the first timestamp, "${this.firstTime.text}", ` +
      `has ${zoneName(this.firstTime.offsetMinutes)}`;
    this.rejections.add(line, 'TIME_ZONES_MIXED', mapping.time.name, text, reason);
    return false;
  }

  private readValues(fields: string[], line: number, mapping: ColumnMapping): boolean {
    const { decimalSeparator } = this.options;
    for (let at = 0; at < mapping.values.length; at++) {
      const column = mapping.values[at];
      if (column === undefined) continue;
      const text = fields[column.index] ?? '';
      const value = readDecimal(text, decimalSeparator);
      if (value === NOT_FINITE) {
        this.rejections.add(line, 'VALUE_NOT_FINITE', column.name, text, this.notFinite(text));
        return false;
      }
      this.values[at] = value;
    }
    return true;
  }

  private notFinite(text: string): string {
    const comma = this.options.decimalSeparator === '.' && /^\s*[+-]?\d+,\d+\s*$/.test(text);
    const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    return `"${short}" is not a finite number${comma ? ' (state decimalSeparator=, if the comma is one)' : ''}`;
  }

  private startSeries(asset: string, line: number, mapping: ColumnMapping): SeriesRows {
    if (this.series.size >= this.limits.assets) throw limitExceeded('assets', this.limits.assets, line);
    const series = new SeriesRows(mapping.values.length, this.options.order === 'sort');
    // A name cut out of a chunk of the file would keep that chunk alive for as long as the import runs.
    this.series.set(Buffer.from(asset).toString(), series);
    return series;
  }

  private rejectOrder(text: string, line: number, mapping: ColumnMapping, asset: string, last: number): void {
    const of = asset === '' ? '' : ` of "${asset}"`;
    if (this.reading.time === last) {
      const reason = `"${text}" is the timestamp of the row before${of}, too`;
      this.rejections.add(line, 'TIMESTAMP_DUPLICATE', mapping.time.name, text, reason);
    } else {
      const reason = `"${text}" comes before ${new Date(last).toISOString()}, the row before${of}`;
      this.rejections.add(line, 'TIMESTAMP_UNSORTED', mapping.time.name, text, reason);
    }
  }

  private rejectDuplicate(line: number, earlierLine: number, time: number, asset: string): void {
    const text = new Date(time).toISOString();
    const of = asset === '' ? '' : ` of "${asset}"`;
    const reason = `${text} is the timestamp of line ${earlierLine}${of}, too`;
    this.rejections.add(line, 'TIMESTAMP_DUPLICATE', this.mapping?.time.name ?? null, text, reason);
  }

  private assets(mapping: ColumnMapping): ParsedAsset[] {
    const names = mapping.values.map(({ name }) => name);
    if (this.options.layout === 'long') {
      return [...this.series].map(([id, { times, columns }]) => ({ id, times, names, columns }));
    }
    const series = this.series.get('');
    if (series === undefined) throw new Error('a wide file without rejections has rows');
    const { times, columns } = series;
    if (this.options.columnsAs === 'columns') return [{ id: this.options.asset, times, names, columns }];
    return names.map((id, at) => ({ id, times, names: [VALUE_COLUMN], columns: columns.slice(at, at + 1) }));
  }

  private form(): string {
    return this.format?.name ?? 'any known format';
  }

  private timeReport(mapping: ColumnMapping): TimeReport {
    const first = this.firstTime;
    if (first === null || this.format === null) throw new Error('a file without rejections has a first timestamp');
    return {
      column: mapping.time.name,
      format: this.format.name,
      zone: first.offsetMinutes === null ? 'UTC' : offsetName(first.offsetMinutes),
      zoneAssumed: first.offsetMinutes === null,
      example: { text: first.text, readAs: new Date(first.time).toISOString() },
    };
  }
}

function fieldText(fields: readonly string[], index: number): string {
  return (fields[index] ?? '').trim();
}

function zoneName(offsetMinutes: number | null): string {
  return offsetMinutes === null ? 'no time zone' : `the zone ${offsetName(offsetMinutes)}`;
}

function offsetName(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

function limitExceeded(what: string, limit: number, line: number): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    `line ${line} brings the import over ${limit} ${what}, the limit of this installation: split the data into several datasets, or raise the limit`,
    { what, limit, line },
  );
}
