import { TrainyardError } from '../../common/errors/index.js';
import { NAME_LENGTH_LIMIT, isTimeName, mapColumns, type ColumnMapping, type NamedColumn } from './column-mapping.js';
import { areAssetNames, findAssetColumn } from './layout-detection.js';
import { NOT_FINITE, readDecimal, readGroupedDecimal } from './decimal.js';
import type { ImportLimits, ReadingOptions } from './reading.js';
import { placeOf, type RowRejections, type RowSource } from './row-rejections.js';
import { SeriesRows } from './series-rows.js';
import type { TimeReader, TimeRefusal, TypedTime } from './time-reader.js';

/** Numbers that one import may hold in memory (800 MB): `rows` and `columns` alone would allow a multiple of that. */
const CELL_LIMIT = 100_000_000;

/** Rows that detection of the time format and of the layout looks at. */
const SAMPLE_ROWS = 1000;

/** What a file has in one place: text as CSV has it, or what JSON and Parquet know of it. */
export type Field = unknown;

/** What the files of an import have in common. */
export interface SharedRows {
  readonly options: ReadingOptions;
  readonly limits: ImportLimits;
  readonly time: TimeReader;
  readonly rejections: RowRejections;
  /** Null until the first file has decided it. */
  layout: 'wide' | 'long' | null;
  rows: number;
  cells: number;
  assets: number;
  /** Rows merged into others of the same time. */
  duplicates: number;
}

/** The rows of one file. `header` once, then `row`s in the order of the file, then `end`. */
export class TableRows {
  /** By asset; '' in wide files. */
  readonly series = new Map<string, SeriesRows>();
  count = 0;
  private columns: ColumnMapping | null = null;
  private names: readonly string[] = [];
  /** Column that may turn out to name the assets; the rows wait for it. */
  private assetCandidate: NamedColumn | null = null;
  private typedTime: TypedTime | null = null;
  private values = new Float64Array(0);
  private sample: { fields: readonly Field[]; number: number }[] | null = [];

  constructor(
    private readonly source: RowSource,
    private readonly shared: SharedRows,
  ) {}

  get mapping(): ColumnMapping {
    if (this.columns === null) throw new Error('the header comes before everything else');
    return this.columns;
  }

  get hasHeader(): boolean {
    return this.columns !== null;
  }

  /** `typed`: per column, whether its numbers are times by their type. `timeColumn`: where no name tells. */
  header(names: readonly string[], typed: readonly (TypedTime | null)[] = [], timeColumn: string | null = null): void {
    const { options, limits, time } = this.shared;
    const timed = names.filter((_, at) => (typed[at] ?? null) !== null);
    // Data frames write their index as "__index_level_0__": the only column of times is the one that is meant.
    const found = timeColumn ?? (timed.length === 1 && !names.some(isTimeName) ? (timed[0] ?? null) : null);
    const { layout } = this.shared;
    this.columns = mapColumns(names, { ...options, layout, timeColumn: options.timeColumn ?? found }, limits);
    this.values = new Float64Array(this.columns.values.length);
    this.names = names;
    this.typedTime = typed[this.columns.time.index] ?? null;
    this.assetCandidate = layout === null ? findAssetColumn(this.columns, options) : null;
    if (this.assetCandidate !== null) return;
    this.shared.layout ??= 'wide';
    if (this.typedTime !== null || time.decided) this.sample = null;
  }

  /** `fields` are kept until the form of the timestamps is known. `number`: line or record. */
  row(fields: readonly Field[], number: number): void {
    const { shared, mapping } = this;
    this.count++;
    shared.rows++;
    shared.cells += mapping.values.length;
    if (shared.rows > shared.limits.rows) throw this.limitExceeded('rows', shared.limits.rows, number);
    if (shared.cells > CELL_LIMIT) throw this.limitExceeded('numbers', CELL_LIMIT, number);
    if (this.sample === null) this.read(fields, number, mapping);
    else if (this.sample.push({ fields, number }) === SAMPLE_ROWS) this.readSample();
  }

  /** A row that is no row at all. */
  reject(number: number, reason: string): void {
    this.count++;
    this.shared.rows++;
    this.shared.rejections.add(this.source, number, 'ROW_RAGGED', null, null, reason);
  }

