import { TrainyardError } from '#src/common/errors/index.js';
import { readConfig } from '#src/common/config/config.js';

describe('readConfig', () => {
  it('binds to loopback with the embedded database by default', () => {
    expect(readConfig({}, 2)).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      database: { kind: 'embedded', endpoint: null },
      training: { concurrency: 2 },
      endpoints: { idleMs: 3_600_000, reaperCron: '0 * * * *' },
    });
  });

  it('takes DYNAMO_ENDPOINT as the database', () => {
    expect(readConfig({ DYNAMO_ENDPOINT: 'http://127.0.0.1:8000' }, 1).database).toMatchObject({
      kind: 'endpoint',
      endpoint: 'http://127.0.0.1:8000',
    });
  });

  it.each([
    [{ TRAINYARD_PORT: '99999' }, 'TRAINYARD_PORT="99999" is not a whole number from 0 to 65535'],
    [
      { TRAINYARD_LOG_LEVEL: 'loud' },
      'TRAINYARD_LOG_LEVEL="loud" is not one of fatal, error, warn, info, debug, trace, silent',
    ],
    [
      { TRAINYARD_HOST: '0.0.0.0' },
      'TRAINYARD_HOST=0.0.0.0 is reachable from other machines and TRAINYARD_API_KEYS is empty: set keys, or bind to 127.0.0.1',
    ],
    [
      { TRAINYARD_API_KEYS: 'a:king:00' },
      'TRAINYARD_API_KEYS="a:king:…" is not name:role:sha256, role one of viewer, trainer, approver, admin',
    ],
    [{ TRAINYARD_DATABASE: 'endpoint' }, 'DYNAMO_ENDPOINT="" is not a URL, since TRAINYARD_DATABASE=endpoint'],
    [
      { TRAINYARD_HEARTBEAT_MS: '20000' },
      'TRAINYARD_HEARTBEAT_MS=20000 must be at most half of TRAINYARD_LEASE_MS=30000',
    ],
  ])('refuses %j', (env, message) => {
    expect(() => readConfig(env, 1)).toThrow(new TrainyardError('CONFIG_INVALID', message));
  });
});
