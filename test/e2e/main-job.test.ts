import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { Installation, seasonalCsv } from '../support/service.js';

const ROWS = 600;

interface ForecastAnswer {
  predictionId: string;
  origin: string;
  forecasts: { asset: string; times: string[]; mean: number[] }[];
  window: { times: string[]; series: Record<string, number[]> };
}

describe('the main job, on the service as it ships', () => {
  const installation = new Installation({ TRAINYARD_ENDPOINT_IDLE_MS: '1500', TRAINYARD_REAPER_CRON: '* * * * * *' });
  let templateId: string;

  const start = async (overrides: object = {}) =>
    (await installation.api.post<{ executionId: string }>('/executions', { templateId, overrides })).executionId;
  const artifact = async (executionId: string, name: string) =>
    createHash('sha256')
      .update(await installation.api.bytes(`/executions/${executionId}/artifacts/${name}`))
      .digest('hex');

  beforeAll(async () => {
    await installation.start();
    const dataset = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=plant&layout=wide&columnsAs=assets',
      seasonalCsv(ROWS),
      'text/csv',
    );
    const template = await installation.api.post<{ templateId: string }>('/templates', {
      name: 'plant-load',
      parameters: {
        data: { datasetId: dataset.datasetId, targets: ['load'], baseAssets: 'all' },
        features: { calendar: { enabled: true }, technicalAnalysis: { enabled: true, assets: 'targets' } },
        windows: { lookBack: 24, horizon: 4 },
        algorithm: { name: 'lstm', hyperparameters: { epochs: 3, units: [8] } },
        registration: { model: 'plant-load' },
      },
    });
    templateId = template.templateId;
  }, 240_000);
  afterAll(() => installation.remove());

  it('gives the same model, processing, report and picture bytes twice, and after a restart', async () => {
    const names = [
      'model.json',
      'model.keras',
      'model.onnx',
      'model-card.md',
      'processing.json',
      'report.json',
      'forecast.png',
    ];
    const digests = async (executionId: string) => Promise.all(names.map((name) => artifact(executionId, name)));
    const first = await installation.finish(await start());
    const second = await installation.finish(await start());
    expect(await digests(second.executionId)).toEqual(await digests(first.executionId));
    expect(await installation.stop()).toBe(0);
    await installation.start();
    const third = await installation.finish(await start());
    expect(await digests(third.executionId)).toEqual(await digests(first.executionId));
    expect(third.metrics).toEqual(first.metrics);
    const other = await installation.finish(await start({ training: { seed: 99 } }));
    expect(other.modelSha256).not.toBe(first.modelSha256);
  }, 240_000);

  it('runs over the socket with overrides, live, and disconnects at the end', async () => {
    const socket = io(`${installation.url}/executions`, { transports: ['websocket'], reconnection: false });
    const statuses: string[] = [];
    const sequences: number[] = [];
    let progress = 0;
    const completed = new Promise((resolve, reject) => {
      socket.on('execution.status', (event: { sequence: number; status: string }) => {
        statuses.push(event.status);
        sequences.push(event.sequence);
      });
      socket.on('execution.progress', () => progress++);
      socket.on('execution.completed', resolve);
      socket.on('execution.failed', (event) => reject(new Error(JSON.stringify(event))));
    });
    const answer = (await socket.emitWithAck('execution.start', {
      templateId,
      overrides: { algorithm: { name: 'ridge' }, windows: { horizon: 6 } },
      closeWhenDone: true,
    })) as { ok: boolean; executionId: string };
    expect(answer.ok).toBe(true);
    const disconnected = new Promise((resolve) => socket.on('disconnect', resolve));
    await completed;
    expect(await disconnected).toBe('io server disconnect');
    expect(statuses).toEqual(['QUEUED', 'PREPARING', 'TRAINING', 'EVALUATING', 'REGISTERING', 'SUCCEEDED']);
    expect([...sequences].sort((a, b) => a - b)).toEqual(sequences);
    expect(progress).toBeGreaterThan(0);
    const detail = await installation.api.get<{
      overrides: object;
      parameters: { windows: object };
      origins: Record<string, string>;
      metrics: { test: { hasSkill: boolean } };
    }>(`/executions/${answer.executionId}`);
    expect(detail).toMatchObject({
      overrides: { algorithm: { name: 'ridge' }, windows: { horizon: 6 } },
      parameters: { windows: { lookBack: 24, horizon: 6, stride: 1 } },
      origins: { 'windows.horizon': 'override', 'windows.lookBack': 'template', 'windows.stride': 'default' },
      metrics: { test: { hasSkill: true } },
    });
  }, 240_000);

  it('serves, stores predictions, is reaped when idle, and wakes', async () => {
    const { api } = installation;
    const { model } = await installation.finish(await start({ algorithm: { name: 'ridge' } }));
    await api.post('/endpoints', { name: 'load-now', model: model.name, version: model.version });
    const forecast = await api.post<ForecastAnswer>('/endpoints/load-now/forecast');
    const last = Date.UTC(2024, 0, 1) + (ROWS - 1) * 3_600_000;
    expect(forecast.origin).toBe(new Date(last).toISOString());
    expect(forecast.forecasts.map(({ asset, times }) => [asset, times])).toEqual([
      ['load', [1, 2, 3, 4].map((step) => new Date(last + step * 3_600_000).toISOString())],
    ]);
    // The series is 100 + 20·sin(day) + 0.01·row with noise of ±0.5: the forecast must be near it.
    forecast.forecasts[0]!.mean.forEach((value, step) => {
      const row = ROWS + step;
      expect(Math.abs(value - (100 + 20 * Math.sin((row / 24) * 2 * Math.PI) + row * 0.01))).toBeLessThan(2);
    });
    const { items } = await api.get<{ items: ForecastAnswer[] }>('/endpoints/load-now/predictions');
    expect(items).toEqual([forecast]);
    expect(forecast.window.times).toHaveLength(24);

    const status = async () => (await api.get<{ status: string }>('/endpoints/load-now')).status;
    expect(await status()).toBe('InService');
    while ((await status()) !== 'Idle') await sleep(100);
    const woken = await api.post<ForecastAnswer>('/endpoints/load-now/forecast');
    expect(woken.forecasts).toEqual(forecast.forecasts);
    expect(woken.predictionId).not.toBe(forecast.predictionId);
    const { items: history } = await api.get<{ items: { type: string }[] }>('/endpoints/load-now/activity');
    expect(
      history
        .map(({ type }) => type)
        .reverse()
        .slice(0, 3),
    ).toEqual(['endpoint.deployed', 'endpoint.reaped', 'endpoint.woken']);
  }, 240_000);

  it('survives kill -9 during training: resumed, with the interruption in its log, to the same bytes', async () => {
    const overrides = {
      algorithm: { hyperparameters: { epochs: 12, patience: 12 } },
      training: { checkpointEveryEpochs: 1 },
    };
    const calm = await installation.finish(await start(overrides));
    const executionId = await start(overrides);
    for (const epoch of [2, 5]) {
      while (((await installation.getExecution(executionId)).checkpointEpoch ?? 0) < epoch) await sleep(20);
      await installation.kill();
      await installation.start();
    }
    const execution = await installation.finish(executionId);
    expect(execution.interruptions).toBe(2);
    expect(execution.modelSha256).toBe(calm.modelSha256);
    expect(execution.metrics).toEqual(calm.metrics);
    const { items } = await installation.api.get<{ items: { message: string }[] }>(
      `/executions/${executionId}/logs?limit=200`,
    );
    expect(items.map(({ message }) => message).join('\n')).toMatch(/interrupt/i);
  }, 240_000);

  it('cancels a training within a second', async () => {
    const executionId = await start({ algorithm: { hyperparameters: { epochs: 1_000, patience: 1_000 } } });
    while ((await installation.getExecution(executionId)).status !== 'TRAINING') await sleep(20);
    await installation.api.post(`/executions/${executionId}/cancel`);
    const execution = await installation.finish(executionId, 'CANCELLED', 5_000);
    expect(execution.error).toMatchObject({ code: 'CANCELLED' });
  }, 240_000);
});
