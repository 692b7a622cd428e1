import { decideReaping } from '#src/endpoint-reaper/reaping-policy.js';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const HOUR_MS = 3_600_000;
const RULES = { idleMs: HOUR_MS, stuckMs: 600_000, useLagMs: 1_000 };
const ago = (ms: number) => new Date(NOW - ms).toISOString();
const endpoint = (change: object) => ({
  name: 'e',
  model: 'm',
  modelVersion: 1,
  alias: null,
  variants: [{ name: 'AllTraffic', modelVersion: 1, alias: null, weight: 1 }],
  shadow: null,
  stage: 'staging' as const,
  status: 'InService' as const,
  idleMs: null,
  keepWarm: false,
  storedShare: 1,
  deletion: null,
  createdBy: 'a',
  createdAt: ago(10 * HOUR_MS),
  lastUsedAt: ago(0),
  version: 1,
  ...change,
});

describe('decideReaping', () => {
  it.each([
    ['idle for exactly the limit', { lastUsedAt: ago(HOUR_MS) }, 0, 'reap', 'idle for 3600.0 s, the limit is 3600.0 s'],
    ['one millisecond before it', { lastUsedAt: ago(HOUR_MS - 1) }, 0, 'keep', 'used 3600.0 s ago'],
    ['idle, with a request under way', { lastUsedAt: ago(5 * HOUR_MS) }, 2, 'keep', 'answers 2 requests'],
    [
      'idle by its own shorter limit',
      { idleMs: 1_000, lastUsedAt: ago(1_000) },
      0,
      'reap',
      'idle for 1.0 s, the limit is 1.0 s',
    ],
    [
      'kept by its own longer limit',
      { idleMs: 9 * HOUR_MS, lastUsedAt: ago(5 * HOUR_MS) },
      0,
      'keep',
      'used 18000.0 s ago',
    ],
    [
      'whose limit is below what other processes may need to write a use',
      { idleMs: 1, lastUsedAt: ago(999) },
      0,
      'keep',
      'used 1.0 s ago',
    ],
    ['kept warm', { keepWarm: true, lastUsedAt: ago(5 * HOUR_MS) }, 0, 'keep', 'is kept warm'],
    ['in deletion', { status: 'Deleting', deletion: { by: 'a', at: ago(1_000) } }, 0, 'keep', 'is being deleted'],
    [
      'in a deletion that does not end',
      { status: 'Deleting', deletion: { by: 'a', at: ago(600_000) }, lastUsedAt: ago(1_000) },
      0,
      'clean',
      'in deletion for 600.0 s, more than 600.0 s',
    ],
    ['in update', { status: 'Updating', lastUsedAt: ago(1_000) }, 0, 'keep', 'is being updated'],
    [
      'in an update that does not end',
      { status: 'Updating', lastUsedAt: ago(600_000) },
      0,
      'clean',
      'in update and unused for 600.0 s, more than 600.0 s',
    ],
    ['in creation', { status: 'Creating', createdAt: ago(1_000) }, 0, 'keep', 'is being created'],
    [
      'stuck in creation',
      { status: 'Creating', createdAt: ago(600_000) },
      0,
      'clean',
      'in creation for 600.0 s, more than 600.0 s',
    ],
    ['reaped already', { status: 'Idle', lastUsedAt: ago(5 * HOUR_MS) }, 0, 'keep', 'is Idle already'],
    ['failed already', { status: 'Failed' }, 0, 'keep', 'is Failed already'],
  ])('%s', (_, change, inFlight, action, reason) => {
    expect(decideReaping(endpoint(change), inFlight, NOW, RULES)).toEqual({ action, reason });
  });
});
