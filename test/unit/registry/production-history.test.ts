import type { EventType, ServiceEvent } from '#src/events/index.js';
import { productionAt } from '#src/registry/production-history.js';

let sequence = 0;
const day = (n: number): string => new Date(Date.UTC(2026, 0, n)).toISOString();
function happened(n: number, type: EventType, modelVersion: number, more: Partial<ServiceEvent> = {}): ServiceEvent {
  sequence += 1;
  return {
    id: `evt_${sequence}`,
    at: day(n),
    type,
    subject: 'models/load',
    actor: 'ann',
    reason: null,
    model: 'load',
    modelVersion,
    endpoint: null,
    data: {},
    ...more,
  };
}
const deployed = (n: number, version: number, stage: string, endpoint = 'load-live') =>
  happened(n, 'endpoint.deployed', version, { endpoint, data: { stage } });
const retired = (n: number, version: number, endpoint = 'load-live') =>
  happened(n, 'endpoint.retired', version, { endpoint });

const HISTORY = [
  happened(1, 'model.registered', 1, { actor: 'trainyard' }),
  happened(2, 'model.approved', 1, { actor: 'ben', reason: 'beats naive' }),
  deployed(3, 1, 'production'),
  happened(4, 'model.registered', 2, { actor: 'trainyard' }),
  deployed(4, 2, 'staging', 'load-try'),
  happened(5, 'model.approved', 2, { actor: 'cid' }),
  deployed(6, 2, 'production'),
  retired(6, 1),
  happened(8, 'model.rejected', 2, { actor: 'ben', reason: 'drift' }),
  retired(9, 2),
];

describe('productionAt', () => {
  it.each([
    ['before anything was', 2.5, []],
    ['while the first was', 5, [{ version: 1, from: day(3), until: day(6), approval: 'ben Approved' }]],
    ['after the switch', 7, [{ version: 2, from: day(6), until: day(9), approval: 'cid Approved' }]],
    ['after the rejection, still served', 8.5, [{ version: 2, from: day(6), until: day(9), approval: 'ben Rejected' }]],
    ['after the end', 10, []],
  ])('tells what was in production %s', (_when, n, expected) => {
    const periods = productionAt(HISTORY, day(n));
    expect(
      periods.map(({ version, from, until, approval }) => ({
        version,
        from,
        until,
        approval: `${approval?.actor} ${approval?.status}`,
      })),
    ).toEqual(expected);
  });

  it('leaves the end open while it lasts, and keeps endpoints and variants apart', () => {
    const events = [
      happened(1, 'model.registered', 1),
      deployed(2, 1, 'production', 'one'),
      deployed(3, 1, 'production', 'two'),
      deployed(3, 2, 'production', 'two'),
      retired(4, 1, 'two'),
    ];
    const now = productionAt(events, day(5)).map(({ endpoint, version, until }) => [endpoint, version, until]);
    expect(now).toEqual([
      ['one', 1, null],
      ['two', 2, null],
    ]);
  });

  it('ends with the move of the endpoint to staging', () => {
    const events = [deployed(1, 1, 'production'), deployed(3, 1, 'staging')];
    expect(productionAt(events, day(2))).toMatchObject([{ version: 1, until: day(3) }]);
    expect(productionAt(events, day(4))).toEqual([]);
  });
});
