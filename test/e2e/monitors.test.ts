import { Installation, seasonalCsv } from '../support/service.js';

interface Finding {
  readonly asset: string;
  readonly of: string;
  readonly source: string;
  readonly psi: number;
  readonly isDrift: boolean | null;
}

interface Run {
  readonly runId: string;
  readonly by: string;
  readonly told: string[];
  readonly failure: null;
  readonly findings: {
    readonly modelVersion: number;
    readonly datasetVersion: number;
    readonly predictions: number;
    readonly inputs: { readonly status: string; readonly findings: Finding[] };
    readonly error: { readonly status: string; readonly findings: { readonly ratio: number }[] };
  };
}

interface Monitor {
  readonly settings: { readonly everyMinutes: number | null; readonly psi: number; readonly retrain: object | null };
  readonly inputs: { readonly status: string; readonly runId: string | null };
  readonly error: { readonly status: string };
  readonly retraining: { readonly executionId: string; readonly runId: string; readonly ended: string | null } | null;
  readonly retrainings: number;
  readonly nextRunAt: string;
}

interface Event {
  readonly type: string;
  readonly actor: string;
  readonly modelVersion: number | null;
  readonly reason: string;
  readonly data: Record<string, unknown>;
}

const ROWS = 400;
const NEW_ROWS = 120;
const SHIFT = 300;
const LOOK_BACK = 24;
const HORIZON = 4;
const LINES = new TextDecoder()
  .decode(seasonalCsv(ROWS + NEW_ROWS))
  .trim()
  .split('\n');
const ROWS_TOLD = LINES.slice(1).map((line) => line.split(',') as [string, string, string]);

