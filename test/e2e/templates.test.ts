import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseModule } from '#src/database/index.js';
import { DatasetsModule } from '#src/datasets/index.js';
import { TemplatesModule, TemplatesService } from '#src/templates/index.js';
import { startApplication, type RunningApplication } from '../support/application.js';

interface Answer<Body> {
  readonly status: number;
  readonly etag: string | null;
  readonly body: Body;
}

interface Problem {
  readonly code: string;
  readonly message: string;
  readonly details: Record<string, unknown>;
}

interface Version {
  readonly templateId: string;
  readonly version: number;
  readonly name: string;
  readonly description: string;
  readonly given: object;
  readonly parameters: { windows: object; algorithm: object; data: object };
  readonly origins: Record<string, string>;
  readonly warnings: string[];
  readonly createdAt: string;
  readonly createdBy: string;
}

interface Listed {
  readonly items: Record<string, unknown>[];
  readonly cursor: string | null;
}

const CSV = ['Date,EUR,USD', ...Array.from({ length: 40 }, (_, day) => `${isoDay(day)},${day + 1},${day * 2 + 1}`)];

function isoDay(day: number): string {
  return new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10);
}

/** Real: HTTP, the embedded database, an imported dataset. The application is this room and those above it. */
describe('templates over HTTP', () => {
  let dataDir: string;
  let running: RunningApplication;
  let datasetId: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'trainyard-templates-'));
    process.env.TRAINYARD_DATA_DIR = dataDir;
    running = await startApplication([DatabaseModule, DatasetsModule, TemplatesModule]);
    datasetId = await importDataset('fx');
  });

  afterAll(async () => {
    await running.close();
    delete process.env.TRAINYARD_DATA_DIR;
    await rm(dataDir, { recursive: true, force: true });
  });

  async function importDataset(name: string): Promise<string> {
    const response = await fetch(`${running.url}/api/v1/datasets?name=${name}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: `${CSV.join('\n')}\n`,
    });
    expect(response.status).toBe(201);
    return ((await response.json()) as { datasetId: string }).datasetId;
  }

  async function call<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(`${running.url}/api/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = (text === '' ? null : JSON.parse(text)) as Body;
    return { status: response.status, etag: response.headers.get('etag'), body: parsed };
  }

  function draft(change: object = {}, name = 'weekly'): object {
    return {
      name,
      description: 'EUR a week ahead',
      parameters: { data: { datasetId, targets: ['EUR'] }, algorithm: { name: 'seasonal-naive' }, ...change },
    };
  }

  async function create(change: object = {}, name?: string): Promise<Version> {
    const { status, body } = await call<Version>('POST', 'templates', draft(change, name));
    expect(status).toBe(201);
    return body;
  }

  it('are saved as written and with their defaults', async () => {
    const { status, etag, body } = await call<Version>('POST', 'templates', draft({ windows: { horizon: 5 } }));
    expect([status, etag]).toEqual([201, '"1"']);
    expect(body).toMatchObject({ version: 1, name: 'weekly', description: 'EUR a week ahead', createdBy: 'anonymous' });
    expect(body.templateId).toMatch(/^tpl_[0-9A-Z]{26}$/);
    expect(body.given).toEqual({
      data: { datasetId, targets: ['EUR'] },
      algorithm: { name: 'seasonal-naive' },
      windows: { horizon: 5 },
    });
    expect(body.parameters.windows).toEqual({
      lookBack: 30,
      horizon: 5,
      stride: 1,
      evaluationStride: null,
      halfLife: null,
    });
    expect(body.origins).toMatchObject({ 'windows.horizon': 'template', 'windows.lookBack': 'default' });
    const read = await call<Version>('GET', `templates/${body.templateId}`);
    expect([read.status, read.etag, read.body]).toEqual([200, '"1"', body]);
  });

  it('get a new version with each edit, and keep the old ones', async () => {
    const first = await create({ windows: { horizon: 5 } });
    const path = `templates/${first.templateId}`;
    const edit = await call<Version>('PUT', path, draft({ windows: { horizon: 9 } }, 'renamed'));
    expect([edit.status, edit.etag, edit.body.version, edit.body.name]).toEqual([200, '"2"', 2, 'renamed']);
    expect((await call<Version>('GET', path)).body).toEqual(edit.body);
    expect((await call<Version>('GET', `${path}/versions/1`)).body).toEqual(first);
    expect((await call<Version>('GET', `${path}/versions/2`)).body).toEqual(edit.body);
    const { body: versions } = await call<Listed>('GET', `${path}/versions`);
    expect(versions.items.map(({ version, name }) => [version, name])).toEqual([
      [2, 'renamed'],
      [1, 'weekly'],
    ]);
    const { body: diff } = await call<object>('GET', `${path}/diff?from=1&to=2`);
    expect(diff).toEqual({
      templateId: first.templateId,
      from: 1,
      to: 2,
      differences: [
        { path: 'name', change: 'changed', from: 'weekly', to: 'renamed' },
        { path: 'windows.horizon', change: 'changed', from: 5, to: 9 },
      ],
    });
  });

  it('make no version of an edit that changes nothing', async () => {
    const first = await create();
    const path = `templates/${first.templateId}`;
    const same = await call<Version>('PUT', path, draft());
    expect([same.status, same.etag, same.body]).toEqual([200, '"1"', first]);
    const pinned = await call<Version>('PUT', path, draft({ windows: { lookBack: 30 } }));
    expect([pinned.body.version, pinned.body.origins['windows.lookBack']]).toEqual([2, 'template']);
    const { body } = await call<{ differences: object[] }>('GET', `${path}/diff?from=1&to=2`);
    expect(body.differences).toEqual([]);
  });

  it('honour If-Match', async () => {
    const { templateId } = await create();
    const path = `templates/${templateId}`;
    const edit = await call<Version>('PUT', path, draft({ windows: { horizon: 2 } }), { 'if-match': '"1"' });
    expect([edit.status, edit.etag]).toEqual([200, '"2"']);
    const late = await call<Problem>('PUT', path, draft({ windows: { horizon: 3 } }), { 'if-match': '"1"' });
    expect([late.status, late.body.code, late.body.details]).toEqual([
      412,
      'PRECONDITION_FAILED',
      { current: '"2"', given: '"1"' },
    ]);
    const remove = await call<Problem>('DELETE', path, undefined, { 'if-match': '"1"' });
    expect([remove.status, remove.body.code]).toEqual([412, 'PRECONDITION_FAILED']);
  });

  it('keep every one of several simultaneous edits, and let one win with If-Match', async () => {
    const { templateId } = await create();
    const path = `templates/${templateId}`;
    const horizons = [2, 3, 4];
    const edits = await Promise.all(
      horizons.map((horizon) => call<Version>('PUT', path, draft({ windows: { horizon } }))),
    );
    expect(edits.map(({ body }) => body.version).sort()).toEqual([2, 3, 4]);
    for (const { body } of edits) {
      expect((await call<Version>('GET', `${path}/versions/${body.version}`)).body).toEqual(body);
    }
    const guarded = await Promise.all(
      horizons.map((horizon) =>
        call('PUT', path, draft({ windows: { horizon: horizon + 10 } }), { 'if-match': '"4"' }),
      ),
    );
    expect(guarded.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
    const { body } = await call<Version>('GET', path);
    expect(body.version).toBe(5);
  });

  it('page through their versions', async () => {
    const { templateId } = await create({ windows: { horizon: 1 } });
    const path = `templates/${templateId}`;
    for (const horizon of [2, 3, 4, 5]) await call('PUT', path, draft({ windows: { horizon } }));
    const seen: unknown[] = [];
    let cursor: string | null = null;
    do {
      const page: Listed = (
        await call<Listed>('GET', `${path}/versions?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`)
      ).body;
      seen.push(page.items.map(({ version }) => version));
      cursor = page.cursor;
    } while (cursor !== null);
    expect(seen).toEqual([[5, 4], [3, 2], [1]]);
    const wrong = await call<Problem>('GET', `${path}/versions?cursor=x`);
    expect([wrong.status, wrong.body.code]).toEqual([400, 'CURSOR_INVALID']);
  });

  it('are listed, the newest first, page by page', async () => {
    const made = [await create({}, 'list-1'), await create({}, 'list-2'), await create({}, 'list-3')];
    await call('PUT', `templates/${made[0]!.templateId}`, draft({ windows: { horizon: 4 } }, 'list-1b'));
    const { body: first } = await call<Listed>('GET', 'templates?limit=2');
    expect(first.items.map(({ name }) => name)).toEqual(['list-3', 'list-2']);
    const { body: second } = await call<Listed>('GET', `templates?limit=1&cursor=${first.cursor}`);
    expect(second.items).toEqual([
      {
        templateId: made[0]!.templateId,
        name: 'list-1b',
        version: 2,
        algorithm: 'seasonal-naive',
        targets: ['EUR'],
        datasetId,
        createdAt: made[0]!.createdAt,
        updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
        updatedBy: 'anonymous',
      },
    ]);
  });

  it('are cloned from any version', async () => {
    const first = await create({ windows: { horizon: 5 } });
    await call('PUT', `templates/${first.templateId}`, draft({ windows: { horizon: 9 } }));
    const newest = await call<Version>('POST', `templates/${first.templateId}/clone`, {});
    expect([newest.status, newest.etag]).toEqual([201, '"1"']);
    expect(newest.body).toMatchObject({ version: 1, name: 'weekly (copy)', given: { windows: { horizon: 9 } } });
    expect(newest.body.templateId).not.toBe(first.templateId);
    const old = await call<Version>('POST', `templates/${first.templateId}/clone`, { version: 1, name: 'again' });
    expect(old.body).toMatchObject({ name: 'again', given: first.given, parameters: first.parameters });
  });

  it('are deleted with their versions when nothing uses them', async () => {
    const { templateId } = await create();
    const path = `templates/${templateId}`;
    await call('PUT', path, draft({ windows: { horizon: 2 } }));
    expect((await call('DELETE', path)).status).toBe(204);
    for (const gone of [path, `${path}/versions/1`, `${path}/versions`]) {
      const { status, body } = await call<Problem>('GET', gone);
      expect([status, body.code, body.message]).toEqual([
        404,
        'TEMPLATE_NOT_FOUND',
        `There is no template ${templateId}`,
      ]);
    }
    expect((await call<Problem>('DELETE', path)).status).toBe(404);
  });

  it('are kept while something uses them, and name what does', async () => {
    const { templateId } = await create();
    const users = new Map([[templateId, ['exe_1', 'exe_2']]]);
    const service = running.app.get(TemplatesService);
    service.registerUsageCheck('executions', async (id) => users.get(id) ?? []);
    const { status, body } = await call<Problem>('DELETE', `templates/${templateId}`);
    expect([status, body.code]).toEqual([409, 'TEMPLATE_IN_USE']);
    expect(body.message).toBe(`Template ${templateId} is used by 2 executions (exe_1, exe_2): delete them first`);
    expect(body.details.users).toEqual({ executions: ['exe_1', 'exe_2'] });
    users.clear();
    expect((await call('DELETE', `templates/${templateId}`)).status).toBe(204);
  });

  it('keep their dataset from being deleted, by their newest version', async () => {
    const other = await importDataset('other');
    const { templateId } = await create({ data: { datasetId: other, targets: ['EUR'] } });
    const refused = await call<Problem>('DELETE', `datasets/${other}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'DATASET_IN_USE']);
    expect(JSON.stringify(refused.body.details)).toContain(templateId);
    await call('PUT', `templates/${templateId}`, draft());
    expect((await call('DELETE', `datasets/${other}`)).status).toBe(204);
  });

  it('are created once for one Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'retry-7' };
    const answers = await Promise.all(
      [1, 2, 3].map(() => call<Version>('POST', 'templates', draft({}, 'once'), headers)),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ body }) => body.templateId)).size).toBe(1);
    const other = await call<Problem>('POST', 'templates', draft({}, 'twice'), headers);
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  });

  describe('that cannot be', () => {
    const table: [name: string, change: object, status: number, code: string, path: string][] = [
      ['an unknown dataset', { data: { datasetId: 'dst_0', targets: ['EUR'] } }, 404, 'DATASET_NOT_FOUND', ''],
      [
        'an end before its start',
        { data: { start: '2020-02-01', end: '2020-01-01' } },
        422,
        'RANGE_INVERTED',
        'data.end',
      ],
      ['an unknown algorithm', { algorithm: { name: 'oracle' } }, 422, 'ALGORITHM_UNKNOWN', 'algorithm.name'],
      [
        'a hyperparameter out of range',
        { algorithm: { name: 'seasonal-naive', hyperparameters: { seasonLength: 1e9 } } },
        422,
        'PARAMETER_INVALID',
        'algorithm.hyperparameters.seasonLength',
      ],
      ['a horizon over the limit', { windows: { horizon: 1_001 } }, 422, 'LIMIT_EXCEEDED', 'windows.horizon'],
      [
        'a test part inside the train part',
        { split: { by: 'date', trainEnd: '2020-01-20', validationEnd: '2020-01-10' } },
        422,
        'TEST_INSIDE_TRAIN',
        'split.validationEnd',
      ],
    ];

    it.each(table)('are refused and not stored: %s', async (_name, change, status, code, path) => {
      const before = (await call<Listed>('GET', 'templates?limit=500')).body.items.length;
      const { data = {}, ...others } = change as { data?: object };
      const body = draft({ data: { datasetId, targets: ['EUR'], ...data }, ...others });
      const answer = await call<Problem>('POST', 'templates', body);
      expect([answer.status, answer.body.code]).toEqual([status, code]);
      if (path !== '') expect(answer.body.details.path).toBe(path);
      expect((await call<Listed>('GET', 'templates?limit=500')).body.items).toHaveLength(before);
    });

    it('are refused for an asset that the dataset does not have, with the nearest name', async () => {
      const { status, body } = await call<Problem>(
        'POST',
        'templates',
        draft({ data: { datasetId, targets: ['EUT'] } }),
      );
      expect([status, body.code, body.message]).toEqual([
        422,
        'ASSET_UNKNOWN',
        `data.targets names EUT, which is not in dataset ${datasetId} version 1: did you mean EUR?`,
      ]);
    });

    it('are refused for a column that an asset does not have', async () => {
      const data = { datasetId, targets: ['EUR'], column: 'volume' };
      const { status, body } = await call<Problem>('POST', 'templates', draft({ data }));
      expect([status, body.code]).toEqual([422, 'COLUMN_UNKNOWN']);
      expect(body.message).toMatch(/^data\.column is volume, and asset EUR has only /);
    });

    it('are refused with all fields that do not fit, infinite numbers among them', async () => {
      const text = `{"name":"x","parameters":{"data":{"datasetId":"${datasetId}","targets":[]},
        "gaps":{"largeShare":1e999},"windows":{"horizon":0,"lookback":4}}}`;
      const { status, body } = await call<Problem>('POST', 'templates', text);
      expect([status, body.code]).toEqual([400, 'VALIDATION_FAILED']);
      expect(body.details.errors).toEqual(
        expect.arrayContaining([
          { path: 'data.targets', value: [], message: 'targets must be a list of different asset ids, at least one' },
          {
            path: 'gaps.largeShare',
            value: 'Infinity',
            message: 'largeShare must be a number conforming to the specified constraints',
          },
          { path: 'windows.horizon', value: 0, message: 'horizon must not be less than 1' },
          { path: 'windows.lookback', value: 4, message: 'there is no such field' },
        ]),
      );
      expect(body.details.errors).toHaveLength(4);
    });

    it.each([
      [{ parameters: {} }, 'name'],
      [{ name: 'x' }, 'parameters'],
      [{ name: 'x', parameters: [1] }, 'parameters'],
      [{ name: 'x', parameters: {}, owner: 'me' }, 'owner'],
    ])('are refused without their parts: %j', async (body, path) => {
      const answer = await call<Problem>('POST', 'templates', body);
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
      expect((answer.body.details.errors as { path: string }[]).map((error) => error.path)).toContain(path);
    });

    it('are not found', async () => {
      const { templateId } = await create();
      const none = await call<Problem>('GET', `templates/${templateId}/versions/7`);
      expect([none.status, none.body.code, none.body.message]).toEqual([
        404,
        'TEMPLATE_NOT_FOUND',
        `Template ${templateId} has no version 7; its newest is 1`,
      ]);
      expect((await call<Problem>('PUT', 'templates/tpl_0', draft())).status).toBe(404);
      expect((await call<Problem>('POST', 'templates/tpl_0/clone', {})).status).toBe(404);
      const word = await call<Problem>('GET', `templates/${templateId}/versions/new`);
      expect([word.status, word.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    });
  });
});
