import { LedgerHarness, MovableClock, RESULT, collect, enqueue } from './ledger-harness.js';
import type { StoredExecutionEvent } from '#src/executions/execution-events.js';

describe('execution ledger on the embedded database', () => {
  let harness: LedgerHarness;
  let clock: MovableClock;

  beforeAll(async () => {
    harness = await LedgerHarness.open();
  });
  afterAll(() => harness.close());
  beforeEach(() => {
    clock = new MovableClock();
  });

  /** Leaves nothing queued for the next test. */
  afterEach(async () => {
    const { ledger, owner } = harness.service(clock);
    await ledger.requeueAbandoned();
    for (let next = await ledger.claimNext(owner); next !== null; next = await ledger.claimNext(owner)) {
      await ledger.cancelled(next.executionId, owner);
    }
  });

  const steps = (events: readonly StoredExecutionEvent[]): string[] =>
    events.map((event) => {
      if (event.type === 'status') return `${event.data.from}>${event.data.status}`;
      return event.type === 'log' ? event.data.message : event.type;
    });

  test('the whole way, with dense sequences and every fact in the head', async () => {
    const { ledger, events, repository, owner } = harness.service(clock);
    const executionId = await enqueue(repository, clock);
    const claimed = await ledger.claimNext(owner);
    expect(claimed).toMatchObject({
      executionId,
      owner,
      status: 'PREPARING',
      attempt: 1,
      parameters: { windows: { horizon: 24 } },
    });
    clock.advance(10);
    await ledger.transition(executionId, owner, 'TRAINING', { engine: 'tfjs-wasm' });
    await ledger.log(executionId, owner, 'info', 'Windows: 100');
    await ledger.epoch(executionId, owner, { epoch: 1, epochs: 2, loss: 0.5, validationLoss: null, durationMs: 5 });
    await ledger.checkpoint(executionId, owner, { epoch: 1, elapsedMs: 77 });
    await ledger.transition(executionId, owner, 'EVALUATING');
    await ledger.transition(executionId, owner, 'REGISTERING');
    await ledger.complete(executionId, owner, RESULT);

    const stored = await collect(events.after(executionId, 0));
    expect(stored.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(steps(stored)).toEqual([
      'null>QUEUED',
      'QUEUED>PREPARING',
      'PREPARING>TRAINING',
      'Windows: 100',
      'epoch',
      'TRAINING>EVALUATING',
      'EVALUATING>REGISTERING',
      'REGISTERING>SUCCEEDED',
      'completed',
    ]);
    expect(stored[8]).toMatchObject({
      at: '2026-01-01T00:00:00.010Z',
      data: { status: 'SUCCEEDED', model: { name: 'weather', version: 1 }, runtimeMs: 1_234 },
    });
    const { head } = (await repository.findHead(executionId))!;
    expect(head).toMatchObject({
      ...RESULT,
      status: 'SUCCEEDED',
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: '2026-01-01T00:00:00.010Z',
      checkpointEpoch: 1,
      lease: null,
      sequence: 9,
    });
    expect(await ledger.claimNext(owner)).toBeNull();
  });

  test('claims the oldest first, and two claimers never get the same one', async () => {
    const a = harness.service(clock);
    const b = harness.service(clock, 'aws');
    const ids: string[] = [];
    for (let i = 0; i < 8; i++) {
      ids.push(await enqueue(a.repository, clock));
      clock.advance(1);
    }
    expect((await a.ledger.claimNext(a.owner))?.executionId).toBe(ids[0]);
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? a : b)).map(({ ledger, owner }) => ledger.claimNext(owner)),
    );
    const claimed = claims.flatMap((claim) => (claim === null ? [] : [claim.executionId]));
    expect(new Set(claimed).size).toBe(claimed.length);
    expect([...claimed].sort()).toEqual(ids.slice(1));
    expect(claims.filter((claim) => claim === null)).toHaveLength(3);
  });

  test('a stale owner is refused everywhere and leaves no trace', async () => {
    const a = harness.service(clock, 'endpoint');
    const b = harness.service(clock, 'endpoint');
    const executionId = await enqueue(a.repository, clock);
    await a.ledger.claimNext(a.owner);
    await a.ledger.transition(executionId, a.owner, 'TRAINING');
    expect(await b.ledger.requeueAbandoned()).toEqual([]);
    clock.advance(30_001);
    expect(await b.ledger.requeueAbandoned()).toEqual([executionId]);
    const again = await b.ledger.claimNext(b.owner);
    expect(again).toMatchObject({ executionId, attempt: 2, interruptions: 1, owner: b.owner });
    const before = await collect(a.events.after(executionId, 0));

    const message = `${a.owner} does not hold the lease of execution ${executionId} (any more): stop the training, its writes are refused`;
    const refused: unknown = expect.objectContaining({ code: 'CONFLICT', message });
    const { ledger } = a;
    await expect(ledger.log(executionId, a.owner, 'info', 'late')).rejects.toEqual(refused);
    await expect(ledger.heartbeat(executionId, a.owner)).rejects.toEqual(refused);
    await expect(ledger.transition(executionId, a.owner, 'EVALUATING')).rejects.toEqual(refused);
    await expect(ledger.checkpoint(executionId, a.owner, { epoch: 9, elapsedMs: 1 })).rejects.toEqual(refused);
    await expect(ledger.complete(executionId, a.owner, RESULT)).rejects.toEqual(refused);
    await expect(ledger.fail(executionId, a.owner, new Error('x'))).rejects.toEqual(refused);
    await expect(ledger.release(executionId, a.owner, 'x')).rejects.toEqual(refused);
    const record = { epoch: 1, epochs: 2, loss: 1, validationLoss: null, durationMs: 1 };
    await expect(ledger.epoch(executionId, a.owner, record)).rejects.toEqual(refused);
    const progress = {
      step: 'training',
      percent: 1,
      epoch: 1,
      epochs: 2,
      loss: 1,
      validationLoss: null,
      etaSeconds: 1,
    } as const;
    expect(() => ledger.progress(executionId, a.owner, progress)).toThrow(message);

    expect(await collect(a.events.after(executionId, 0))).toEqual(before);
    expect((await a.repository.findHead(executionId))!.head).toMatchObject({
      status: 'PREPARING',
      checkpointEpoch: null,
    });
  });

  test('with the embedded database a start queues at once what another owner left running', async () => {
    const dead = harness.service(clock);
    const executionId = await enqueue(dead.repository, clock);
    await dead.ledger.claimNext(dead.owner);
    await dead.ledger.transition(executionId, dead.owner, 'TRAINING');
    await dead.ledger.checkpoint(executionId, dead.owner, { epoch: 4, elapsedMs: 400 });

    const { ledger, events, signals, owner } = harness.service(clock);
    const queued: string[] = [];
    signals.queued.listen((id) => queued.push(id));
    expect(await ledger.requeueAbandoned()).toEqual([executionId]);
    await new Promise(setImmediate);
    expect(queued).toEqual([executionId]);
    expect(await ledger.claimNext(owner)).toMatchObject({
      executionId,
      attempt: 2,
      checkpointEpoch: 4,
      runtimeMs: 400,
    });
    expect(await ledger.requeueAbandoned()).toEqual([]);
    expect(steps(await collect(events.after(executionId, 3)))).toEqual([
      'TRAINING>INTERRUPTED',
      'Interrupted: the process that ran it is gone. It resumes from the checkpoint of epoch 4 as soon as it is its turn',
      'INTERRUPTED>QUEUED',
      'QUEUED>PREPARING',
    ]);
  });

  test('an own lease must be found expired twice, since a heartbeat after sleep is only late', async () => {
    const { ledger, repository, owner } = harness.service(clock);
    const executionId = await enqueue(repository, clock);
    await ledger.claimNext(owner);
    clock.advance(60_000);
    expect(await ledger.requeueAbandoned()).toEqual([]);
    await ledger.heartbeat(executionId, owner);
    expect(await ledger.requeueAbandoned()).toEqual([]);
    clock.advance(60_000);
    expect(await ledger.requeueAbandoned()).toEqual([]);
    expect(await ledger.requeueAbandoned()).toEqual([executionId]);
  });

  test('ten deaths with progress between are fine, five in vain are too many', async () => {
    const executionId = await enqueue(harness.service(clock).repository, clock);
    for (let death = 1; death <= 10; death++) {
      const { ledger, owner } = harness.service(clock);
      await ledger.requeueAbandoned();
      expect(await ledger.claimNext(owner)).toMatchObject({ executionId, attempt: death });
      await ledger.checkpoint(executionId, owner, { epoch: death, elapsedMs: death });
    }
    for (let death = 1; death <= 5; death++) {
      const { ledger, owner, repository } = harness.service(clock);
      expect(await ledger.requeueAbandoned()).toEqual([executionId]);
      const { head } = (await repository.findHead(executionId))!;
      expect(head.status).toBe(death === 5 ? 'FAILED' : 'QUEUED');
      if (death < 5) await ledger.claimNext(owner);
      else {
        expect(head.error).toEqual({
          code: 'INTERRUPTED_TOO_OFTEN',
          message:
            'The execution was interrupted 5 times in a row without reaching a new checkpoint, the limit is 5: ' +
            "look at the service's log for why its process ends, then clone the execution",
          details: { interruptions: 5, limit: 5, reason: 'the process that ran it is gone' },
        });
        expect(head.interruptions).toBe(14);
      }
    }
  });

  test('a released execution counts no death and goes to the next claimer', async () => {
    const { ledger, repository, owner } = harness.service(clock);
    const executionId = await enqueue(repository, clock);
    for (let turn = 1; turn <= 7; turn++) {
      expect(await ledger.claimNext(owner)).toMatchObject({ executionId, attempt: turn });
      await ledger.release(executionId, owner, 'the service is stopping');
    }
    expect((await repository.findHead(executionId))!.head).toMatchObject({ status: 'QUEUED', interruptionsInVain: 0 });
  });

  test('illegal transitions change nothing, and the writes beside them are stored', async () => {
    const { ledger, events, repository, owner } = harness.service(clock);
    const executionId = await enqueue(repository, clock);
    await ledger.claimNext(owner);
    const [first, second, third] = await Promise.allSettled([
      ledger.log(executionId, owner, 'info', 'one'),
      ledger.transition(executionId, owner, 'REGISTERING'),
      ledger.log(executionId, owner, 'warn', 'two'),
    ]);
    expect([first.status, third.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(second).toMatchObject({
      reason: {
        code: 'TRANSITION_ILLEGAL',
        message: `Execution ${executionId} cannot go from PREPARING to REGISTERING: from PREPARING it can go to TRAINING, FAILED, CANCELLED, INTERRUPTED`,
      },
    });
    expect(steps(await collect(events.after(executionId, 2)))).toEqual(['one', 'two']);
    await expect(ledger.complete(executionId, owner, RESULT)).rejects.toMatchObject({ code: 'TRANSITION_ILLEGAL' });
  });

  test('a burst of 300 log lines and epochs keeps its order in few writes of the head', async () => {
    const { ledger, events, repository, owner } = harness.service(clock);
    const executionId = await enqueue(repository, clock);
    await ledger.claimNext(owner);
    const before = (await repository.findHead(executionId))!.stored.version;
    const writes: Promise<void>[] = [];
    for (let i = 1; i <= 150; i++) {
      writes.push(ledger.log(executionId, owner, 'info', `line ${i}`));
      writes.push(
        ledger.epoch(executionId, owner, { epoch: i, epochs: 150, loss: 1 / i, validationLoss: 2 / i, durationMs: 1 }),
      );
    }
    await Promise.all(writes);
    const stored = await collect(events.after(executionId, 2));
    expect(stored.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 300 }, (_, at) => at + 3));
    expect(
      stored.map((event) =>
        event.type === 'log' ? event.data.message : event.type === 'epoch' ? event.data.epoch : '',
      ),
    ).toEqual(Array.from({ length: 300 }, (_, at) => (at % 2 === 0 ? `line ${at / 2 + 1}` : (at + 1) / 2)));
    const { head, stored: after } = (await repository.findHead(executionId))!;
    expect(after.version - before).toBeLessThanOrEqual(14);
    expect(head).toMatchObject({ iterations: 150, loss: 1 / 150, validationLoss: 2 / 150 });
    const page = await repository.listEvents(executionId, 'epoch', { limit: 100 });
    expect(page.items).toHaveLength(100);
    const rest = await repository.listEvents(executionId, 'epoch', { limit: 100, cursor: page.cursor });
    expect(rest.items.map(({ data }) => data.epoch)).toEqual(Array.from({ length: 50 }, (_, at) => 101 + at));
  });

  test('events whose own items a crash left unwritten are read from the head and made good by the next write', async () => {
    const a = harness.service(clock);
    const executionId = await enqueue(a.repository, clock);
    await a.ledger.claimNext(a.owner);
    const key = { executionId, item: 'status#0000000002' };
    expect(await harness.items.find(key)).toMatchObject({ event: { type: 'status', sequence: 2 } });
    await harness.items.delete(key);

    const b = harness.service(clock);
    expect(steps(await collect(b.events.after(executionId, 1)))).toEqual(['QUEUED>PREPARING']);
    await b.ledger.requeueAbandoned();
    expect(await harness.items.find(key)).toMatchObject({ event: { type: 'status', sequence: 2 } });
    expect((await collect(b.events.after(executionId, 0))).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  });

  test('progress: an event each time, a stored snapshot once a second and with every other write', async () => {
    const { ledger, repository, owner } = harness.service(clock);
    const executionId = await enqueue(repository, clock);
    await ledger.claimNext(owner);
    const version = async () => (await repository.findHead(executionId))!.stored.version;
    const before = await version();
    const progress = {
      step: 'training',
      epoch: 1,
      epochs: 9,
      loss: Number.NaN,
      validationLoss: null,
      etaSeconds: 3,
    } as const;
    for (let percent = 1; percent <= 50; percent++) ledger.progress(executionId, owner, { ...progress, percent });
    expect(await version()).toBe(before);
    await ledger.log(executionId, owner, 'info', 'x');
    expect(await version()).toBe(before + 1);
    expect((await repository.findHead(executionId))!.head.progress).toEqual({ ...progress, percent: 50, loss: null });
    clock.advance(1_000);
    ledger.progress(executionId, owner, { ...progress, percent: 51 });
    ledger.progress(executionId, owner, { ...progress, percent: 52 });
    await ledger.heartbeat(executionId, owner);
    expect((await repository.findHead(executionId))!.head.progress).toMatchObject({ percent: 52 });
  });

  test('failures keep their code, bugs are INTERNAL, and a loss that is no number is refused', async () => {
    const { ledger, repository, owner } = harness.service(clock);
    const first = await enqueue(repository, clock);
    const second = await enqueue(repository, clock);
    const { TrainyardError } = await import('#src/common/errors/index.js');
    await ledger.claimNext(owner);
    await ledger.claimNext(owner);
    const record = { epoch: 2, epochs: 3, loss: Number.NaN, validationLoss: null, durationMs: 1 };
    await expect(ledger.epoch(first, owner, record)).rejects.toMatchObject({
      code: 'LOSS_NOT_FINITE',
      message: 'Epoch 2 has the loss NaN and the validation loss null',
    });
    await ledger.fail(first, owner, new TrainyardError('SERIES_EMPTY', 'Asset A is empty', { asset: 'A' }), {
      runtimeMs: 5,
    });
    await ledger.fail(second, owner, new Error('x'.repeat(3_000)));
    expect((await repository.findHead(first))!.head).toMatchObject({
      status: 'FAILED',
      runtimeMs: 5,
      error: { code: 'SERIES_EMPTY', message: 'Asset A is empty', details: { asset: 'A' } },
    });
    const { error } = (await repository.findHead(second))!.head;
    expect(error?.code).toBe('INTERNAL');
    expect(error?.message).toBe(`An internal error ended the execution: ${'x'.repeat(2_000)}… (1000 more characters)`);
  });
});
