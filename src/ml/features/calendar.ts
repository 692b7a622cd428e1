import type { SeriesCalendar } from '../processing/processing-plan.js';
import { resolveParameters } from '../resolve-parameters.js';
import type { FeatureStep } from './feature-step.js';

const DAY_MS = 86_400_000;

interface Cycle {
  readonly name: string;
  /** Position in the cycle, 0…1, of a time. */
  phase(date: Date): number;
  /** False when rows of this calendar cannot differ in it. */
  varies(calendar: SeriesCalendar): boolean;
}

const CYCLES: readonly Cycle[] = [
  {
    name: 'hour',
    phase: (date) => (date.getTime() - Math.floor(date.getTime() / DAY_MS) * DAY_MS) / DAY_MS,
    varies: (calendar) => calendar.unit === 'milliseconds' && calendar.step % DAY_MS !== 0,
  },
  {
    name: 'weekday',
    phase: (date) => date.getUTCDay() / 7,
    varies: (calendar) =>
      calendar.unit === 'milliseconds' && calendar.weekdays.length > 1 && calendar.step % (7 * DAY_MS) !== 0,
  },
  {
    name: 'day_of_month',
    phase: (date) => (date.getUTCDate() - 1) / 31,
    varies: (calendar) => calendar.unit === 'milliseconds',
  },
  {
    name: 'month',
    phase: (date) => date.getUTCMonth() / 12,
    varies: (calendar) => calendar.unit === 'milliseconds' || calendar.step % 12 !== 0,
  },
];

/**
 * Where a row stands in the day, week, month and year, in UTC: sin(2πp) and cos(2πp) of the phase p, so that the end of
 * a cycle lies beside its beginning. `hour` is the time of day with minutes; `day_of_month` divides every month by 31.
 * Depends on the time axis only. Of these columns a model gets those that vary at the step of its data (`keeps`): the
 * time of day says nothing about daily rows.
 */
export const calendar: FeatureStep = {
  name: 'calendar',
  title: 'Calendar',
  description: 'Time of day, weekday, day of month and month as points on a circle.',
  codeVersion: 1,
  parameters: {},
  scope: 'axis',
  warmUp: () => 0,
  columnNames: () => CYCLES.flatMap((cycle) => [`${cycle.name}_sin`, `${cycle.name}_cos`]),
  keeps: (column, series) => CYCLES.some((cycle) => column.startsWith(`${cycle.name}_`) && cycle.varies(series)),
  restartRow: (row) => row,
  compute(input, values) {
    resolveParameters({}, values, 'calendar');
    return CYCLES.flatMap((cycle) => {
      const angles = input.times.map((time) => 2 * Math.PI * cycle.phase(new Date(time)));
      return [
        { name: `${cycle.name}_sin`, values: angles.map(Math.sin) },
        { name: `${cycle.name}_cos`, values: angles.map(Math.cos) },
      ];
    });
  },
};
