import { createHash } from 'node:crypto';
import { Driver, RunningService, type Client } from './executions-harness.js';
import type { Answer } from '#src/progress/index.js';

interface Seen {
  readonly name: string;
  readonly executionId: string;
  readonly sequence: number;
  readonly status?: string;
  readonly [field: string]: unknown;
}

type Started = Answer<{ readonly executionId: string }>;

/** Notes every event that a socket receives. */
function listen(client: Client): Seen[] {
  const seen: Seen[] = [];
  client.onAny((name: string, event: object) => seen.push({ name, ...event } as Seen));
  return seen;
}

async function send<Result = Started>(client: Client, name: string, payload: unknown): Promise<Result> {
  return (client as unknown as { emitWithAck(name: string, payload: unknown): Promise<Result> }).emitWithAck(
    name,
    payload,
  );
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const disconnected = (client: Client) => new Promise((resolve) => client.on('disconnect', resolve));
const stored = (seen: readonly Seen[]) => seen.filter(({ name }) => name !== 'execution.progress');
const sequences = (seen: readonly Seen[]) => stored(seen).map(({ sequence }) => sequence);
const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('executions over the socket', () => {
  let service: RunningService;
  let driver: Driver;
  let templateId: string;

  beforeAll(async () => {
    service = await RunningService.start();
    driver = new Driver(service);
    ({ templateId } = await service.prepare());
  });
  afterAll(() => service.remove());

  /** Whatever a failed test left behind does not fail the next one. */
  afterEach(async () => {
    for (const status of ['QUEUED', 'PREPARING', 'TRAINING'] as const) {
      const { items } = await service.executions.list({ status }, {});
      for (const { executionId } of items) {
        await service.executions.cancel(executionId, { actor: { name: 'test', role: 'admin' }, via: 'http' });
        if (status !== 'QUEUED') await service.ledger.cancelled(executionId, driver.owner);
      }
    }
  });

  const start = async (): Promise<string> => {
    const actor = { name: 'test', role: 'admin' } as const;
    const { executionId } = await service.executions.start({ templateId }, { actor, via: 'http' });
    expect(await driver.claim()).toBe(executionId);
    return executionId;
  };

  test('started over the socket with closeWhenDone: every event in order, then the socket is disconnected', async () => {
    const client = service.connect();
    const seen = listen(client);
    const closed = disconnected(client);
    const answer = await send(client, 'execution.start', {
      templateId,
      version: 1,
      overrides: { training: { seed: 3 } },
      closeWhenDone: true,
    });
    if (!answer.ok) throw new Error(answer.error.message);
    const { executionId } = answer;
    expect(await driver.claim()).toBe(executionId);
    await driver.train(executionId, 3);
    await service.ledger.log(executionId, driver.owner, 'info', 'nearly there');
    await driver.finish(executionId);
    expect(await closed).toBe('io server disconnect');

    expect(sequences(seen)).toEqual(upTo(11));
    expect(stored(seen).map(({ name, status }) => (name === 'execution.status' ? status : name))).toEqual([
      'QUEUED',
      'PREPARING',
      'TRAINING',
      'execution.epoch',
      'execution.epoch',
      'execution.epoch',
      'execution.log',
      'EVALUATING',
      'REGISTERING',
      'SUCCEEDED',
      'execution.completed',
    ]);
    expect(stored(seen)[3]).toMatchObject({ executionId, epoch: 1, loss: 1, validationLoss: 2 });
    expect(stored(seen)[6]).toMatchObject({ level: 'info', message: 'nearly there' });
    expect(seen.at(-1)).toMatchObject({ status: 'SUCCEEDED', model: { name: 'waves', version: 1 }, runtimeMs: 1234 });
    const progress = seen.filter(({ name }) => name === 'execution.progress');
    expect(progress.at(-1)).toMatchObject({ step: 'training', percent: 3, epoch: 3, epochs: 99, loss: 1 / 3 });
    expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map(({ sequence }) => sequence).sort((a, b) => a - b));
    const detail = await service.executions.get(executionId);
    expect(detail).toMatchObject({ seed: 3, overrides: { training: { seed: 3 } } });
    const activity = await service.executions.listActivity(executionId, {});
    expect(activity.items).toMatchObject([{ action: 'started', via: 'socket', actor: 'anonymous' }]);
  });

  test('a reconnected client gets what it missed and nothing twice, across a restart of the service too', async () => {
    const executionId = await start();
    const first = service.connect();
    const before = listen(first);
    expect(await send(first, 'execution.subscribe', { executionId })).toEqual({ ok: true, executionId });
    await driver.train(executionId, 2);
    await until(() => sequences(before).length === 5);
    first.disconnect();
    await service.ledger.epoch(executionId, driver.owner, {
      epoch: 3,
      epochs: 9,
      loss: 1,
      validationLoss: null,
      durationMs: 1,
    });
    await service.ledger.log(executionId, driver.owner, 'warn', 'missed');
    await service.ledger.checkpoint(executionId, driver.owner, { epoch: 3, elapsedMs: 3 });

    const dataDir = await service.stop();
    service = await RunningService.start({}, dataDir);
    driver = new Driver(service);
    const second = service.connect();
    const after = listen(second);
    const closed = disconnected(second);
    const { sequence } = before.at(-1)!;
    await send(second, 'execution.subscribe', { executionId, afterSequence: sequence, closeWhenDone: true });
    expect(await driver.claim()).toBe(executionId);
    await driver.train(executionId, 2, 4);
    await driver.finish(executionId);
    await closed;
    expect(sequences(before)).toEqual(upTo(5));
    const { sequence: last } = await service.executions.get(executionId);
    expect(sequences(after)).toEqual(upTo(last, 6));
    expect(stored(after).map(({ name, status, message }) => status ?? message ?? name)).toEqual([
      'execution.epoch',
      'missed',
      'INTERRUPTED',
      'Interrupted: the process that ran it is gone. It resumes from the checkpoint of epoch 3 as soon as it is its turn',
      'QUEUED',
      'PREPARING',
      'TRAINING',
      'execution.epoch',
      'execution.epoch',
      'EVALUATING',
      'REGISTERING',
      'SUCCEEDED',
      'SUCCEEDED',
    ]);
  });

  test('a socket opened for one execution alone is subscribed by its handshake and ends with it', async () => {
    const executionId = await start();
    const live = service.connect({ executionId, afterSequence: 1 });
    const seen = listen(live);
    const closed = disconnected(live);
    await until(() => sequences(seen).length === 1);
    await service.ledger.fail(executionId, driver.owner, new Error('boom'));
    await closed;
    expect(stored(seen).map(({ status, sequence }) => [sequence, status])).toEqual([
      [2, 'PREPARING'],
      [3, 'FAILED'],
      [4, 'FAILED'],
    ]);
    expect(seen.at(-1)).toMatchObject({
      name: 'execution.failed',
      error: { code: 'INTERNAL', message: 'An internal error ended the execution: boom' },
    });

    const late = service.connect({ executionId });
    const replayed = listen(late);
    await disconnected(late);
    expect(sequences(replayed)).toEqual(upTo(4));
    const done = service.connect({ executionId, afterSequence: 4 });
    const nothing = listen(done);
    await disconnected(done);
    expect(nothing).toEqual([]);

    const unknown = service.connect({ executionId: 'exe_x' });
    const rejected = listen(unknown);
    await disconnected(unknown);
    expect(rejected).toMatchObject([
      { name: 'execution.rejected', code: 'EXECUTION_NOT_FOUND', message: 'There is no execution "exe_x"' },
    ]);
  });

  test('subscribing while events come fast loses and doubles none, 100 subscribers at once', async () => {
    const executionId = await start();
    await service.ledger.transition(executionId, driver.owner, 'TRAINING');
    const writes: Promise<void>[] = [];
    const all: Client[] = [];
    const seen: Seen[][] = [];
    for (let group = 0; group < 10; group++) {
      for (let line = 0; line < 5; line++) {
        writes.push(service.ledger.log(executionId, driver.owner, 'info', `line ${group}.${line}`));
      }
      const clients = Array.from({ length: 10 }, () => service.connect());
      seen.push(...clients.map(listen));
      all.push(...clients);
      const message = { executionId, closeWhenDone: true };
      await Promise.all(clients.map((client) => send(client, 'execution.subscribe', message)));
    }
    const closed = Promise.all(all.map(disconnected));
    for (let line = 0; line < 50; line++)
      writes.push(service.ledger.log(executionId, driver.owner, 'info', `late ${line}`));
    await Promise.all(writes);
    await driver.finish(executionId);
    await closed;
    const { sequence } = await service.executions.get(executionId);
    expect(sequence).toBe(3 + 50 + 50 + 4);
    for (const events of seen) expect(sequences(events)).toEqual(upTo(sequence));
  }, 180_000);

  test('cancelled over the socket, and a repeated start under one key is one execution', async () => {
    const client = service.connect();
    const message = { templateId, idempotencyKey: 'socket 1' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(client, 'execution.start', message)));
    const ids = new Set(answers.map((answer) => (answer.ok ? answer.executionId : answer.error.code)));
    expect(ids.size).toBe(1);
    const [executionId] = ids;
    expect(await send(client, 'execution.start', { ...message, overrides: { training: { seed: 2 } } })).toMatchObject({
      ok: false,
      error: { code: 'IDEMPOTENCY_KEY_REUSED', details: { executionId } },
    });
    expect(await send(client, 'execution.cancel', { executionId })).toEqual({
      ok: true,
      executionId,
      status: 'CANCELLED',
    });
    expect(await send(client, 'execution.cancel', { executionId: 'exe_x' })).toMatchObject({
      ok: false,
      error: { code: 'EXECUTION_NOT_FOUND' },
    });
  });

  test.each([
    ['execution.start', undefined, 'the message must be an object'],
    ['execution.start', null, 'the message must be an object'],
    ['execution.start', [1], 'the message must be an object'],
    ['execution.start', 'tpl_1', 'the message must be an object'],
    ['execution.start', {}, 'templateId: templateId must be'],
    ['execution.start', { templateId: { $ne: 1 } }, 'templateId: templateId must be'],
    ['execution.start', { templateId: 'x', version: 1.5 }, 'version: version must be an integer number'],
    ['execution.start', { templateId: 'x', overrides: 'y' }, 'overrides: overrides must be an object'],
    ['execution.start', { templateId: 'x', idempotencyKey: '' }, 'idempotencyKey: idempotencyKey must be 1 to 200'],
    ['execution.start', { templateId: 'x', extra: 1 }, 'extra: there is no such field'],
    ['execution.subscribe', { executionId: 7 }, 'executionId: executionId must be'],
    [
      'execution.subscribe',
      { executionId: 'x', afterSequence: -1 },
      'afterSequence: afterSequence must not be less than 0',
    ],
    ['execution.cancel', Buffer.from('x'), 'the message must be an object'],
  ])('%s with %j is answered with an error', async (name, payload, message) => {
    const client = service.connect();
    const answer = await send(client, name, payload);
    expect(answer).toMatchObject({ ok: false, error: { code: 'VALIDATION_FAILED' } });
    if (!answer.ok) expect(answer.error.message).toContain(message);
    expect(client.connected).toBe(true);
  });

  test('messages without acknowledgement, of unknown names, or nested without end do no harm', async () => {
    const client = service.connect();
    const raw = client as unknown as { emit(name: string, ...payload: unknown[]): void };
    raw.emit('execution.start');
    raw.emit('execution.subscribe', { executionId: 'exe_x' });
    raw.emit('execution.unheard', 1, 2, 3);
    let overrides: object = {};
    for (let depth = 0; depth < 3_000; depth++) overrides = { a: overrides };
    const answer = await send(client, 'execution.start', { templateId, overrides });
    expect(answer).toMatchObject({
      ok: false,
      error: {
        code: 'MALFORMED_BODY',
        message: 'The data is nested more than 64 levels deep, which no request needs: flatten it',
      },
    });
    expect(client.connected).toBe(true);
  });

  test('a slow reader delays nobody and still gets every event', async () => {
    const executionId = await start();
    await service.ledger.transition(executionId, driver.owner, 'TRAINING');
    const slow = service.connect();
    const seen = listen(slow);
    const closed = disconnected(slow);
    await send(slow, 'execution.subscribe', { executionId, closeWhenDone: true });
    // Stops reading from the network, so that the service's side of the connection fills up.
    const connection = (slow.io.engine.transport as unknown as { ws: { pause(): void; resume(): void } }).ws;
    connection.pause();
    const message = 'x'.repeat(2_000);
    for (let batch = 0; batch < 40; batch++) {
      await Promise.all(
        Array.from({ length: 25 }, () => service.ledger.log(executionId, driver.owner, 'info', message)),
      );
    }
    await driver.finish(executionId);
    expect(seen.length).toBeLessThan(1_000);
    connection.resume();
    await closed;
    expect(sequences(seen)).toEqual(upTo(3 + 1_000 + 4));
  }, 180_000);
});

