import { setTimeout as sleep } from 'node:timers/promises';
import { io } from 'socket.io-client';
import { decideReaping } from '#src/endpoint-reaper/reaping-policy.js';
import { FEATURE_STEPS, getFeatureStep } from '#src/ml/features/feature-steps.js';
import { alignAssets } from '#src/ml/processing/align-assets.js';
import { DAY_MS, differingRows, featureInput, randomWalk, regularTimes, seededUniform } from '../support/series.js';
import { examplePlan } from '../support/training-example.js';
import { Installation } from '../support/service.js';

/**
 * What the two systems before this one got wrong, each as a test by its name. A: the asset-prediction pipelines on
 * SageMaker; B: the sensor simulator. Elsewhere: an autoencoder that keeps to the training window (fit-autoencoder), a
 * gap classifier whose answer is used (gap-classifier), and resuming after kill -9 (main-job).
 */

const TRADING_DAYS = 420;
/** Trading days on which the second asset has no row: a hole as a delisting leaves it. */
const HOLE = { start: 120, end: 190 };

/** Weekdays from Monday 2018-01-01, long CSV: two assets that drift together; the second one pauses. */
function tradingCsv(): { readonly csv: Uint8Array; readonly last: number } {
  const [first, second] = [randomWalk(TRADING_DAYS, 1, 100), randomWalk(TRADING_DAYS, 2, 50)];
  const lines = ['date,asset,close'];
  let time = Date.UTC(2018, 0, 1);
  let last = time;
  for (let day = 0; day < TRADING_DAYS; day++) {
    while ([0, 6].includes(new Date(time).getUTCDay())) time += DAY_MS;
    last = time;
    const date = new Date(time).toISOString().slice(0, 10);
    lines.push(`${date},ALPHA,${first[day]!.toFixed(4)}`);
    if (day < HOLE.start || day >= HOLE.end) lines.push(`${date},BETA,${second[day]!.toFixed(4)}`);
    time += DAY_MS;
  }
  return { csv: new TextEncoder().encode(`${lines.join('\n')}\n`), last };
}

