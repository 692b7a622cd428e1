import { CronTime } from 'cron';
import { TrainyardError } from '../common/errors/index.js';
import type { MonitorSettings } from './monitor.js';

const MINUTE_MS = 60_000;

/** Of a run at `nowMs` the next one. `PARAMETER_INVALID` for a cron expression that is none, or that never comes. */
export function nextRunMs(
  { cron, everyMinutes }: Pick<MonitorSettings, 'cron' | 'everyMinutes'>,
  nowMs: number,
): number {
  if (cron === null) return nowMs + (everyMinutes ?? 1) * MINUTE_MS;
  try {
    return new CronTime(cron, 'UTC').getNextDateFrom(new Date(nowMs), 'UTC').toMillis();
  } catch (error) {
    throw new TrainyardError(
      'PARAMETER_INVALID',
      `cron "${cron}" is not a cron expression of five or six fields (${(error as Error).message}): for example "0 * * * *"`,
      { path: 'cron', value: cron },
    );
  }
}
