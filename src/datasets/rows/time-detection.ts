import { TrainyardError } from '../../common/errors/index.js';
import { TIME_FORMATS, TimeReading, type TimeFormat } from './time-formats.js';

export interface TimeSample {
  readonly text: string;
  /** Line or record. */
  readonly number: number;
}

/**
 * The format that reads most of the sample; among equals the first in `TIME_FORMATS`. Day and month are never guessed:
 * when both orders read the sample equally well it is refused, since either would silently be wrong half of the time.
 */
export function detectTimeFormat(
  sample: readonly TimeSample[],
  column: string,
  unit: 'line' | 'record' = 'line',
): TimeFormat {
  const reading = new TimeReading();
  const counts = TIME_FORMATS.map(
    (format) => sample.filter(({ text }) => (format.detects?.test(text) ?? true) && format.read(text, reading)).length,
  );
  const most = Math.max(...counts);
  const candidates = TIME_FORMATS.filter((_, at) => counts[at] === most);
  const [best] = candidates;
  const first = sample[0];
  if (best === undefined || most === 0 || first === undefined) {
    throw new TrainyardError(
      'TIMESTAMP_INVALID',
      `"${first?.text ?? ''}" in column "${column}" (${unit} ${first?.number ?? 0}) has none of the known forms ` +
        `${TIME_FORMATS.map(({ name }) => name).join(', ')}: name the right column with timeColumn, or the form with timeFormat`,
      { column, [unit]: first?.number, value: first?.text, formats: TIME_FORMATS.map(({ name }) => name) },
    );
  }
  const names = candidates.map(({ name }) => name);
  if (names.includes('M/D/YYYY') && names.includes('D/M/YYYY')) {
    throw new TrainyardError(
      'TIMESTAMP_INVALID',
      `"${first.text}" in column "${column}" (${unit} ${first.number}) can be month/day or day/month, and so can all of the ` +
        `first ${sample.length} rows: state timeFormat=M/D/YYYY or timeFormat=D/M/YYYY`,
      { column, [unit]: first.number, value: first.text, formats: ['M/D/YYYY', 'D/M/YYYY'] },
    );
  }
  return best;
}
