import { setTimeout as sleep } from 'node:timers/promises';
import { Installation, seasonalCsv } from '../support/service.js';

const CALLERS = 8;

describe('predictions and the end of the process', () => {
  const installation = new Installation();
  afterAll(() => installation.remove());

  /** Forecasts without end, until the service does not answer any more; the ids of the answers. */
  async function askUntilGone(): Promise<string[]> {
    const answered: string[] = [];
    const ask = async (): Promise<void> => {
      for (;;) {
        const answer = await installation.api
          .post<{ predictionId: string }>('/endpoints/load/forecast')
          .catch(() => null);
        if (answer === null) return;
        answered.push(answer.predictionId);
      }
    };
    const callers = Array.from({ length: CALLERS }, ask);
    while (answered.length < 200) await sleep(5);
    await installation.kill();
    await Promise.all(callers);
    return answered;
  }

  it('kill -9 under load loses none that was answered, three times in a row', async () => {
    await installation.start();
    const { api } = installation;
    const { datasetId } = await api.upload<{ datasetId: string }>(
      '/datasets?name=load&layout=wide&columnsAs=assets',
      seasonalCsv(400),
      'text/csv',
    );
    const { templateId } = await api.post<{ templateId: string }>('/templates', {
      name: 'load',
      parameters: {
        data: { datasetId, targets: ['load'] },
        windows: { lookBack: 24, horizon: 3 },
        algorithm: { name: 'naive' },
        registration: { model: 'load' },
      },
    });
    const { executionId } = await api.post<{ executionId: string }>('/executions', { templateId });
    await installation.finish(executionId);
    await api.post('/endpoints', { name: 'load', model: 'load' });

    const answered: string[] = [];
    for (let round = 0; round < 3; round++) {
      answered.push(...(await askUntilGone()));
      await installation.start();
    }
    const stored = new Set<string>();
    let cursor: string | null = null;
    do {
      const page: { items: { predictionId: string }[]; cursor: string | null } = await installation.api.get(
        `/endpoints/load/predictions?limit=100${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      for (const { predictionId } of page.items) stored.add(predictionId);
      ({ cursor } = page);
    } while (cursor !== null);
    expect(answered.length).toBeGreaterThanOrEqual(600);
    expect(answered.filter((id) => !stored.has(id))).toEqual([]);
  });
});