describe('keys on the socket', () => {
  const sha256 = (key: string) => createHash('sha256').update(key).digest('hex');
  let service: RunningService;
  let templateId: string;

  beforeAll(async () => {
    service = await RunningService.start({
      TRAINYARD_API_KEYS: `ann:viewer:${sha256('view')},tom:trainer:${sha256('train')}`,
    });
    ({ templateId } = await service.prepare({ authorization: 'Bearer train' }));
  });
  afterAll(() => service.remove());

  test.each([
    [{}, 'Send an API key as'],
    [{ token: 'wrong' }, 'The API key is not known to this installation'],
    [{ token: { $gt: '' } }, 'Send an API key as'],
  ])('a handshake with %j is refused', async (auth, message) => {
    const client = service.connect(auth);
    const error = await new Promise<Error & { data: { code: string } }>((resolve) =>
      client.on('connect_error', resolve as never),
    );
    expect(error.message).toContain(message);
    expect(error.data).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('a viewer may watch, and neither start nor cancel; a trainer may', async () => {
    const viewer = service.connect({ token: 'view' });
    const trainer = service.connect({ token: 'train' });
    expect(await send(viewer, 'execution.start', { templateId })).toEqual({
      ok: false,
      error: {
        code: 'FORBIDDEN',
        message: 'This needs the role trainer; the key "ann" has viewer',
        details: { needed: 'trainer', actual: 'viewer' },
      },
    });
    const answer = await send(trainer, 'execution.start', { templateId });
    if (!answer.ok) throw new Error(answer.error.message);
    const { executionId } = answer;
    expect(await send(viewer, 'execution.cancel', { executionId })).toMatchObject({ error: { code: 'FORBIDDEN' } });
    const seen = listen(viewer);
    expect(await send(viewer, 'execution.subscribe', { executionId })).toEqual({ ok: true, executionId });
    expect(await send(trainer, 'execution.cancel', { executionId })).toMatchObject({ ok: true, status: 'CANCELLED' });
    await until(() => seen.at(-1)?.name === 'execution.failed');
    expect(seen.at(-1)).toMatchObject({ error: { code: 'CANCELLED' } });
    expect(viewer.connected).toBe(true);
    const { createdBy } = await service.executions.get(executionId);
    expect(createdBy).toBe('tom');
    const http = await service.request<{ code: string }>('POST', `/executions/${executionId}/cancel`, undefined, {
      authorization: 'Bearer view',
    });
    expect([http.status, http.body.code]).toEqual([403, 'FORBIDDEN']);
  });
});
