/**
 * The forms in which timestamps are read. Each is strict: a text either has exactly this form and names a day and time
 * that exist, or it is not read. Sub-millisecond digits are cut off. Years with two digits: 69–99 are 1969–1999, 00–68
 * are 2000–2068 (POSIX).
 */
export const TIME_FORMAT_NAMES = [
  'YYYY-MM-DD',
  'YYYY-MM-DD HH:mm:ss',
  'YYYY/MM/DD',
  'YYYY-MM',
  'YYYY',
  'YYYYMMDD',
  'M/D/YYYY',
  'D/M/YYYY',
  'D.M.YYYY',
  'DD-Mon-YY',
  'Mon D YYYY',
  'epoch-seconds',
  'epoch-milliseconds',
  'epoch-microseconds',
  'epoch-nanoseconds',
] as const;

export type TimeFormatName = (typeof TIME_FORMAT_NAMES)[number];

/** What a reading reports: `timestamp` is a column of a Parquet file whose type says what its numbers mean. */
export const REPORTED_TIME_FORMATS = [...TIME_FORMAT_NAMES, 'timestamp'] as const;

export type ReportedTimeFormat = (typeof REPORTED_TIME_FORMATS)[number];

/** Where a format puts what it read, so that reading a million timestamps allocates nothing. */
export class TimeReading {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  time = NaN;
  /** Minutes east of UTC that the text states; null when it states no zone. */
  offsetMinutes: number | null = null;
}

export interface TimeFormat {
  readonly name: TimeFormatName;
  /** Texts that detection takes for this format, where reading alone would take too much (2000 is a year). */
  readonly detects?: RegExp;
  /** False, with `into` untouched or partly written, when the text does not have this form. */
  read(text: string, into: TimeReading): boolean;
}

const DAY_MS = 86_400_000;
const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const TIME_OF_DAY = String.raw`(?:,? +(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.?[Mm]\.?)?)?`;

/** In the order of preference when several formats read all of a sample. */
export const TIME_FORMATS: readonly TimeFormat[] = [
  { name: 'YYYY-MM-DD', read: (text, into) => text.length === 10 && readIso(text, into) },
  { name: 'YYYY-MM-DD HH:mm:ss', read: readIso },
  pattern('YYYY/MM/DD', String.raw`(\d{4})/(\d{1,2})/(\d{1,2})`, [1, 2, 3]),
  pattern('YYYY-MM', String.raw`(\d{4})-(\d{2})`, [1, 2, 0]),
  { ...pattern('YYYY', String.raw`(\d{4})`, [1, 0, 0]), detects: /^(1[5-9]|2[0-4])\d\d$/ },
  { ...pattern('YYYYMMDD', String.raw`(\d{4})(\d{2})(\d{2})`, [1, 2, 3]), detects: /^(1[5-9]|2[0-4])\d{6}$/ },
  pattern('M/D/YYYY', String.raw`(\d{1,2})/(\d{1,2})/(\d{4})`, [3, 1, 2]),
  pattern('D/M/YYYY', String.raw`(\d{1,2})/(\d{1,2})/(\d{4})`, [3, 2, 1]),
  pattern('D.M.YYYY', String.raw`(\d{1,2})\.(\d{1,2})\.(\d{4})`, [3, 2, 1]),
  pattern('DD-Mon-YY', String.raw`(\d{1,2})-([A-Za-z]{3})-(\d{2}|\d{4})`, [3, 2, 1]),
  pattern('Mon D YYYY', String.raw`([A-Za-z]{3,9})\.? +(\d{1,2}),? +(\d{4})`, [3, 1, 2]),
  // By their digits these are years from 1973 (seconds, milliseconds) or 2001 (the finer ones) on. Others must be stated.
  { name: 'epoch-seconds', detects: /^\d{9,11}(\.\d+)?$/, read: (text, into) => readEpoch(text, 0, into) },
  { name: 'epoch-milliseconds', detects: /^\d{12,13}(\.0*)?$/, read: (text, into) => readEpoch(text, 3, into) },
  { name: 'epoch-microseconds', detects: /^\d{15,16}$/, read: (text, into) => readEpoch(text, 6, into) },
  { name: 'epoch-nanoseconds', detects: /^\d{18,19}$/, read: (text, into) => readEpoch(text, 9, into) },
];

export function getTimeFormat(name: TimeFormatName): TimeFormat {
  const format = TIME_FORMATS.find((candidate) => candidate.name === name);
  if (format === undefined) throw new Error(`time format ${name} is not in the list`);
  return format;
}

