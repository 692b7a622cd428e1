import { nextRunMs } from '#src/monitoring/monitor-schedule.js';
import type { MonitorSettings } from '#src/monitoring/monitor.js';
import { failureOf } from '../../support/failure-of.js';

const settings = (cron: string | null, everyMinutes: number | null) =>
  ({ cron, everyMinutes }) as Pick<MonitorSettings, 'cron' | 'everyMinutes'>;
const NOW = Date.UTC(2026, 4, 1, 13, 20);

describe('when a monitor runs', () => {
  it.each([
    ['every so many minutes', settings(null, 90), '2026-05-01T14:50:00.000Z'],
    ['by a cron expression, in UTC', settings('0 6 * * *', null), '2026-05-02T06:00:00.000Z'],
    ['by one of six fields', settings('30 20 13 * * *', null), '2026-05-01T13:20:30.000Z'],
  ])('%s', (_, given, next) => expect(new Date(nextRunMs(given, NOW)).toISOString()).toBe(next));

  it('refuses what is no cron expression', () => {
    const failure = failureOf(() => nextRunMs(settings('every day', null), NOW));
    expect(failure).toMatchObject({ code: 'PARAMETER_INVALID', details: { path: 'cron', value: 'every day' } });
    expect(failure.message).toContain('cron "every day" is not a cron expression');
  });
});
