import { createHash } from 'node:crypto';
import { Driver, RESULT, RunningService } from './executions-harness.js';
import type { Execution, ExecutionSummary } from '#src/executions/index.js';

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, unknown>;
}

interface List<Item> {
  readonly items: Item[];
  readonly cursor: string | null;
}

describe('executions over HTTP', () => {
  let service: RunningService;
  let driver: Driver;
  let templateId: string;
  let datasetId: string;

  beforeAll(async () => {
    service = await RunningService.start({ TRAINYARD_LIMIT_QUEUED_EXECUTIONS: '5' });
    driver = new Driver(service);
    ({ templateId, datasetId } = await service.prepare());
  });
  afterAll(() => service.remove());

  /** Nothing is left queued or running for the next test. */
  afterEach(async () => {
    for (const status of ['QUEUED', 'PREPARING', 'TRAINING']) {
      const { body } = await service.request<List<ExecutionSummary>>('GET', `/executions?status=${status}`);
      for (const { executionId } of body.items) await service.request('POST', `/executions/${executionId}/cancel`);
      for (const { executionId } of body.items) {
        if (status !== 'QUEUED') await service.ledger.cancelled(executionId, driver.owner);
      }
    }
  });

  const start = async (body: object = {}, headers: Record<string, string> = {}) =>
    service.request<Execution & Problem>('POST', '/executions', { templateId, ...body }, headers);
  const get = async (executionId: string) =>
    (await service.request<Execution>('GET', `/executions/${executionId}`)).body;
  const count = async () => (await service.request<List<unknown>>('GET', '/executions?limit=500')).body.items.length;

  test('a start freezes parameters with their origins, the data version and who asked', async () => {
    const overrides = { windows: { horizon: 3 }, training: { seed: 42 } };
    const { status, headers, body } = await start({ overrides });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/api/v1/executions/${body.executionId}`);
    expect(body).toMatchObject({
      status: 'QUEUED',
      templateId,
      templateName: 'waves',
      templateVersion: 1,
      datasetId,
      datasetVersion: 1,
      algorithm: 'ridge',
      seed: 42,
      attempt: 0,
      sequence: 1,
      overrides,
      parameters: { windows: { lookBack: 14, horizon: 3 }, data: { targets: ['A'], datasetVersion: 1 } },
      startedAt: null,
      error: null,
      createdBy: 'anonymous',
    });
    expect(body.origins).toMatchObject({
      'windows.horizon': 'override',
      'windows.lookBack': 'template',
      'windows.stride': 'default',
      'training.seed': 'override',
      'data.datasetVersion': 'frozen',
    });
    expect(body.datasetContentHash).toMatch(/^[0-9a-f]{64}$/);
    expect(body.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(body).not.toHaveProperty('lease');
    expect(body).not.toHaveProperty('tail');
    expect(await get(body.executionId)).toEqual(body);

    const same = await start({ overrides });
    expect(same.body.executionId).not.toBe(body.executionId);
    expect(same.body.fingerprint).toBe(body.fingerprint);
    expect((await start({ overrides: { training: { seed: 43 } } })).body.fingerprint).not.toBe(body.fingerprint);

    const activity = await service.request<List<unknown>>('GET', `/executions/${body.executionId}/activity`);
    expect(activity.body.items).toEqual([
      {
        at: body.createdAt,
        actor: 'anonymous',
        role: 'admin',
        action: 'started',
        via: 'http',
        facts: { templateId, templateVersion: 1 },
      },
    ]);
  });

  test.each([
    ['no template', { templateId: undefined }, 400, 'VALIDATION_FAILED', /templateId/],
    ['an unknown template', { templateId: 'tpl_x' }, 404, 'TEMPLATE_NOT_FOUND', /tpl_x/],
    ['an unknown version', { templateVersion: 9 }, 404, 'TEMPLATE_NOT_FOUND', /has no version 9; its newest is 1/],
    ['a version that is no number', { templateVersion: 'one' }, 400, 'VALIDATION_FAILED', /templateVersion/],
    ['an unknown field', { tempalteVersion: 1 }, 400, 'VALIDATION_FAILED', /tempalteVersion: there is no such field/],
    ['overrides that are a list', { overrides: [] }, 400, 'VALIDATION_FAILED', /overrides/],
    ['an unknown override', { overrides: { windows: { horison: 3 } } }, 422, 'OVERRIDE_UNKNOWN', /windows\.horison/],
    ['an unknown asset', { overrides: { data: { targets: ['Z'] } } }, 422, 'ASSET_UNKNOWN', /Z/],
    ['an unknown column', { overrides: { data: { column: 'open' } } }, 422, 'COLUMN_UNKNOWN', /open/],
    ['an unknown algorithm', { overrides: { algorithm: { name: 'oracle' } } }, 422, 'ALGORITHM_UNKNOWN', /oracle/],
    ['an unknown data version', { overrides: { data: { datasetVersion: 7 } } }, 404, 'DATASET_NOT_FOUND', /7/],
  ])('%s is refused and nothing is stored', async (_, body, status, code, message) => {
    const before = await count();
    const reply = await start(body);
    expect([reply.status, reply.body.code]).toEqual([status, code]);
    expect(reply.body.message).toMatch(message);
    expect(await count()).toBe(before);
  });

  test('a body nested without end is refused', async () => {
    const deep = `{"templateId": "x", "overrides": ${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`;
    const reply = await service.request<Problem>('POST', '/executions', deep, { 'content-type': 'application/json' });
    expect([reply.status, reply.body.code, reply.body.message]).toEqual([
      400,
      'MALFORMED_BODY',
      'The data is nested more than 64 levels deep, which no request needs: flatten it',
    ]);
  });

  test('the same idempotency key and request give the same execution, also at the same time', async () => {
    const headers = { 'idempotency-key': 'order 1' };
    const before = await count();
    const replies = await Promise.all(Array.from({ length: 8 }, () => start({ overrides: {} }, headers)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([202]));
    expect(new Set(replies.map(({ body }) => body.executionId)).size).toBe(1);
    expect(await count()).toBe(before + 1);
    const later = await start({}, headers);
    expect(later.body.executionId).toBe(replies[0]!.body.executionId);

    const other = await start({ overrides: { training: { seed: 5 } } }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(other.body.details).toEqual({ executionId: later.body.executionId });
    const malformed = await start({}, { 'idempotency-key': 'x'.repeat(201) });
    expect([malformed.status, malformed.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    expect(await count()).toBe(before + 1);
  });

  test('a full queue refuses, and has room again after a cancel', async () => {
    const replies = await Promise.all(Array.from({ length: 7 }, () => start()));
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 202, 202, 202, 202, 429, 429]);
    const refused = replies.find(({ status }) => status === 429)!;
    expect(refused.body).toMatchObject({ code: 'QUEUE_FULL', details: { waiting: 5, limit: 5 } });
    expect(refused.headers.get('retry-after')).toBe('5');
    const queued = replies.find(({ status }) => status === 202)!.body.executionId;
    await service.request('POST', `/executions/${queued}/cancel`);
    expect((await start()).status).toBe(202);
  });

  test('a waiting execution is cancelled at once, a running one is asked to end', async () => {
    const waiting = (await start()).body.executionId;
    const cancelled = await service.request<ExecutionSummary>('POST', `/executions/${waiting}/cancel`);
    expect(cancelled.status).toBe(202);
    expect(cancelled.body).toMatchObject({
      status: 'CANCELLED',
      error: { code: 'CANCELLED', message: 'The execution was cancelled before it began' },
    });
    const again = await service.request<ExecutionSummary>('POST', `/executions/${waiting}/cancel`);
    expect([again.status, again.body.sequence]).toEqual([202, cancelled.body.sequence]);

    const running = (await start()).body.executionId;
    expect(await driver.claim()).toBe(running);
    await driver.train(running, 1);
    const heard = new Promise((resolve) => service.ledger.onCancelRequested(resolve));
    const asked = await service.request<ExecutionSummary>('POST', `/executions/${running}/cancel`);
    expect([asked.status, asked.body.status, asked.body.cancelRequested]).toEqual([202, 'TRAINING', true]);
    expect(await heard).toBe(running);
    expect(await service.ledger.heartbeat(running, driver.owner)).toMatchObject({ cancelRequested: true });
    expect((await service.request('POST', `/executions/${running}/cancel`)).status).toBe(202);
    await service.ledger.cancelled(running, driver.owner);
    expect(await get(running)).toMatchObject({ status: 'CANCELLED', error: { code: 'CANCELLED' } });
    const { body } = await service.request<List<{ action: string; via: string; facts: object }>>(
      'GET',
      `/executions/${running}/activity`,
    );
    expect(body.items.map(({ action, facts }) => ({ action, facts }))).toEqual([
      { action: 'started', facts: { templateId, templateVersion: 1 } },
      { action: 'cancelled', facts: { status: 'TRAINING' } },
    ]);
  });

  test('what an execution leaves behind: detail, logs, epochs, status changes, report, artifacts', async () => {
    const { executionId } = (await start()).body;
    expect(await driver.claim()).toBe(executionId);
    for (let line = 1; line <= 5; line++) {
      await service.ledger.log(executionId, driver.owner, line % 2 === 0 ? 'warn' : 'info', `line ${line}`);
    }
    await driver.train(executionId, 4);
    const early = await service.request<Problem>('GET', `/executions/${executionId}/report`);
    expect([early.status, early.body.code]).toEqual([404, 'ARTIFACT_NOT_FOUND']);
    expect(early.body.message).toBe(`Execution ${executionId} (TRAINING) has no artifact "report.json": it has none`);
    expect(await get(executionId)).toMatchObject({
      progress: { step: 'training', percent: 4, epoch: 4 },
      iterations: 4,
    });

    const png = Uint8Array.from([137, 80, 78, 71, 0, 255]);
    await service.artifacts.write(executionId, 'forecast.png', png, 'image/png');
    const report = { format: 1, seasonLength: 7, validation: null, test: null };
    await service.artifacts.write(executionId, 'report.json', Buffer.from(JSON.stringify(report)), 'application/json');
    await driver.finish(executionId);

    expect(await get(executionId)).toMatchObject({ ...RESULT, status: 'SUCCEEDED', attempt: 1 });
    expect((await service.request('GET', `/executions/${executionId}/report`)).body).toEqual(report);

    type Line = { message: string; level: string; sequence: number };
    const path = `/executions/${executionId}`;
    const first = (await service.request<List<Line>>('GET', `${path}/logs?limit=3`)).body;
    const rest = (await service.request<List<Line>>('GET', `${path}/logs?limit=3&cursor=${first.cursor}`)).body;
    expect([...first.items, ...rest.items].map(({ message }) => message)).toEqual(
      [1, 2, 3, 4, 5].map((n) => `line ${n}`),
    );
    expect(rest.cursor).toBeNull();
    const warnings = (await service.request<List<Line>>('GET', `${path}/logs?level=warn`)).body;
    expect(warnings.items.map(({ message }) => message)).toEqual(['line 2', 'line 4']);
    const epochs = (await service.request<List<{ epoch: number; loss: number }>>('GET', `${path}/epochs`)).body;
    expect(epochs.items.map(({ epoch, loss }) => [epoch, loss])).toEqual([
      [1, 1],
      [2, 1 / 2],
      [3, 1 / 3],
      [4, 1 / 4],
    ]);
    const changes = (
      await service.request<List<{ from: string | null; status: string }>>('GET', `${path}/status-changes`)
    ).body;
    expect(changes.items.map(({ status }) => status)).toEqual([
      'QUEUED',
      'PREPARING',
      'TRAINING',
      'EVALUATING',
      'REGISTERING',
      'SUCCEEDED',
    ]);

    const sha256 = createHash('sha256').update(png).digest('hex');
    const listed = (await service.request<List<object>>('GET', `${path}/artifacts`)).body;
    expect(listed.items).toMatchObject([
      { name: 'forecast.png', contentType: 'image/png', bytes: 6, sha256 },
      { name: 'report.json' },
    ]);
    const bytes = await fetch(`${service.url}/api/v1${path}/artifacts/forecast.png`);
    expect(bytes.headers.get('content-type')).toBe('image/png');
    expect(bytes.headers.get('etag')).toBe(`"${sha256}"`);
    expect(bytes.headers.get('x-content-type-options')).toBe('nosniff');
    expect(new Uint8Array(await bytes.arrayBuffer())).toEqual(png);
    const unchanged = await service.request('GET', `${path}/artifacts/forecast.png`, undefined, {
      'if-none-match': `"${sha256}"`,
    });
    expect([unchanged.status, unchanged.body]).toEqual([304, '']);
    const json = await service.request<{ base64: string }>('GET', `${path}/artifacts/forecast.png?encoding=base64`);
    expect(json.body).toEqual({ name: 'forecast.png', contentType: 'image/png', bytes: 6, sha256, base64: 'iVBORwD/' });
    const missing = await service.request<Problem>('GET', `${path}/artifacts/model.keras`);
    expect(missing.body.message).toBe(
      `Execution ${executionId} (SUCCEEDED) has no artifact "model.keras": it has forecast.png, report.json`,
    );
  });

  test('a clone starts again from the same template version with merged overrides', async () => {
    const source = (await start({ overrides: { windows: { horizon: 3 }, training: { seed: 8 } } })).body;
    const path = `/executions/${source.executionId}/clone`;
    const clone = await service.request<Execution>('POST', path, { overrides: { training: { seed: 9 } } });
    expect(clone.status).toBe(202);
    expect(clone.body).toMatchObject({
      clonedFrom: source.executionId,
      templateVersion: 1,
      seed: 9,
      overrides: { windows: { horizon: 3 }, training: { seed: 9 } },
    });
    expect((await service.request('POST', path, {})).status).toBe(202);
    const activity = await service.request<List<{ action: string; facts: unknown }>>(
      'GET',
      `/executions/${source.executionId}/activity`,
    );
    expect(activity.body.items.map(({ action }) => action)).toEqual(['started', 'cloned', 'cloned']);
    expect(activity.body.items[1]!.facts).toEqual({ executionId: clone.body.executionId });
    const unknown = await service.request<Problem>('POST', '/executions/exe_x/clone', {});
    expect([unknown.status, unknown.body.code]).toEqual([404, 'EXECUTION_NOT_FOUND']);
  });

  test('only an execution that has ended and is not used can be deleted, and then all of it', async () => {
    const { executionId } = (await start({}, { 'idempotency-key': 'gone' })).body;
    const path = `/executions/${executionId}`;
    const queued = await service.request<Problem>('DELETE', path);
    expect([queued.status, queued.body.code]).toEqual([409, 'EXECUTION_STATE']);
    await driver.claim();
    await driver.train(executionId, 2);
    expect((await service.request<Problem>('DELETE', path)).body.message).toBe(
      `Execution ${executionId} is TRAINING: cancel it and wait for its end before deleting it`,
    );
    await service.artifacts.write(executionId, 'model.json', Buffer.from('{}'), 'application/json');
    await driver.finish(executionId);
    const late = await service.request<Problem>('POST', `${path}/cancel`);
    expect([late.status, late.body.message]).toEqual([
      409,
      `Execution ${executionId} is SUCCEEDED: there is nothing to cancel`,
    ]);

    let users = ['waves/1'];
    service.executions.registerUsageCheck('models', async (id) => (id === executionId ? users : []));
    const used = await service.request<Problem>('DELETE', path);
    expect([used.status, used.body.code, used.body.message]).toEqual([
      409,
      'EXECUTION_IN_USE',
      `Execution ${executionId} is the origin of models waves/1: delete those first`,
    ]);
    const template = await service.request<Problem>('DELETE', `/templates/${templateId}`);
    expect([template.status, template.body.code]).toEqual([409, 'TEMPLATE_IN_USE']);
    const dataset = await service.request<Problem>('DELETE', `/datasets/${datasetId}`);
    expect([dataset.status, dataset.body.code]).toEqual([409, 'DATASET_IN_USE']);

    users = [];
    expect((await service.request('DELETE', path)).status).toBe(204);
    for (const part of [
      '',
      '/logs',
      '/epochs',
      '/activity',
      '/status-changes',
      '/artifacts',
      '/report',
      '/artifacts/model.json',
    ]) {
      const { status, body } = await service.request<Problem>('GET', `${path}${part}`);
      expect([part, status, body.code, body.message]).toEqual([
        part,
        404,
        'EXECUTION_NOT_FOUND',
        `There is no execution "${executionId}"`,
      ]);
    }
    expect(await service.artifacts.list(executionId)).toEqual([]);
    expect((await start({}, { 'idempotency-key': 'gone' })).body.executionId).not.toBe(executionId);
  });

  test('lists by status, template, dataset and time, page by page, newest first', async () => {
    const before = new Date().toISOString();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await start()).body.executionId);
    await service.request('POST', `/executions/${ids[0]}/cancel`);
    const list = async (query: string) =>
      (await service.request<List<ExecutionSummary> & Problem>('GET', `/executions?${query}`)).body;
    const idsOf = async (query: string) => (await list(query)).items.map(({ executionId }) => executionId);

    const newestFirst = [...ids].reverse();
    expect(await idsOf(`from=${before}`)).toEqual(newestFirst);
    expect(await idsOf(`from=${before}&status=QUEUED`)).toEqual(newestFirst.slice(0, 4));
    expect(await idsOf(`from=${before}&templateId=${templateId}&status=CANCELLED`)).toEqual([ids[0]]);
    expect(await idsOf(`from=${before}&datasetId=${datasetId}`)).toEqual(newestFirst);
    expect(await idsOf(`templateId=tpl_none`)).toEqual([]);
    expect((await idsOf(`to=${before}`)).filter((id) => ids.includes(id))).toEqual([]);
    const pages: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: List<ExecutionSummary> = await list(
        `from=${before}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      expect(page.items.length).toBeLessThanOrEqual(2);
      pages.push(...page.items.map(({ executionId }) => executionId));
      cursor = page.cursor;
    }
    expect(pages).toEqual(newestFirst);
    expect((await list('limit=1')).items[0]).not.toHaveProperty('parameters');

    expect(await list('from=2026-01-02&to=2026-01-01')).toMatchObject({ code: 'RANGE_INVERTED' });
    expect(await list('from=yesterday')).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await list('from=2026-01-01T00:00:00')).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await list('status=DONE')).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await list('limit=0')).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(await list('cursor=nonsense')).toMatchObject({ code: 'CURSOR_INVALID' });
  });

  test('an execution that was running when its service died is queued again by the next one', async () => {
    const { executionId } = (await start()).body;
    await driver.claim();
    await driver.train(executionId, 2);
    await service.ledger.checkpoint(executionId, driver.owner, { epoch: 2, elapsedMs: 20 });
    const dataDir = await service.stop();
    service = await RunningService.start({ TRAINYARD_LIMIT_QUEUED_EXECUTIONS: '5' }, dataDir);
    driver = new Driver(service);
    expect(await get(executionId)).toMatchObject({
      status: 'QUEUED',
      interruptions: 1,
      checkpointEpoch: 2,
      runtimeMs: 20,
    });
    const { body } = await service.request<List<{ message: string }>>(
      'GET',
      `/executions/${executionId}/logs?level=warn`,
    );
    expect(body.items.map(({ message }) => message)).toEqual([
      'Interrupted: the process that ran it is gone. It resumes from the checkpoint of epoch 2 as soon as it is its turn',
    ]);
    expect(await driver.claim()).toBe(executionId);
    await driver.train(executionId, 2, 3);
    await driver.finish(executionId);
    expect(await get(executionId)).toMatchObject({ status: 'SUCCEEDED', attempt: 2 });
  });
});
