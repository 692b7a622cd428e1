import { TrainyardError } from '../common/errors/index.js';
import type { AssetFrame } from '../ml/frame/time-frame.js';
import type { ModelBundle } from '../registry/index.js';
import { isoTextOf, timeOfIsoText } from './iso-times.js';
import type { PredictionWindow } from './prediction.js';

/** An explicit window as a request gives it. */
export interface ExplicitWindow {
  readonly times: readonly string[];
  readonly series: Readonly<Record<string, readonly (number | null)[]>>;
}

/** What to forecast after. */
export interface ForecastInput {
  /** Null: the newest rows of the model's dataset. */
  readonly window: ExplicitWindow | null;
  /** Null: what the frames know of the forecast rows. */
  readonly future: ExplicitWindow | null;
  /** The caller's own name for the request, kept with the prediction. */
  readonly inferenceId?: string;
  /** The variant that is to answer; without it the endpoint chooses, see `chooseVariant`. */
  readonly targetVariant?: string;
}

/** Turns an explicit window into frames; `WINDOW_INVALID` says what is missing, superfluous or too short. */
export function framesOfWindow(window: ExplicitWindow, { fitted, state }: ModelBundle): AssetFrame[] {
  const { times, series } = window;
  const assets = fitted.plan.assets;
  const names = assets.map(({ id }) => id);
  const unknown = Object.keys(series).filter((name) => !names.includes(name));
  const missing = names.filter((name) => !(name in series));
  if (unknown.length > 0 || missing.length > 0) {
    throw invalid(
      `The model takes the series ${names.join(', ')}` +
        (missing.length > 0 ? `; missing: ${missing.join(', ')}` : '') +
        (unknown.length > 0 ? `; unknown: ${unknown.join(', ')}` : ''),
      { needed: names, missing, unknown },
    );
  }
  if (times.length < state.lookBack) {
    throw invalid(`The window has ${times.length} rows; the model looks back on ${state.lookBack}`, {
      rows: times.length,
      lookBack: state.lookBack,
    });
  }
  const stamps = readTimes(times);
  return assets.map(({ id, assetClass, column }) => {
    const values = series[id]!;
    if (values.length !== stamps.length) {
      throw invalid(`series.${id} has ${values.length} values for ${stamps.length} times`, { asset: id });
    }
    const data = Float64Array.from(values, (value) => value ?? NaN);
    return { asset: id, assetClass, frame: { times: stamps, names: [column], columns: [data] } };
  });
}

/** Ascending times as milliseconds; WINDOW_INVALID for the first that is not. `path` is where they stand. */
export function readTimes(times: readonly string[], path = 'times'): Float64Array {
  const stamps = Float64Array.from(times, (text, row) => readTime(text, row, path));
  for (let row = 1; row < stamps.length; row++) {
    if (stamps[row]! > stamps[row - 1]!) continue;
    throw invalid(`${path}[${row}] = ${times[row]} does not come after ${path}[${row - 1}] = ${times[row - 1]}`, {
      row,
    });
  }
  return stamps;
}

/** The last look-back rows of what a forecast was made from, to be stored with it. */
export function windowOfFrames(
  frames: readonly AssetFrame[],
  { fitted, state }: ModelBundle,
  datasetVersion: number | null,
): PredictionWindow {
  const axis = new Set<number>();
  for (const { frame } of frames) for (const time of frame.times.slice(-state.lookBack)) axis.add(time);
  const times = [...axis].sort((a, b) => a - b).slice(-state.lookBack);
  const columns = new Map(fitted.plan.assets.map(({ id, column }) => [id, column]));
  const series = Object.fromEntries(
    frames.map(({ asset, frame }) => {
      const values = frame.columns[frame.names.indexOf(columns.get(asset) ?? '')];
      const byTime = new Map<number, number | undefined>();
      for (let row = Math.max(0, frame.times.length - state.lookBack); row < frame.times.length; row++) {
        byTime.set(frame.times[row]!, values?.[row]);
      }
      return [asset, times.map((time) => finiteOrNull(byTime.get(time)))];
    }),
  );
  return { datasetVersion, times: times.map(isoTextOf), series };
}

export function finiteOrNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

function readTime(text: string, row: number, path: string): number {
  const time = timeOfIsoText(text);
  if (Number.isNaN(time)) {
    throw invalid(`${path}[${row}] = "${text}" is not an ISO 8601 date, or date and time with a zone`, { row });
  }
  return time;
}

export function invalid(message: string, details: Record<string, unknown>): TrainyardError {
  return new TrainyardError('WINDOW_INVALID', message, details);
}
