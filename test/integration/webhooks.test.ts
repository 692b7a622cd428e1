import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseModule } from '#src/database/index.js';
import { EventsModule, EventsService } from '#src/events/index.js';
import { startApplication, type RunningApplication } from '../support/application.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Delivery {
  readonly eventId: string;
  readonly status: string;
  readonly attempts: number;
  readonly lastResult: string | null;
}

describe('webhooks', () => {
  let app: RunningApplication;
  let events: EventsService;
  let receiver: Server;
  let url: string;
  let dataDir: string;
  const received: Received[] = [];
  /** What the receiver answers with, first come first; 204 afterwards. */
  const answers: number[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'trainyard-webhooks-'));
    Object.assign(process.env, {
      TRAINYARD_DATA_DIR: dataDir,
      TRAINYARD_WEBHOOKS_ALLOW_PRIVATE: 'true',
      TRAINYARD_WEBHOOK_FIRST_RETRY_MS: '20',
      TRAINYARD_WEBHOOK_ATTEMPTS: '3',
    });
    app = await startApplication([DatabaseModule, EventsModule]);
    events = app.app.get(EventsService);
    receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => (body += text));
      request.on('end', () => {
        received.push({ headers: request.headers, body });
        response.writeHead(answers.shift() ?? 204).end();
      });
    });
    receiver.listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  });
  afterAll(async () => {
    await app.close();
    receiver.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  beforeEach(() => {
    received.length = 0;
    answers.length = 0;
  });

  async function send<Body>(method: string, path: string, body?: object): Promise<{ status: number; body: Body }> {
    const response = await fetch(`${app.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
  }
  const webhookFor = async (types?: string[]) =>
    (await send<{ webhookId: string; secret: string }>('POST', '/webhooks', { url, ...(types && { types }) })).body;
  const deliveriesOf = async (webhookId: string, query = '') =>
    (await send<{ items: Delivery[] }>('GET', `/webhooks/${webhookId}/deliveries${query}`)).body.items;
  async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<Value> {
    for (;;) {
      const value = await read();
      if (holds(value)) return value;
      await delay(20);
    }
  }
  const approved = (model: string) =>
    events.record({ type: 'model.approved', actor: 'ann', reason: 'good', model, modelVersion: 3 });

  it('sends a signed CloudEvent, and the secret is shown once', async () => {
    const { webhookId, secret } = await webhookFor();
    const [event] = await approved('signed');
    await until(
      async () => received.length,
      (count) => count === 1,
    );
    const { headers, body } = received[0]!;
    expect(JSON.parse(body)).toEqual({
      specversion: '1.0',
      id: event!.id,
      source: '/trainyard',
      type: 'trainyard.model.approved',
      subject: 'models/signed',
      time: event!.at,
      datacontenttype: 'application/json',
      data: { actor: 'ann', reason: 'good', model: 'signed', modelVersion: 3 },
    });
    expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    await until(
      () => deliveriesOf(webhookId),
      ([delivery]) => delivery?.status === 'delivered' && delivery.lastResult === '204',
    );
    expect((await send<object>('GET', `/webhooks/${webhookId}`)).body).not.toHaveProperty('secret');
    await send('DELETE', `/webhooks/${webhookId}`);
  });

  it('sends only the types that were asked for', async () => {
    const { webhookId } = await webhookFor(['model.rejected']);
    await approved('typed');
    await events.record({ type: 'model.rejected', actor: 'ann', reason: 'bad', model: 'typed', modelVersion: 3 });
    await until(
      async () => received.length,
      (count) => count === 1,
    );
    expect(JSON.parse(received[0]!.body)).toMatchObject({ type: 'trainyard.model.rejected' });
    expect(await deliveriesOf(webhookId)).toHaveLength(1);
    await send('DELETE', `/webhooks/${webhookId}`);
  });

  it('tries again after a failure', async () => {
    const { webhookId } = await webhookFor();
    answers.push(500, 302);
    await approved('retried');
    const [delivery] = await until(
      () => deliveriesOf(webhookId),
      ([first]) => first?.status === 'delivered',
    );
    expect(delivery).toMatchObject({ attempts: 3, lastResult: '204' });
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    await send('DELETE', `/webhooks/${webhookId}`);
  });

  it('keeps what it cannot deliver, and sends it on request', async () => {
    const { webhookId } = await webhookFor();
    answers.push(500, 500, 500);
    const [event] = await approved('dead');
    const [dead] = await until(
      () => deliveriesOf(webhookId, '?status=dead'),
      (items) => items.length === 1,
    );
    expect(dead).toMatchObject({ eventId: event!.id, attempts: 3, lastResult: '500' });
    const again = await send(`POST`, `/webhooks/${webhookId}/deliveries/${event!.id}/redeliver`);
    expect(again).toMatchObject({ status: 202, body: { status: 'pending', attempts: 0 } });
    await until(
      () => deliveriesOf(webhookId, '?status=delivered'),
      (items) => items.length === 1,
    );
    expect(received).toHaveLength(4);
    expect(await send('POST', `/webhooks/${webhookId}/deliveries/evt_none/redeliver`)).toMatchObject({
      status: 404,
      body: { code: 'WEBHOOK_NOT_FOUND' },
    });
    await send('DELETE', `/webhooks/${webhookId}`);
  });

  it('sends what happened while nothing could be sent', async () => {
    const { webhookId } = await webhookFor();
    await send('PATCH', `/webhooks/${webhookId}`, { url: 'http://127.0.0.1:1/' });
    await approved('offline');
    const [failing] = await until(
      () => deliveriesOf(webhookId),
      ([first]) => (first?.attempts ?? 0) >= 1 && first!.lastResult !== null,
    );
    expect(failing!.lastResult).toContain('ECONNREFUSED');
    await send('PATCH', `/webhooks/${webhookId}`, { url });
    const { eventId } = failing!;
    await send('POST', `/webhooks/${webhookId}/deliveries/${eventId}/redeliver`);
    await until(
      () => deliveriesOf(webhookId),
      ([first]) => first?.status === 'delivered',
    );
    await send('DELETE', `/webhooks/${webhookId}`);
  });

  it.each([
    ['ftp://example.com/', 'WEBHOOK_URL_REFUSED'],
    ['https://ann:secret@example.com/', 'WEBHOOK_URL_REFUSED'],
    ['not a url', 'WEBHOOK_URL_REFUSED'],
  ])('refuses %s', async (given, code) => {
    expect(await send('POST', '/webhooks', { url: given })).toMatchObject({ status: 422, body: { code } });
  });

  it('lists events newest first, of one subject too', async () => {
    await approved('listed');
    await events.record({ type: 'model.reopened', actor: 'ben', model: 'listed', modelVersion: 3 });
    const { body } = await send<{ items: { type: string }[] }>('GET', '/events?subject=models/listed');
    expect(body.items.map(({ type }) => type)).toEqual(['model.reopened', 'model.approved']);
    const all = await send<{ items: { subject: string }[] }>('GET', '/events?limit=2');
    expect(all.body.items.map(({ subject }) => subject)).toEqual(['models/listed', 'models/listed']);
    expect(await send('GET', '/events?subject=nothing')).toMatchObject({ status: 400 });
  });
});

describe('webhooks of an installation that allows no private addresses', () => {
  it('refuses them at once', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'trainyard-webhooks-'));
    Object.assign(process.env, { TRAINYARD_DATA_DIR: dataDir, TRAINYARD_WEBHOOKS_ALLOW_PRIVATE: 'false' });
    const app = await startApplication([DatabaseModule, EventsModule]);
    try {
      const response = await fetch(`${app.url}/api/v1/webhooks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ url: 'http://169.254.169.254/latest/meta-data' }),
      });
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        code: 'WEBHOOK_URL_REFUSED',
        message:
          '169.254.169.254 is in a private network: give a public address, or start the service with TRAINYARD_WEBHOOKS_ALLOW_PRIVATE=true',
      });
    } finally {
      await app.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});
