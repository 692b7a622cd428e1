import { Installation, seasonalCsv, type ExecutionAnswer } from '../support/service.js';

interface Scores {
  readonly original: { readonly mse: number; readonly mae: number };
  readonly scaled: { readonly mse: number; readonly mae: number };
}

interface Member {
  readonly name: string;
  readonly algorithm: string;
  readonly weight: number;
  readonly validation: Scores;
  readonly test: Scores;
}

interface Origin {
  readonly executionId: string;
  readonly model: { readonly name: string; readonly version: number } | null;
  readonly modelSha256: string;
}

type Started = ExecutionAnswer & {
  readonly members?: readonly Origin[];
  readonly parameters: {
    readonly windows: { readonly lookBack: number };
    readonly algorithm: { readonly hyperparameters: { readonly members: string } };
  };
  readonly origins: Record<string, string>;
};

interface Forecast {
  readonly origin: string;
  readonly forecasts: readonly {
    readonly asset: string;
    readonly times: readonly string[];
    readonly mean: readonly number[];
    readonly intervals: readonly { readonly lower: readonly number[]; readonly upper: readonly number[] }[];
  }[];
}

const ROWS = 480;
const APPENDED = 60;

/** Real: the service in a process, its trainings, its endpoints. */
describe('an ensemble over HTTP', () => {
  const installation = new Installation();
  let datasetId: string;
  let templateId: string;
  /** The members: ridge, ets and a network, each behind its own processing. */
  const members: ExecutionAnswer[] = [];
  let combined: ExecutionAnswer & { metrics: { validation: Scores; members: Member[] } };

  const start = (overrides: object) =>
    installation.api.post<Started>('/executions', { templateId, overrides: { ...overrides } });
  const failure = (overrides: object) => start(overrides).then(String, (error: Error) => error.message);
  const ensemble = (named: string, given: object = {}, rest: object = {}) => ({
    algorithm: { name: 'ensemble', hyperparameters: { members: named, ...given } },
    registration: { model: 'plant-ensemble' },
    ...rest,
  });

  const OVERRIDES: readonly object[] = [
    {
      algorithm: { name: 'ridge' },
      features: { calendar: { enabled: true }, lags: { enabled: true, lags: [1, 24] } },
      windows: { lookBack: 24 },
      registration: { model: 'plant-ridge' },
    },
    {
      algorithm: { name: 'ets' },
      windows: { lookBack: 72 },
      scaling: { targets: 'none' },
      registration: { model: 'plant-ets' },
    },
    {
      algorithm: { name: 'mlp', hyperparameters: { epochs: 3, units: [8], normalisation: 'none' } },
      windows: { lookBack: 12 },
      scaling: { inputs: 'difference', targets: 'difference' },
      registration: { model: 'plant-mlp' },
    },
  ];

  beforeAll(async () => {
    await installation.start();
    const all = new TextDecoder()
      .decode(seasonalCsv(ROWS + APPENDED))
      .trim()
      .split('\n');
    const csv = (lines: readonly string[]) => new TextEncoder().encode(`${[all[0], ...lines].join('\n')}\n`);
    const dataset = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=plant&layout=wide&columnsAs=assets',
      csv(all.slice(1, ROWS + 1)),
      'text/csv',
    );
    ({ datasetId } = dataset);
    const template = await installation.api.post<{ templateId: string }>('/templates', {
      name: 'plant-load',
      parameters: {
        data: { datasetId, targets: ['load'], baseAssets: 'all' },
        windows: { horizon: 4 },
      },
    });
    ({ templateId } = template);
    for (const overrides of OVERRIDES) {
      members.push(await installation.finish((await start(overrides)).executionId));
    }
    const named = [members[0]!.executionId, 'plant-ets', 'plant-mlp@1'].join(', ');
    const started = await start(ensemble(named));
    expect(started.members).toEqual(
      members.map(({ executionId, modelSha256, model }, at) => ({
        executionId,
        model: at === 0 ? null : model,
        modelSha256,
      })),
    );
    expect(started.parameters.algorithm.hyperparameters.members).toBe(
      `${members[0]!.executionId}, plant-ets@1, plant-mlp@1`,
    );
    expect(started.parameters.windows.lookBack).toBe(72);
    expect(started.origins).toMatchObject({
      'windows.lookBack': 'frozen',
      'algorithm.hyperparameters.members': 'frozen',
    });
    combined = (await installation.finish(started.executionId)) as typeof combined;
  }, 240_000);
  afterAll(() => installation.remove());

  it('shows the members, their weights and scores in the execution, the card and the lineage', async () => {
    const { metrics, executionId, model } = combined;
    expect(metrics.members.map(({ name, algorithm }) => [name, algorithm])).toEqual([
      [members[0]!.executionId, 'ridge'],
      ['plant-ets@1', 'ets'],
      ['plant-mlp@1', 'mlp'],
    ]);
    expect(metrics.members.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    // Greedy never errs more than the best member.
    const best = Math.min(...metrics.members.map(({ validation }) => validation.scaled.mse));
    expect(metrics.validation.scaled.mse).toBeLessThanOrEqual(best * (1 + 1e-12));
    const bytes = await installation.api.bytes(`/executions/${executionId}/artifacts/model-card.md`);
    const card = new TextDecoder().decode(bytes);
    expect(card).toContain('## Members');
    for (const { executionId: id, modelSha256 } of members) {
      expect(card).toContain(id.replace('_', '\\_'));
      expect(card).toContain(modelSha256);
    }
    const version = await installation.api.get<{ members: Origin[] }>(
      `/models/${model.name}/versions/${model.version}`,
    );
    expect(version.members.map(({ executionId: id }) => id)).toEqual(members.map(({ executionId: id }) => id));
  });

  it('forecasts the weighted mean of what its members forecast, on rows that came later, too', async () => {
    const { api } = installation;
    const mean = await installation.finish(
      (await start(ensemble(members.map(({ executionId }) => executionId).join(','), { method: 'mean' }))).executionId,
    );
    const models = [...members, combined, mean];
    for (const [at, { model }] of models.entries()) {
      await api.post('/endpoints', { name: `endpoint-${at}`, model: model.name, version: model.version });
    }
    const check = async (): Promise<string> => {
      const answers: Forecast[] = [];
      for (const at of models.keys()) answers.push(await api.post<Forecast>(`/endpoints/endpoint-${at}/forecast`, {}));
      const shares = [combined.metrics.members.map(({ weight }) => weight), [1 / 3, 1 / 3, 1 / 3]];
      for (const [at, weights] of shares.entries()) {
        const { mean: made, times } = answers[3 + at]!.forecasts[0]!;
        expect(times).toEqual(answers[0]!.forecasts[0]!.times);
        expect(made).toHaveLength(4);
        made.forEach((value, step) => {
          const expected = weights.reduce((sum, weight, k) => sum + weight * answers[k]!.forecasts[0]!.mean[step]!, 0);
          expect(Math.abs(value - expected)).toBeLessThan(1e-9);
        });
      }
      const { mean: point, intervals } = answers[3]!.forecasts[0]!;
      expect(intervals.length).toBeGreaterThan(0);
      for (const { lower, upper } of intervals) {
        point.forEach((value, step) => {
          expect(lower[step]!).toBeLessThan(value);
          expect(upper[step]!).toBeGreaterThan(value);
        });
      }
      return answers[3]!.forecasts[0]!.times[0]!;
    };
    const before = await check();
    const all = new TextDecoder()
      .decode(seasonalCsv(ROWS + APPENDED))
      .trim()
      .split('\n');
    const later = new TextEncoder().encode(`${[all[0], ...all.slice(ROWS + 1)].join('\n')}\n`);
    await api.upload(`/datasets/${datasetId}/rows`, later, 'text/csv');
    const after = await check();
    expect(Date.parse(after) - Date.parse(before)).toBe(APPENDED * 3_600_000);
  }, 240_000);

  it('gives the same bytes again, after kill -9, and when its members are gone', async () => {
    const named = members.map(({ executionId }) => executionId).join(', ');
    const pinned = { data: { datasetVersion: 1 } };
    const calm = await installation.finish((await start(ensemble(named, { bags: 3 }, pinned))).executionId);
    const { executionId } = await start(ensemble(named, { bags: 3 }, pinned));
    for (const member of members) {
      const { name, version } = member.model;
      for (const at of members.keys()) {
        await fetch(`${installation.url}/api/v1/endpoints/endpoint-${at}`, { method: 'DELETE' });
      }
      await fetch(`${installation.url}/api/v1/models/${name}/versions/${version}`, { method: 'DELETE' });
    }
    await installation.kill();
    await installation.start();
    const resumed = await installation.finish(executionId);
    expect(resumed.modelSha256).toBe(calm.modelSha256);
  }, 240_000);

  it('is backtested without refit, and scored at each cut-off', async () => {
    const named = members.map(({ executionId }) => executionId).join(', ');
    const overrides = ensemble(named, {}, { backtest: { windows: 3 } });
    const finished = await installation.finish((await start(overrides)).executionId);
    expect(finished.metrics).toMatchObject({ backtest: { refit: false, windows: 3, skipped: 0 } });
  }, 240_000);

  it('refuses what cannot be combined, with what differs', async () => {
    const ids = members.map(({ executionId }) => executionId);
    const named = ids.join(', ');
    expect(await failure(ensemble(named, {}, { windows: { horizon: 8 } }))).toMatch(
      /ENSEMBLE_MISMATCH.*cannot be a member: windows\.horizon is 8, there 4\. Set the template as there, or leave it out of algorithm\.hyperparameters\.members/,
    );
    expect(await failure(ensemble(named, {}, { data: { targets: ['temperature'] } }))).toMatch(
      /ENSEMBLE_MISMATCH.*data\.targets is \[\\"temperature\\"\], there \[\\"load\\"\]/,
    );
    expect(await failure(ensemble(ids[0]!))).toMatch(
      /PARAMETER_INVALID.*names 1 members: an ensemble combines 2 to 20/,
    );
    expect(await failure(ensemble(`${ids[0]}, ${ids[0]}`))).toMatch(/PARAMETER_INVALID.*is the same model as/);
    expect(await failure(ensemble(`${ids[0]}, -x`))).toMatch(/PARAMETER_INVALID.*is neither the id of an execution/);
    expect(await failure(ensemble(`${ids[0]}, nobody`))).toMatch(/MODEL_NOT_FOUND/);
    expect(await failure(ensemble(`${ids[0]}, ${combined.executionId}`))).toMatch(
      /PARAMETER_INVALID.*is an ensemble itself: name its members instead/,
    );
    expect(await failure(ensemble(named, {}, { backtest: { windows: 2, refit: true } }))).toMatch(
      /PARAMETER_INVALID.*combines models that are trained already: set backtest\.refit to false/,
    );
    expect(await failure(ensemble(named, {}, { task: 'direction' }))).toMatch(
      /PARAMETER_INVALID.*algorithm\.name ensemble cannot do the task direction/,
    );
    // Its members were trained on rows that would choose its weights.
    const { executionId } = await start(ensemble(named, {}, { split: { validation: 0.4, test: 0.3 } }));
    const failed = await installation.finish(executionId, 'FAILED');
    expect(failed.error).toMatchObject({
      code: 'LOOK_AHEAD',
      message: expect.stringMatching(
        /^The validation part begins at \d{4}-.*Z, and exe_\S+ was trained on rows up to \d{4}-.*Z: it would be scored on what it knows/,
      ) as string,
    });
  }, 240_000);
});