/** Real: the service as it ships, with a dataset whose load jumps by far more than it ever did. */
describe('drift, on the service as it ships', () => {
  const installation = new Installation();
  const api = () => installation.api;
  const send = async <Body>(method: string, path: string, body?: object): Promise<{ status: number; body: Body }> => {
    const response = await fetch(`${installation.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body };
  };
  const run = async (): Promise<Run> => (await send<Run>('POST', '/endpoints/load/monitor/run')).body;
  const put = async (body: object): Promise<Monitor> =>
    (await send<Monitor>('PUT', '/endpoints/load/monitor', body)).body;
  const monitor = () => api().get<Monitor>('/endpoints/load/monitor');
  const told = async (): Promise<Event[]> => {
    const { items } = await api().get<{ items: Event[] }>('/endpoints/load/activity');
    return items.filter(({ type }) => /^(drift|retraining)\./.test(type)).reverse();
  };
  const settings = { minimumForecasts: 10, minimumSamples: 50 };

  beforeAll(async () => {
    await installation.start();
    const csv = new TextEncoder().encode(`${LINES.slice(0, 1 + ROWS).join('\n')}\n`);
    const { datasetId } = await api().upload<{ datasetId: string }>('/datasets?name=plant', csv, 'text/csv');
    const { templateId } = await api().post<{ templateId: string }>('/templates', {
      name: 'load',
      parameters: {
        data: { datasetId, datasetVersion: 1, targets: ['load'], baseAssets: 'all' },
        windows: { lookBack: LOOK_BACK, horizon: HORIZON },
        algorithm: { name: 'ridge' },
        registration: { model: 'load' },
      },
    });
    const overrides = { windows: { lookBack: LOOK_BACK + 1 } };
    const { executionId } = await api().post<{ executionId: string }>('/executions', { templateId, overrides });
    await installation.finish(executionId);
    await api().post('/endpoints', { name: 'load', model: 'load' });

    expect(await put(settings)).toMatchObject({
      settings: { everyMinutes: 60, cron: null, psi: 0.2, significance: 0.01, errorRatio: 1.5, retrain: null },
      inputs: { status: 'unknown', since: null },
      error: { status: 'unknown' },
    });
    // Nothing was predicted and nothing appended.
    expect(await run()).toMatchObject({
      by: 'anonymous',
      told: [],
      failure: null,
      findings: { modelVersion: 1, predictions: 0, inputs: { status: 'unknown' }, error: { status: 'unknown' } },
    });

    // What goes on as it always did is forecast, and what comes is not that.
    for (let at = 0; at < 12; at++) {
      const rows = ROWS_TOLD.slice(ROWS - LOOK_BACK - 1 + at * HORIZON, ROWS + at * HORIZON);
      const series = {
        load: rows.map(([, load]) => Number(load)),
        temperature: rows.map(([, , value]) => Number(value)),
      };
      await api().post('/endpoints/load/forecast', { window: { times: rows.map(([time]) => time), series } });
    }
    const shifted = ROWS_TOLD.slice(ROWS).map(([time, load, value]) => `${time},${Number(load) + SHIFT},${value}`);
    const rows = new TextEncoder().encode(`${[LINES[0], ...shifted].join('\n')}\n`);
    await api().upload(`/datasets/${datasetId}/rows`, rows, 'text/csv');
  }, 240_000);
  afterAll(() => installation.remove());

  it('finds drift of inputs and error with numbers, and tells once', async () => {
    const first = await run();
    expect(first.told).toEqual(['drift.inputs', 'drift.error']);
    expect(first.findings).toMatchObject({ datasetVersion: 2, predictions: 12 });
    const { inputs, error } = first.findings;
    const drifted = inputs.findings.filter(({ isDrift }) => isDrift === true);
    expect(drifted.map(({ asset, of, source }) => [asset, of, source])).toEqual([['load', 'values', 'dataset']]);
    expect(drifted[0]!.psi).toBeGreaterThan(2);
    const temperature = inputs.findings.filter(({ asset }) => asset === 'temperature');
    expect(temperature.map(({ isDrift }) => isDrift)).not.toContain(true);
    expect(error.status).toBe('drifted');
    expect(error.findings[0]!.ratio).toBeGreaterThan(100);

    expect((await run()).told).toEqual([]);
    const events = await told();
    expect(events.map(({ type, actor, modelVersion }) => [type, actor, modelVersion])).toEqual([
      ['drift.inputs', 'monitor', 1],
      ['drift.error', 'monitor', 1],
    ]);
    expect(events[0]!.reason).toMatch(/^values of load in 120 new rows of the dataset: PSI \d/);
    expect(events[0]!.data).toMatchObject({ runId: first.runId, drifted: 1 });
    expect(await monitor()).toMatchObject({ inputs: { status: 'drifted', runId: first.runId } });
    const { items } = await api().get<{ items: Run[] }>('/endpoints/load/monitor/results');
    expect(items.map((one) => one.told.length)).toEqual([0, 2, 0]);
    expect(items[1]).toEqual(first);
  });

  it('answers with one training on the newest data, registered as a version of the same model', async () => {
    await put({ ...settings, retrain: { on: ['inputs'] } });
    const { runId } = await run();
    const { retraining } = await monitor();
    expect(retraining).toMatchObject({ runId, ended: null });
    const { executionId } = retraining!;
    await run();
    expect(await monitor()).toMatchObject({ retrainings: 1, retraining: { executionId } });
    expect(await installation.finish(executionId)).toMatchObject({
      model: { name: 'load', version: 2 },
      datasetVersion: 2,
      createdBy: 'trainyard',
    });
    const execution = await api().get<{ parameters: { windows: object } }>(`/executions/${executionId}`);
    expect(execution.parameters.windows).toMatchObject({ lookBack: LOOK_BACK + 1 });
    expect(await api().get(`/models/load/versions/2`)).toMatchObject({ approval: 'PendingManualApproval' });
    // Too soon after the last one.
    await run();
    expect(await monitor()).toMatchObject({ retrainings: 1, retraining: { executionId, ended: 'SUCCEEDED' } });
    const events = (await told()).slice(2);
    expect(
      events.map(({ type, actor, modelVersion, data }) => [type, actor, modelVersion, data['executionId']]),
    ).toEqual([
      ['retraining.started', 'trainyard', 1, executionId],
      ['retraining.finished', 'trainyard', 2, executionId],
    ]);
    expect(events[0]!.reason).toMatch(/^inputs drifted since 20/);
    expect(events[0]!.data).toMatchObject({ runId, drift: ['inputs'], datasetVersion: 2 });
  }, 240_000);

  it('tells when it is over', async () => {
    await put({ ...settings, psi: 100, errorRatio: 1_000_000 });
    const { told: ended } = await run();
    expect(ended).toEqual(['drift.recovered', 'drift.recovered']);
    expect((await told()).slice(-2).map(({ data }) => data['kind'])).toEqual(['inputs', 'error']);
    expect(await monitor()).toMatchObject({ inputs: { status: 'ok' }, error: { status: 'ok' } });
  });

  it.each([
    ['PUT', '/endpoints/none/monitor', 404, 'ENDPOINT_NOT_FOUND'],
    ['PUT', '/endpoints/load/monitor', 422, 'PARAMETER_INVALID'],
    ['DELETE', '/endpoints/load/monitor', 204, undefined],
    ['GET', '/endpoints/load/monitor', 404, 'MONITOR_NOT_FOUND'],
    ['POST', '/endpoints/load/monitor/run', 404, 'MONITOR_NOT_FOUND'],
  ])('answers %s %s with %d %s', async (method, path, status, code) => {
    const answer = await send<{ code?: string }>(method, path, method === 'PUT' ? { cron: 'daily' } : undefined);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });
});
