import { Installation, seasonalCsv } from '../support/service.js';

interface Interval {
  readonly coverage: number;
  readonly lower: number[];
  readonly upper: number[];
}

interface Answer {
  readonly predictionId: string;
  readonly forecasts: readonly { readonly asset: string; readonly mean: number[]; readonly intervals: Interval[] }[];
}

const HORIZON = 3;

/** Real: the service as it ships, models with distributions of their own, their endpoints. */
describe('intervals of the model itself', () => {
  const installation = new Installation();
  let datasetId = '';

  beforeAll(async () => {
    await installation.start();
    ({ datasetId } = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=plant',
      seasonalCsv(300),
      'text/csv',
    ));
  }, 60_000);
  afterAll(() => installation.remove());

  it.each([
    ['ets', {}],
    ['deepar', { layers: 1, cells: 8, epochs: 3, samples: 40 }],
  ])(
    'of %s are kept, measured and answered',
    async (name, hyperparameters) => {
      const { api } = installation;
      const { templateId } = await api.post<{ templateId: string }>('/templates', {
        name,
        parameters: {
          data: { datasetId, targets: ['load', 'temperature'], baseAssets: 'all' },
          windows: { lookBack: 48, horizon: HORIZON },
          algorithm: { name, hyperparameters },
          registration: { model: name },
        },
      });
      const { executionId } = await api.post<{ executionId: string }>('/executions', { templateId });
      await installation.finish(executionId);
      const kept = await api.get<object>(`/executions/${executionId}/artifacts/forecast-intervals.json`);
      expect(kept).toEqual({ format: 1, method: 'quantiles', coverages: [0.8, 0.95] });
      const report = await api.get<{ test: { intervals: { overall: { coverage: number }[] } } }>(
        `/executions/${executionId}/report`,
      );
      const measured = report.test.intervals.overall;
      expect(measured.map(({ coverage }) => coverage)).toEqual([0.8, 0.95]);
      await api.post('/endpoints', { name, model: name });
      const answer = await api.post<Answer>(`/endpoints/${name}/forecast`);
      expect(answer.forecasts.map(({ asset }) => asset)).toEqual(['load', 'temperature']);
      for (const { mean, intervals } of answer.forecasts) {
        const [narrow, wide] = intervals;
        expect([narrow!.coverage, wide!.coverage]).toEqual([0.8, 0.95]);
        mean.forEach((value, step) => {
          const ends = [wide!.lower, narrow!.lower, [], narrow!.upper, wide!.upper].map((end) => end[step] ?? value);
          expect(ends).toEqual([...ends].sort((a, b) => a - b));
          expect(wide!.upper[step]! - wide!.lower[step]!).toBeGreaterThan(0);
        });
      }
      const { items } = await api.get<{ items: Answer[] }>(`/endpoints/${name}/predictions`);
      expect(items).toEqual([answer]);
    },
    240_000,
  );
});