/** Milliseconds since 1970 UTC of a day of the proleptic Gregorian calendar; NaN when there is no such day or time. */
export function utcTime(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return NaN;
  if (hour > 23 || minute > 59 || second > 59) return NaN;
  // Days from 1970-01-01: H. Hinnant, chrono-compatible low-level date algorithms, days_from_civil.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146_097 + dayOfEra - 719_468) * DAY_MS + hour * 3_600_000 + minute * 60_000 + second * 1000;
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** `YYYY-MM-DD`, then optionally `T` or a space, `HH:mm`, `:ss`, `.fraction` and `Z`, ` UTC`, `±HH`, `±HHmm`, `±HH:mm`. */
function readIso(text: string, into: TimeReading): boolean {
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45 || !(year >= 0 && month >= 0 && day >= 0)) return false;
  into.offsetMinutes = null;
  if (text.length === 10) return set(into, utcTime(year, month, day), null);
  const separator = text.charAt(10);
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  if ((separator !== 'T' && separator !== ' ') || text.charCodeAt(13) !== 58 || !(hour >= 0 && minute >= 0))
    return false;
  let at = 16;
  let second = 0;
  let milliseconds = 0;
  if (text.charAt(at) === ':') {
    second = digits(text, at + 1, 2);
    if (!(second >= 0)) return false;
    at += 3;
    if (text.charAt(at) === '.' || text.charAt(at) === ',') {
      let end = at + 1;
      while (isDigit(text.charCodeAt(end))) end++;
      if (end === at + 1) return false;
      milliseconds = Math.floor(Number(`0.${text.slice(at + 1, end)}`) * 1000 + 1e-9);
      at = end;
    }
  }
  const offsetMinutes = at === text.length ? null : zoneOffset(text.slice(at));
  if (offsetMinutes !== null && Number.isNaN(offsetMinutes)) return false;
  return set(into, utcTime(year, month, day, hour, minute, second) + milliseconds, offsetMinutes);
}

function zoneOffset(text: string): number {
  if (text === 'Z' || text === 'z' || text === ' UTC') return 0;
  const match = /^([+-])(\d{2})(?::?(\d{2}))?$/.exec(text);
  if (match === null) return NaN;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return minutes > 14 * 60 ? NaN : match[1] === '-' ? -minutes || 0 : minutes;
}

function set(into: TimeReading, localTime: number, offsetMinutes: number | null): boolean {
  if (Number.isNaN(localTime)) return false;
  into.time = localTime - (offsetMinutes ?? 0) * 60_000;
  into.offsetMinutes = offsetMinutes;
  return true;
}

/** `groups`: which group of the expression is year, month and day; 0 = the first. Time of day may follow the date. */
function pattern(name: TimeFormatName, date: string, groups: readonly [number, number, number]): TimeFormat {
  const expression = new RegExp(`^${date}${groups[2] === 0 ? '' : TIME_OF_DAY}$`);
  const [yearGroup, monthGroup, dayGroup] = groups;
  return {
    name,
    read(text, into) {
      const match = expression.exec(text);
      if (match === null) return false;
      const hour = hourOfDay(match[4], match[7]);
      const year = yearOf(match[yearGroup] ?? '');
      const month = monthGroup === 0 ? 1 : monthOf(match[monthGroup] ?? '');
      const day = dayGroup === 0 ? 1 : Number(match[dayGroup]);
      return set(into, utcTime(year, month, day, hour, Number(match[5] ?? 0), Number(match[6] ?? 0)), null);
    },
  };
}

function yearOf(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 69 ? 2000 + year : 1900 + year;
}

/** 1…12 from a number, a three-letter or a full English name; 0 when it is none. */
function monthOf(text: string): number {
  if (isDigit(text.charCodeAt(0))) return Number(text);
  const name = text.toLowerCase();
  return MONTH_NAMES.findIndex((month) => month === name || (name.length === 3 && month.startsWith(name))) + 1;
}

/** 24 (no such hour) when a 12-hour clock shows 0 or more than 12. */
function hourOfDay(text: string | undefined, half: string | undefined): number {
  const hour = Number(text ?? 0);
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return 24;
  return (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

/** First and last moment that a timestamp may have: years 0 to 9999, beyond which ISO 8601 has no common form. */
export const FIRST_TIME = -62_167_219_200_000;
export const LAST_TIME = 253_402_300_799_999;

const EPOCH = /^(-?)(\d{1,20})(?:\.(\d*))?$/;

/**
 * `decimals`: the count is of 10^-decimals seconds. Digits are shifted as text, since a count of nanoseconds does not
 * fit a double, and what is below a millisecond is cut off, towards the past.
 */
function readEpoch(text: string, decimals: number, into: TimeReading): boolean {
  const match = EPOCH.exec(text);
  if (match === null) return false;
  const [, sign, whole = '', fraction = ''] = match;
  const digits = whole + fraction;
  const milliseconds = whole.length - decimals + 3;
  const size = Number(milliseconds <= 0 ? '0' : digits.slice(0, milliseconds).padEnd(milliseconds, '0'));
  const cutOff = /[1-9]/.test(digits.slice(Math.max(0, milliseconds)));
  const time = sign === '-' ? 0 - size - (cutOff ? 1 : 0) : size;
  if (!(time >= FIRST_TIME && time <= LAST_TIME)) return false;
  // An epoch counts from a moment in UTC: it names its zone.
  into.time = time;
  into.offsetMinutes = 0;
  return true;
}

/** The number that `length` digits at `from` spell; -1 when one of them is no digit. */
function digits(text: string, from: number, length: number): number {
  let value = 0;
  for (let at = from; at < from + length; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return -1;
    value = value * 10 + code - 48;
  }
  return value;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