describe('defects of the predecessors, on the service as it ships', () => {
  const installation = new Installation({ TRAINYARD_TRAINING_CONCURRENCY: '1' });
  const { csv, last } = tradingCsv();
  let datasetId: string;
  let templateId: string;
  let model: { readonly name: string; readonly version: number };
  let executionId: string;

  const start = async (overrides: object = {}) =>
    (await installation.api.post<{ executionId: string }>('/executions', { templateId, overrides })).executionId;

  beforeAll(async () => {
    await installation.start();
    const dataset = await installation.api.upload<{ datasetId: string }>(
      '/datasets?name=prices&layout=long&assetColumn=asset',
      csv,
      'text/csv',
    );
    datasetId = dataset.datasetId;
    const template = await installation.api.post<{ templateId: string }>('/templates', {
      name: 'prices',
      parameters: {
        data: { datasetId, targets: ['ALPHA'], baseAssets: ['ALPHA'] },
        windows: { lookBack: 10, horizon: 7 },
        algorithm: { name: 'ridge' },
      },
    });
    templateId = template.templateId;
    executionId = await start();
    ({ model } = await installation.finish(executionId));
    await installation.api.post('/endpoints', { name: 'prices', model: model.name, version: model.version });
  }, 240_000);
  afterAll(() => installation.remove());

  it('A: with autoencoder and Fourier features off, nothing was written, or it crashed', async () => {
    const { parameters } = await installation.api.get<{
      parameters: { features: Record<'autoencoder' | 'fourier' | 'arima', { enabled: boolean }> };
    }>(`/executions/${executionId}`);
    const { autoencoder, fourier, arima } = parameters.features;
    expect([autoencoder.enabled, fourier.enabled, arima.enabled]).toEqual([false, false, false]);
    const { items } = await installation.api.get<{ items: { name: string; bytes: number }[] }>(
      `/executions/${executionId}/artifacts`,
    );
    const written = items.filter(({ bytes }) => bytes > 0).map(({ name }) => name);
    expect(written).toEqual(expect.arrayContaining(['model.json', 'processing.json', 'report.json', 'forecast.png']));
  });

  it('A: an edited template lost what it was: editing makes a version, executions keep theirs', async () => {
    const path = `/templates/${templateId}`;
    const first = await installation.api.get<{ name: string; parameters: object }>(`${path}/versions/1`);
    const response = await fetch(`${installation.url}/api/v1${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'prices',
        parameters: {
          data: { datasetId, targets: ['ALPHA'], baseAssets: ['ALPHA'] },
          windows: { lookBack: 20, horizon: 7 },
          algorithm: { name: 'ridge' },
        },
      }),
    });
    expect(((await response.json()) as { version: number }).version).toBe(2);
    expect(await installation.api.get(`${path}/versions/1`)).toEqual(first);
    const execution = await installation.api.get<{ templateVersion: number; parameters: { windows: object } }>(
      `/executions/${executionId}`,
    );
    expect(execution).toMatchObject({ templateVersion: 1, parameters: { windows: { lookBack: 10 } } });
  });

  it('A: a new prediction overwrote the last one', async () => {
    const one = await installation.api.post<{ predictionId: string }>('/endpoints/prices/forecast');
    const other = await installation.api.post<{ predictionId: string }>('/endpoints/prices/forecast');
    const { items } = await installation.api.get<{ items: { predictionId: string }[] }>(
      '/endpoints/prices/predictions',
    );
    expect(items.map(({ predictionId }) => predictionId)).toEqual([other.predictionId, one.predictionId]);
  });

  it('A: prediction dates were calendar days for trading-day input', async () => {
    const { forecasts } = await installation.api.post<{ forecasts: { times: string[] }[] }>(
      '/endpoints/prices/forecast',
    );
    const days = forecasts[0]!.times.map((time) => new Date(time).getUTCDay());
    expect(days.filter((day) => day === 0 || day === 6)).toEqual([]);
    expect(forecasts[0]!.times).toHaveLength(7);
    // Seven trading days are nine to eleven calendar days.
    const span = (Date.parse(forecasts[0]!.times[6]!) - last) / DAY_MS;
    expect(span).toBeGreaterThanOrEqual(9);
    expect(span).toBeLessThanOrEqual(11);
  });

  it('A: logs were one growing array in one item: they are pages of entries', async () => {
    const first = await installation.api.get<{ items: { sequence: number }[]; cursor: string | null }>(
      `/executions/${executionId}/logs?limit=2`,
    );
    expect(first.items).toHaveLength(2);
    const next = await installation.api.get<{ items: { sequence: number }[] }>(
      `/executions/${executionId}/logs?limit=2&cursor=${encodeURIComponent(first.cursor!)}`,
    );
    expect(next.items[0]!.sequence).toBeGreaterThan(first.items[1]!.sequence);
  });

  it('A: there was no live progress', async () => {
    const socket = io(`${installation.url}/executions`, { transports: ['websocket'], reconnection: false });
    const percents: number[] = [];
    const ended = new Promise((resolve) => socket.on('execution.completed', resolve));
    socket.on('execution.progress', ({ percent }: { percent: number }) => percents.push(percent));
    const answer = (await socket.emitWithAck('execution.start', { templateId, closeWhenDone: true })) as {
      ok: boolean;
    };
    expect(answer.ok).toBe(true);
    await ended;
    expect(percents.length).toBeGreaterThan(1);
    expect(percents).toEqual([...percents].sort((left, right) => left - right));
  }, 240_000);

  it('A: the registry approved everything by default', async () => {
    const version = await installation.api.get<{ approval: string }>(`/models/${model.name}/versions/${model.version}`);
    expect(version.approval).toBe('PendingManualApproval');
  });

  it('A: a second start with the same key started a second training', async () => {
    const body = JSON.stringify({ templateId });
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'twice' };
    const ids = await Promise.all(
      [1, 2].map(async () => {
        const answer = await fetch(`${installation.url}/api/v1/executions`, { method: 'POST', headers, body });
        return ((await answer.json()) as { executionId: string }).executionId;
      }),
    );
    expect(ids[1]).toBe(ids[0]);
    await installation.finish(ids[0]!);
  }, 240_000);

  it('B: gap detection looked at an empty attribute and never ran', async () => {
    const { assets } = await installation.api.get<{
      assets: { asset: string; gaps: { rows: number; size: string }[] }[];
    }>(`/datasets/${datasetId}/versions/1/gaps`);
    const beta = assets.find(({ asset }) => asset === 'BETA')!;
    expect(beta.gaps.map(({ rows, size }) => [rows, size])).toEqual([[HOLE.end - HOLE.start, 'large']]);
    expect(assets.find(({ asset }) => asset === 'ALPHA')!.gaps).toEqual([]);
  });

  it('B: all runs shared one model file', async () => {
    const other = await installation.finish(await start({ windows: { lookBack: 15 } }));
    const bytesOf = async (id: string) =>
      Buffer.from(await installation.api.bytes(`/executions/${id}/artifacts/model.json`));
    const [mine, theirs] = [await bytesOf(executionId), await bytesOf(other.executionId)];
    expect((JSON.parse(mine.toString()) as { lookBack: number }).lookBack).toBe(10);
    expect((JSON.parse(theirs.toString()) as { lookBack: number }).lookBack).toBe(15);
    expect(other.model).toEqual({ name: model.name, version: expect.any(Number) as number });
    expect(other.model.version).toBeGreaterThan(model.version);
  }, 240_000);

  it('B: there was no cancel', async () => {
    const id = await start({ algorithm: { name: 'lstm', hyperparameters: { epochs: 1_000, patience: 1_000 } } });
    while ((await installation.getExecution(id)).status !== 'TRAINING') await sleep(50);
    await installation.api.post(`/executions/${id}/cancel`);
    expect((await installation.finish(id, 'CANCELLED')).status).toBe('CANCELLED');
  }, 240_000);

  it('B: there was no error message', async () => {
    const id = await start({ windows: { lookBack: 300 } });
    const failed = await installation.finish(id, 'FAILED');
    expect(failed.error!.code).toBe('SERIES_TOO_SHORT');
    expect(failed.error!.message).toContain('look-back 300 + horizon 7');
  }, 240_000);
});

describe('defects of the predecessors, in the mathematics', () => {
  it('A: the warm-up of indicators was back-filled from the future', () => {
    for (const step of FEATURE_STEPS.filter(({ scope }) => scope === 'asset')) {
      if (step.requiredColumns !== undefined && step.requiredColumns({}).length > 0) continue;
      const warmUp = step.warmUp({});
      const columns = step.compute(featureInput(randomWalk(warmUp + 50, 4, 100)), {});
      const firstRows = columns.map(({ values }) => values.findIndex((value) => !Number.isNaN(value)));
      expect([step.name, Math.max(...firstRows)]).toEqual([step.name, warmUp]);
    }
  });

  it('A: the ARIMA column was the raw series, its predictions thrown away', () => {
    // x_t = 0.8·x_{t−1} + e: a forecast made a row before can know 0.8 of the way, and never e.
    const shock = seededUniform(8);
    let level = 0;
    const values = Float64Array.from({ length: 600 }, () => (level = 0.8 * level + shock() - 0.5));
    const [forecast] = getFeatureStep('arima').compute(featureInput(values), { order: [1, 0, 0] });
    const rows = Array.from({ length: 200 }, (_, at) => 400 + at);
    const meanSquare = (differences: number[]) =>
      differences.reduce((sum, difference) => sum + difference ** 2, 0) / differences.length;
    const error = meanSquare(rows.map((row) => forecast!.values[row]! - values[row]!));
    const naive = meanSquare(rows.map((row) => values[row - 1]! - values[row]!));
    // Var(e) = 1/12; of the raw series the error would be 0.
    expect(error).toBeGreaterThan(0.06);
    expect(error).toBeLessThan(naive);
    for (const row of rows) expect(Math.abs(forecast!.values[row]! - 0.8 * values[row - 1]!)).toBeLessThan(0.15);
  });

  it('A: the Fourier columns were those of the whole series, its future included', () => {
    const values = randomWalk(600, 12, 100);
    const shocked = values.map((value, row) => (row > 400 ? value + 1_000 : value));
    const compute = (series: Float64Array) => getFeatureStep('fourier').compute(featureInput(series), {});
    const before = compute(values);
    compute(shocked).forEach((column, at) => {
      expect(differingRows(column.values.subarray(0, 401), before[at]!.values.subarray(0, 401))).toEqual([]);
      expect(differingRows(column.values, before[at]!.values).length).toBeGreaterThan(100);
    });
  });

  it('A: the lags of the feature importance looked ahead', () => {
    const values = randomWalk(50, 3);
    for (const { name, values: lagged } of getFeatureStep('lags').compute(featureInput(values), { lags: [1, 5] })) {
      const lag = name === 'LAG_1' ? 1 : 5;
      for (let row = lag; row < 50; row++) expect(lagged[row]).toBe(values[row - lag]);
    }
  });

  it('A: an inner join dropped a day of all assets when one of them had a gap', () => {
    const times = regularTimes(200, DAY_MS);
    const rows = Array.from(times.keys()).filter((row) => row < 50 || row > 55);
    const frame = (asset: string, kept: readonly number[]) => ({
      asset,
      assetClass: null,
      frame: {
        times: Float64Array.from(kept, (row) => times[row]!),
        names: ['value'],
        columns: [Float64Array.from(kept)],
      },
    });
    const aligned = alignAssets([frame('north', [...times.keys()]), frame('south', rows)], examplePlan());
    expect(aligned.times).toHaveLength(200);
    expect(aligned.columns[0]!.some(Number.isNaN)).toBe(false);
    expect(aligned.columns[1]!.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0)).toBe(6);
  });

  it('A: an endpoint that was stuck in creation was never reaped', () => {
    const now = Date.UTC(2026, 0, 1);
    const at = (ageMs: number) => new Date(now - ageMs).toISOString();
    const endpoint = { status: 'Creating', idleMs: null, createdAt: at(3_600_000), lastUsedAt: at(3_600_000) } as never;
    const rules = { idleMs: 3_600_000, stuckMs: 600_000, useLagMs: 2_000 };
    expect(decideReaping(endpoint, 0, now, rules)).toEqual({
      action: 'clean',
      reason: 'in creation for 3600.0 s, more than 600.0 s',
    });
  });
});
