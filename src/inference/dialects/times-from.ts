import { forecastTimes } from '../../ml/processing/forecast-times.js';
import { readTimes } from '../forecast-input.js';
import type { ForecastSignature } from '../forecast-signature.js';
import { zonedTime } from './sent-rows.js';

/** `rows` times from `start` on, as the data of the model goes on. */
export function timesFrom(start: string, rows: number, { calendar }: ForecastSignature, path: string): string[] {
  const first = readTimes([zonedTime(start)], path)[0]!;
  const others = forecastTimes(calendar, first, Math.max(0, rows - 1));
  return [first, ...others].map((time) => new Date(time).toISOString());
}