  end(): void {
    const where = this.source.file === null ? '' : `"${this.source.file}": `;
    if (this.columns === null) {
      throw new TrainyardError('DATASET_EMPTY', `${where}the body is empty: send a header line and at least one row`);
    }
    if (this.count === 0) {
      throw new TrainyardError('DATASET_EMPTY', `${where}there is a header and no row: send at least one row`, {
        columns: [this.columns.time, ...this.columns.values].map(({ name }) => name),
      });
    }
    this.readSample();
    const policy = this.shared.options.duplicates ?? 'refuse';
    for (const [asset, series] of this.series) {
      this.shared.duplicates += series.finish(policy, (number, earlier, time) =>
        this.rejectDuplicate(number, earlier, time, asset),
      );
    }
  }

  /** Decides on the layout and the time format, and reads the rows that waited for them. */
  private readSample(): void {
    const { sample } = this;
    if (sample === null) return;
    this.sample = null;
    const whole = sample.filter(({ fields }) => fields.length === this.mapping.width);
    this.decideLayout(whole.map(({ fields }) => fields));
    const { mapping } = this;
    if (this.typedTime === null && !this.shared.time.decided) this.decideTime(whole, mapping);
    for (const { fields, number } of sample) this.read(fields, number, mapping);
  }

  private decideLayout(rows: readonly (readonly Field[])[]): void {
    const { assetCandidate: candidate, shared, names, mapping } = this;
    if (candidate === null) return;
    shared.layout = areAssetNames(rows.map((fields) => fields[candidate.index])) ? 'long' : 'wide';
    if (shared.layout === 'wide') return;
    const { options, layout, limits } = shared;
    const stated = { ...options, layout, timeColumn: mapping.time.name, assetColumn: candidate.name };
    this.columns = mapColumns(names, stated, limits);
    this.values = new Float64Array(this.columns.values.length);
  }

  private decideTime(whole: readonly { fields: readonly Field[]; number: number }[], mapping: ColumnMapping): void {
    const texts = whole.map(({ fields, number }) => ({ text: fieldText(fields[mapping.time.index]), number }));
    const stated = texts.filter(({ text }) => text !== '');
    if (stated.length > 0) this.shared.time.decide(stated, mapping.time.name, this.source.unit);
  }

  private read(fields: readonly Field[], number: number, mapping: ColumnMapping): void {
    if (fields.length !== mapping.width) {
      const reason = `the row has ${fields.length} fields and the header ${mapping.width}`;
      this.shared.rejections.add(this.source, number, 'ROW_RAGGED', null, null, reason);
      return;
    }
    const { time } = this.shared;
    const field = fields[mapping.time.index];
    const refusal =
      this.typedTime === null ? time.read(fieldText(field)) : time.readTyped(asNumber(field), this.typedTime);
    if (refusal !== null) {
      this.rejectTime(number, mapping, field, refusal);
      return;
    }
    const asset = mapping.asset === null ? '' : fieldText(fields[mapping.asset.index]);
    if (mapping.asset !== null && (asset === '' || asset.length > NAME_LENGTH_LIMIT)) {
      const reason = asset === '' ? 'no asset is named' : `the asset's name has ${asset.length} characters`;
      this.shared.rejections.add(this.source, number, 'ASSET_INVALID', mapping.asset.name, asset, reason);
      return;
    }
    if (!this.readValues(fields, number, mapping)) return;
    const series = this.series.get(asset) ?? this.startSeries(asset, number, mapping);
    this.append(series, asset, number, field);
  }

  private append(series: SeriesRows, asset: string, number: number, field: Field): void {
    const { options, time } = this.shared;
    const moment = time.momentAfter(series.lastTime);
    if (Number.isNaN(moment)) {
      this.rejectTime(number, this.mapping, field, time.skipped(this.timeText(field)));
      return;
    }
    if (options.order === 'strict' && moment <= series.lastTime) {
      const policy = options.duplicates ?? 'refuse';
      if (moment === series.lastTime && policy !== 'refuse') {
        this.shared.duplicates++;
        series.merge(policy, this.values);
      } else this.rejectOrder(this.timeText(field), number, asset, moment, series.lastTime);
      return;
    }
    series.append(moment, number, this.values);
  }

