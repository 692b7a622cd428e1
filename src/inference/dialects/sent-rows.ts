import { TrainyardError } from '../../common/errors/index.js';
import { forecastTimes } from '../../ml/processing/forecast-times.js';
import { MAXIMUM_ROWS } from '../dto/forecast-request.dto.js';
import { invalid, readTimes, type ExplicitWindow, type ForecastInput } from '../forecast-input.js';
import type { ForecastSignature } from '../forecast-signature.js';
import { isoTextOf } from '../iso-times.js';

/** Rows as a dialect brings them. */
export interface SentRows {
  /** As text; null: they are the newest rows, and have the last times of the model's dataset. */
  readonly times: readonly string[] | null;
  /**
   * By asset. Those that are known in advance may go on for as many rows as are forecast, where the dialect has no rows of
   * its own for that.
   */
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Texts without a zone are UTC; `2024-01-01 00:00:00`, as pandas and SageMaker write it, is a time, too. */
export function zonedTime(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?) ?(Z|UTC|[+-]\d{2}:?\d{2})?$/.exec(text);
  if (match === null) return text;
  const zone = match[3] ?? 'Z';
  return `${match[1]!}T${match[2]!}${zone === 'UTC' ? 'Z' : zone}`;
}

/** Splits rows that go on beyond the others off as known of the rows that are forecast. `times` has no nulls left. */
export function inputOfRows(
  { times, series }: SentRows & { readonly times: readonly string[] },
  signature: ForecastSignature,
): Pick<ForecastInput, 'window' | 'future'> {
  const zoned = times.map(zonedTime);
  const rows = assertRows(times.length);
  const longer = Object.entries(series).filter(
    ([asset, values]) => signature.knownFuture.includes(asset) && values.length > rows,
  );
  const window: ExplicitWindow = {
    times: zoned,
    series: Object.fromEntries(
      Object.entries(series).map(([asset, values]) => [
        asset,
        signature.knownFuture.includes(asset) ? values.slice(0, rows) : values,
      ]),
    ),
  };
  const [first] = longer;
  if (first === undefined) return { window, future: null };
  const ahead = first[1].length - rows;
  const other = longer.find(([, values]) => values.length - rows !== ahead);
  if (other !== undefined) {
    throw invalid(
      `${first[0]} has ${ahead} rows beyond the window and ${other[0]} has ${other[1].length - rows}: give all known ones the same`,
      { asset: other[0], rows: other[1].length - rows, expected: ahead },
    );
  }
  if (ahead > signature.horizon) {
    throw invalid(`${first[0]} has ${ahead} rows beyond the window; the model forecasts ${signature.horizon}`, {
      asset: first[0],
      rows: ahead,
      limit: signature.horizon,
    });
  }
  const stamps = readTimes(zoned);
  const following = forecastTimes(signature.calendar, stamps[rows - 1] ?? NaN, ahead);
  return {
    window,
    future: {
      times: Array.from(following, isoTextOf),
      series: Object.fromEntries(longer.map(([asset, values]) => [asset, values.slice(rows)])),
    },
  };
}

/** Rows of the assets that are forecast or not known in advance: as many as the window has. */
export function rowsOfSeries({ series }: SentRows, { assets, knownFuture }: ForecastSignature): number {
  const plain = assets.find((asset) => !knownFuture.includes(asset) && asset in series);
  return plain === undefined ? 0 : assertRows(series[plain]!.length);
}

function assertRows(rows: number): number {
  if (rows <= MAXIMUM_ROWS) return rows;
  throw new TrainyardError(
    'LIMIT_EXCEEDED',
    `The window has ${rows} rows; it may have ${MAXIMUM_ROWS}: send the newest of them`,
    { value: rows, limit: MAXIMUM_ROWS },
  );
}
