import { io, type Socket } from 'socket.io-client';
import { EventsService } from '#src/events/index.js';
import type { Answer, EventsClientToServer, EventsServerToClient } from '#src/progress/index.js';
import { Serving } from '../support/serving.js';

type Client = Socket<EventsServerToClient, EventsClientToServer>;
type Batch = Parameters<EventsServerToClient['events.batch']>[0];
type Subscribed = Answer<{ readonly subscriptionId: string; readonly cursor: string }>;

/** Real sockets, two processes on one database. */
describe('the feed of events over the socket', () => {
  let first: Serving;
  let second: Serving;
  const clients: Client[] = [];

  function connect(service: Serving, auth: object = {}) {
    const client: Client = io(`${service.url}/events`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: 120_000,
      auth,
    });
    clients.push(client);
    const batches: Batch[] = [];
    client.on('events.batch', (batch) => batches.push(batch));
    return {
      client,
      batches,
      seen: () => batches.flatMap(({ events }) => events.map(({ type, subject }) => `${type} ${subject}`)),
      subscribe: (message: object) => client.emitWithAck('events.subscribe', message) as Promise<Subscribed>,
    };
  }
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const say = (service: Serving, model: string, type: 'model.approved' | 'model.rejected' = 'model.approved') =>
    service.app.get(EventsService).record({ type, actor: 'ann', reason: 'because', model, modelVersion: 3 });

  beforeAll(async () => {
    first = await Serving.start();
    second = await Serving.start({ beside: first });
    await first.register('load');
  }, 60_000);
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });
  afterAll(async () => {
    await second.stop();
    await first.stop();
  });

  it('tells each subscriber what it wants, as CloudEvents, from whichever process', async () => {
    const all = connect(first);
    const endpoints = connect(second);
    expect(await all.subscribe({})).toMatchObject({ ok: true });
    expect(
      await endpoints.subscribe({ types: ['endpoint.deployed', 'endpoint.deleted'], endpoint: 'live' }),
    ).toMatchObject({
      ok: true,
    });
    await first.send('POST', '/endpoints', { name: 'live', model: 'load' });
    await first.send('POST', '/endpoints', { name: 'other', model: 'load' });
    await second.send('DELETE', '/endpoints/live');
    await until(() => all.seen().length === 4 && endpoints.seen().length === 2);
    expect(all.seen().sort()).toEqual([
      'trainyard.endpoint.deleted endpoints/live',
      'trainyard.endpoint.deployed endpoints/live',
      'trainyard.endpoint.deployed endpoints/other',
      'trainyard.endpoint.retired endpoints/live',
    ]);
    expect(endpoints.seen()).toEqual([
      'trainyard.endpoint.deployed endpoints/live',
      'trainyard.endpoint.deleted endpoints/live',
    ]);
    expect(endpoints.batches[0]!.events[0]).toMatchObject({
      specversion: '1.0',
      source: '/trainyard',
      datacontenttype: 'application/json',
      data: { actor: 'anonymous', reason: 'created', model: 'load', modelVersion: 1, endpoint: 'live' },
    });
  });

  it('goes on from a cursor, in another process too, without loss or a second time', async () => {
    const one = connect(first);
    const answer = await one.subscribe({ model: 'cursor' });
    await say(first, 'cursor');
    await until(() => one.seen().length === 1);
    const { cursor } = one.batches[0]!;
    one.client.disconnect();
    await say(first, 'cursor', 'model.rejected');
    await say(second, 'unrelated');
    await say(second, 'cursor');
    const two = connect(second);
    await two.subscribe({ model: 'cursor', cursor });
    await say(second, 'cursor', 'model.rejected');
    await until(() => two.seen().length === 3);
    expect(two.seen()).toEqual([
      'trainyard.model.rejected models/cursor',
      'trainyard.model.approved models/cursor',
      'trainyard.model.rejected models/cursor',
    ]);
    // From the answer's own cursor, everything since the subscription; from the beginning, too.
    if (!answer.ok) throw new Error(answer.error.message);
    const three = connect(first);
    await three.subscribe({ model: 'cursor', cursor: answer.cursor });
    await three.subscribe({ subject: 'models/cursor', from: 'beginning' });
    await until(() => three.seen().length === 8);
    const ids = three.batches.flatMap(({ events }) => events.map(({ id }) => id));
    expect(new Set(ids).size).toBe(4);
  });

  it('tells nothing after the end of a subscription, and refuses what it cannot read', async () => {
    const { client, subscribe, seen } = connect(first);
    const answer = await subscribe({ model: 'ended' });
    if (!answer.ok) throw new Error(answer.error.message);
    await subscribe({ model: 'marker' });
    expect(await client.emitWithAck('events.unsubscribe', { subscriptionId: answer.subscriptionId })).toEqual({
      ok: true,
    });
    await say(first, 'ended');
    await say(first, 'marker');
    await until(() => seen().length === 1);
    expect(seen()).toEqual(['trainyard.model.approved models/marker']);
    expect(await subscribe({ cursor: 'nonsense' })).toMatchObject({ ok: false, error: { code: 'CURSOR_INVALID' } });
    expect(await subscribe({ types: ['model.exploded'] })).toMatchObject({
      ok: false,
      error: { code: 'VALIDATION_FAILED' },
    });
    for (let more = 0; more < 19; more++) expect(await subscribe({ model: `m${more}` })).toMatchObject({ ok: true });
    expect(await subscribe({})).toMatchObject({ ok: false, error: { code: 'LIMIT_EXCEEDED', details: { limit: 20 } } });
  });

  it('takes the key of the handshake, as the namespace of executions does', async () => {
    const sha256 = '2bd806c97f0e00af1a1fc3328fa763a9269723c8db8fac4f93af71db186d6e90';
    const guarded = await Serving.start({ environment: { TRAINYARD_API_KEYS: `ann:viewer:${sha256}` } });
    try {
      const refused = connect(guarded, { token: 'bob' });
      const problem = await new Promise<{ data?: { code: string } }>((resolve) =>
        refused.client.on('connect_error', (error) => resolve(error as { data?: { code: string } })),
      );
      expect(problem.data).toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await connect(guarded, { token: 'alice' }).subscribe({})).toMatchObject({ ok: true });
    } finally {
      for (const client of clients.splice(0)) client.disconnect();
      await guarded.stop();
    }
  });
});