  private readValues(fields: readonly Field[], number: number, mapping: ColumnMapping): boolean {
    const { decimalSeparator, thousandsSeparator = null } = this.shared.options;
    for (let at = 0; at < mapping.values.length; at++) {
      const column = mapping.values[at];
      if (column === undefined) continue;
      const field = fields[column.index];
      const value =
        typeof field !== 'string'
          ? numberOf(field)
          : thousandsSeparator === null
            ? readDecimal(field, decimalSeparator)
            : readGroupedDecimal(field, decimalSeparator, thousandsSeparator);
      if (value - value !== 0 && !Number.isNaN(value)) {
        const text = fieldText(field);
        this.shared.rejections.add(this.source, number, 'VALUE_NOT_FINITE', column.name, text, this.notFinite(text));
        return false;
      }
      this.values[at] = value;
    }
    return true;
  }

  private notFinite(text: string): string {
    const { decimalSeparator, thousandsSeparator = null } = this.shared.options;
    const comma = decimalSeparator === '.' && thousandsSeparator === null && /^\s*[+-]?\d+,\d+\s*$/.test(text);
    const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    return `"${short}" is not a finite number${comma ? ' (state decimalSeparator=, if the comma is one)' : ''}`;
  }

  private startSeries(asset: string, number: number, mapping: ColumnMapping): SeriesRows {
    const { shared } = this;
    if (++shared.assets > shared.limits.assets) throw this.limitExceeded('assets', shared.limits.assets, number);
    const series = new SeriesRows(mapping.values.length, shared.options.order === 'sort');
    // A name cut out of a chunk of the file would keep that chunk alive for as long as the import runs.
    this.series.set(Buffer.from(asset).toString(), series);
    return series;
  }

  private rejectTime(number: number, mapping: ColumnMapping, field: Field, { code, reason }: TimeRefusal): void {
    this.shared.rejections.add(this.source, number, code, mapping.time.name, this.timeText(field), reason);
  }

  private rejectOrder(text: string, number: number, asset: string, moment: number, last: number): void {
    const of = asset === '' ? '' : ` of "${asset}"`;
    const column = this.mapping.time.name;
    if (moment === last) {
      const reason = `"${text}" is the timestamp of the row before${of}, too`;
      this.shared.rejections.add(this.source, number, 'TIMESTAMP_DUPLICATE', column, text, reason);
    } else {
      const reason = `"${text}" comes before ${new Date(last).toISOString()}, the row before${of}`;
      this.shared.rejections.add(this.source, number, 'TIMESTAMP_UNSORTED', column, text, reason);
    }
  }

  private rejectDuplicate(number: number, earlier: number, time: number, asset: string): void {
    const text = new Date(time).toISOString();
    const of = asset === '' ? '' : ` of "${asset}"`;
    const reason = `${text} is the timestamp of ${this.source.unit} ${earlier}${of}, too`;
    this.shared.rejections.add(this.source, number, 'TIMESTAMP_DUPLICATE', this.mapping.time.name, text, reason);
  }

  private timeText(field: Field): string {
    return this.typedTime === null
      ? fieldText(field)
      : fieldText(Number.isNaN(asNumber(field)) ? null : this.shared.time.text);
  }

  private limitExceeded(what: string, limit: number, number: number): TrainyardError {
    const place = placeOf(this.source, number);
    return new TrainyardError(
      'LIMIT_EXCEEDED',
      `${place} brings the import over ${limit} ${what}, the limit of this installation: split the data into several datasets, or raise the limit`,
      { what, limit, [this.source.unit]: number },
    );
  }
}

/** Text as people would write it; nested data as JSON. */
function fieldText(field: Field): string {
  if (typeof field === 'string') return field.trim();
  if (field === null || field === undefined) return '';
  if (typeof field === 'number' || typeof field === 'bigint' || typeof field === 'boolean') return String(field);
  return JSON.stringify(field);
}

function asNumber(field: Field): number {
  return typeof field === 'number' ? field : NaN;
}

/** Of a field that is no text: NaN is missing, as null is; truth values and nested data are no numbers. */
function numberOf(field: Field): number {
  if (typeof field === 'number') return field + 0;
  if (typeof field === 'bigint') return Number(field);
  return field === null || field === undefined ? NaN : NOT_FINITE;
}
