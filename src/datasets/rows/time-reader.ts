import {
  TimeReading,
  getTimeFormat,
  LAST_TIME,
  FIRST_TIME,
  type ReportedTimeFormat,
  type TimeFormat,
} from './time-formats.js';
import { detectTimeFormat, type TimeSample } from './time-detection.js';
import { TimeZone } from './time-zone.js';
import type { ReadingOptions, TimeReport } from './reading.js';
import type { RejectionCode } from './row-rejections.js';

export interface TimeRefusal {
  readonly code: RejectionCode;
  readonly reason: string;
}

/** The numbers of a typed time column: milliseconds since 1970, as moments in UTC or as a local clock counts them. */
export type TypedTime = 'utc' | 'local';

/** Reads the timestamps of all files of an import: one form, decided by the first rows, and one zone. */
export class TimeReader {
  private readonly reading = new TimeReading();
  private readonly zone: TimeZone | null;
  private format: TimeFormat | null;
  private first: { text: string; time: number; offsetMinutes: number | null; format: ReportedTimeFormat } | null = null;

  constructor({ timeFormat, timeZone }: Pick<ReadingOptions, 'timeFormat' | 'timeZone'>) {
    this.format = timeFormat === null ? null : getTimeFormat(timeFormat);
    this.zone = timeZone === null || timeZone === undefined ? null : new TimeZone(timeZone);
  }

  get decided(): boolean {
    return this.format !== null;
  }

  decide(sample: readonly TimeSample[], column: string, unit: 'line' | 'record'): void {
    this.format = detectTimeFormat(sample, column, unit);
  }

  /** Null when the text was read; `momentAfter` gives its moment. */
  read(text: string): TimeRefusal | null {
    if (text === '') return { code: 'TIMESTAMP_INVALID', reason: 'the timestamp is missing' };
    if (this.format === null || !this.format.read(text, this.reading)) {
      const form = this.format?.name ?? 'any known format';
      return { code: 'TIMESTAMP_INVALID', reason: `"${shortened(text)}" is no timestamp of the form ${form}` };
    }
    return this.checkZone(text, this.format.name);
  }

  readTyped(time: number, kind: TypedTime): TimeRefusal | null {
    if (Number.isNaN(time)) return { code: 'TIMESTAMP_INVALID', reason: 'the timestamp is missing' };
    if (!(time >= FIRST_TIME && time <= LAST_TIME)) {
      return { code: 'TIMESTAMP_INVALID', reason: `${time} milliseconds after 1970 is outside of the years 0 to 9999` };
    }
    this.reading.time = time;
    this.reading.offsetMinutes = kind === 'utc' ? 0 : null;
    return this.checkZone(null, 'timestamp');
  }

  /** The moment of what was read last; NaN for a local time that clocks have skipped. `last`: of the row before. */
  momentAfter(last: number): number {
    return this.zone === null ? this.reading.time : this.zone.momentOf(this.reading.time, last);
  }

  skipped(text: string): TimeRefusal {
    const reason = `"${text}" does not exist in ${this.zone?.name ?? 'UTC'}: its clocks skip that time`;
    return { code: 'TIMESTAMP_INVALID', reason };
  }

  /** As it was read last, before zones: what a message names a typed timestamp by. */
  get text(): string {
    return new Date(this.reading.time).toISOString();
  }

  report(column: string): TimeReport {
    const first = this.first;
    if (first === null) throw new Error('a file without rejections has a first timestamp');
    const { zone } = this;
    // Not counted again: the first row has been read before.
    const repeated = zone?.repeated ?? 0;
    const moment = zone === null ? first.time : zone.momentOf(first.time, -Infinity);
    return {
      column,
      format: first.format,
      zone: zone?.name ?? (first.offsetMinutes === null ? 'UTC' : offsetName(first.offsetMinutes)),
      zoneAssumed: zone === null && first.offsetMinutes === null,
      ...(zone === null ? {} : { repeatedLocalTimes: repeated }),
      example: { text: first.text, readAs: new Date(moment).toISOString() },
    };
  }

  private checkZone(text: string | null, format: ReportedTimeFormat): TimeRefusal | null {
    const { time, offsetMinutes } = this.reading;
    if (this.first === null) {
      // A typed timestamp has no text of its own: without a zone it is shown without one.
      const shown = text ?? (offsetMinutes === null ? this.text.slice(0, -1) : this.text);
      this.first = { text: shown, time, offsetMinutes, format };
    }
    if (this.zone !== null && offsetMinutes !== null) {
      const reason = `"${shortened(text ?? this.text)}" has ${zoneName(offsetMinutes)}, and timeZone=${this.zone.name} is for timestamps without one`;
      return { code: 'TIME_ZONES_MIXED', reason };
    }
    if (offsetMinutes === this.first.offsetMinutes) return null;
    const reason =
      `"${text ?? this.text}" has ${zoneName(offsetMinutes)} and the first timestamp, "${this.first.text}", ` +
      `has ${zoneName(this.first.offsetMinutes)}`;
    return { code: 'TIME_ZONES_MIXED', reason };
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
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
