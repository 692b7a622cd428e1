import { Installation, seasonalCsv } from '../support/service.js';

const ROWS = 400;
const HORIZON = 6;

/** By cut-off and asset, one value a step. */
type Forecasts = Map<string, number[]>;

describe('the online result and the offline evaluation of the same window', () => {
  const installation = new Installation({});
  const content = new TextDecoder().decode(seasonalCsv(ROWS)).trim().split('\n');
  const [header = '', ...rows] = content.map((line) => line.split(','));
  const assets = (header as unknown as string[]).slice(1);

  beforeAll(() => installation.start(), 60_000);
  afterAll(() => installation.remove());

  /** What a request would send that knows the rows up to a time. */
  function windowUpTo(time: string): object {
    const known = rows.filter(([at = '']) => at <= time);
    return {
      times: known.map(([at]) => at),
      series: Object.fromEntries(assets.map((asset, n) => [asset, known.map((row) => Number(row[n + 1]))])),
    };
  }

  async function offline(executionId: string): Promise<Forecasts> {
    const response = await fetch(`${installation.url}/api/v1/executions/${executionId}/artifacts/backtest.csv`);
    const [names = '', ...lines] = (await response.text()).trim().split('\n');
    const column = (name: string): number => names.split(',').indexOf(name);
    const found: Forecasts = new Map();
    for (const line of lines) {
      const cells = line.split(',');
      const key = `${cells[column('cutoff')]} ${cells[column('asset')]}`;
      found.set(key, [...(found.get(key) ?? []), Number(cells[column('model')])]);
    }
    return found;
  }

  it.each([
    ['ridge', {}],
    ['lstm', { units: [8], epochs: 2 }],
    ['boosting', { rounds: 20 }],
    ['ets', {}],
  ])('%s: both are the same to the bit, with features, one request alone or many at once', async (name, given) => {
    const { api } = installation;
    const { datasetId } = await api.upload<{ datasetId: string }>(
      `/datasets?name=${name}&layout=wide&columnsAs=assets`,
      seasonalCsv(ROWS),
      'text/csv',
    );
    const { templateId } = await api.post<{ templateId: string }>('/templates', {
      name,
      parameters: {
        data: { datasetId, targets: assets, baseAssets: 'all' },
        features: { calendar: { enabled: true }, technicalAnalysis: { enabled: true, assets: 'targets' } },
        windows: { lookBack: 48, horizon: HORIZON },
        algorithm: { name, hyperparameters: given },
        backtest: { windows: 6, step: 5 },
        registration: { model: name },
      },
    });
    const { executionId } = await api.post<{ executionId: string }>('/executions', { templateId });
    await installation.finish(executionId);
    await api.post('/endpoints', { name, model: name });
    const expected = await offline(executionId);
    expect(expected.size).toBe(6 * assets.length);
    const cutoffs = [...new Set([...expected.keys()].map((key) => key.split(' ')[0]!))];
    const ask = async (cutoff: string): Promise<void> => {
      const { forecasts } = await api.post<{ forecasts: { asset: string; mean: number[] }[] }>(
        `/endpoints/${name}/forecast`,
        { window: windowUpTo(cutoff) },
      );
      for (const { asset, mean } of forecasts)
        expect([cutoff, mean]).toEqual([cutoff, expected.get(`${cutoff} ${asset}`)]);
    };
    for (const cutoff of cutoffs) await ask(cutoff);
    await Promise.all(Array.from({ length: 5 }, () => cutoffs.map(ask)).flat());
  });
});
