import { systemClock } from '#src/common/clock.js';
import { EventRepository } from '#src/events/event.repository.js';
import { EVENT_TABLE } from '#src/events/event.entity.js';
import { EventsService } from '#src/events/events.service.js';
import { MONITOR_TABLE } from '#src/monitoring/monitor.entity.js';
import { MonitorRepository } from '#src/monitoring/monitor.repository.js';
import type { MonitorSettings } from '#src/monitoring/monitor.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const SETTINGS: MonitorSettings = {
  cron: null,
  everyMinutes: 60,
  windowHours: 168,
  psi: 0.2,
  significance: 0.01,
  errorRatio: 1.5,
  minimumSamples: 100,
  minimumForecasts: 20,
  retrain: null,
};
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

describe('MonitorRepository', () => {
  let database: TestDatabase;
  let monitors: MonitorRepository;
  let events: EventsService;

  beforeAll(async () => {
    database = await openTestDatabase();
    await database.database.ensureTables([MONITOR_TABLE, EVENT_TABLE]);
    const repository = new EventRepository(database.database.table(EVENT_TABLE));
    events = new EventsService(repository, database.database, systemClock);
    monitors = new MonitorRepository(database.database.table(MONITOR_TABLE), events);
    for (const [endpoint, minute] of [
      ['late', 10],
      ['soon', 30],
      ['early', 5],
    ] as const) {
      await monitors.create({
        endpoint,
        settings: SETTINGS,
        nextRunAt: at(minute),
        createdBy: 'ann',
        createdAt: at(0),
      });
    }
  });
  afterAll(() => database.close());

  const dueAt = async (minute: number): Promise<string[]> => {
    const names: string[] = [];
    for await (const { endpoint } of monitors.due(at(minute))) names.push(endpoint);
    return names;
  };

  it('gives what is due, the longest overdue first, and a claim to one alone', async () => {
    expect(await dueAt(20)).toEqual(['early', 'late']);
    const seen = (await monitors.find('early'))!;
    const claim = { runningUntil: at(30), nextRunAt: at(65) };
    const claims = await Promise.all([1, 2, 3].map(() => monitors.changeSeen(seen, claim)));
    expect(claims.filter((one) => one !== null)).toHaveLength(1);
    expect(await dueAt(20)).toEqual(['late']);
    expect(await monitors.find('early')).toMatchObject({ settings: SETTINGS, runningUntil: at(30) });
  });

  it('keeps a run with what it changes and what it tells, all or nothing', async () => {
    const drifted = { status: 'drifted', since: at(21), runId: 'mon_1' } as const;
    const told = { type: 'drift.inputs', actor: 'monitor', endpoint: 'early' } as const;
    const run = { runId: 'mon_1', endpoint: 'early', at: at(21), by: 'schedule', findings: null, failure: null };
    const changed = await monitors.change(
      'early',
      () => ({ change: { inputs: drifted, runningUntil: null, lastRunAt: at(21) }, events: [told] }),
      (happened) => ({ ...run, told: happened.map(({ type }) => type) }),
    );
    expect(changed).toMatchObject({ inputs: drifted, runningUntil: null, lastRunAt: at(21), retrainings: 0 });
    expect((await monitors.listRuns('early', {})).items).toEqual([{ ...run, told: ['drift.inputs'] }]);
    expect((await events.list({ subject: 'endpoints/early' }, {})).items).toHaveLength(1);
    const none = await monitors.change('none', () => ({ change: {}, events: [told] }));
    expect(none).toBeNull();
    expect((await events.list({ subject: 'endpoints/early' }, {})).items).toHaveLength(1);
  });
});
