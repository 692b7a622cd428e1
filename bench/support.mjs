import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export { ApiClient } from '../dist/cli/api-client.js';
export { startService } from '../dist/cli/service-process.js';
export { percentile } from './percentile.mjs';
export { sleep };

/** A fresh data directory and what starts the service on it, quietly, on a free port. */
export function freshInstallation(extra = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
  const environment = {
    TRAINYARD_PORT: '0',
    TRAINYARD_DATABASE: 'embedded',
    TRAINYARD_DATA_DIR: dataDir,
    TRAINYARD_LOG_LEVEL: 'error',
    ...extra,
  };
  return { dataDir, environment, remove: () => rmSync(dataDir, { recursive: true, force: true }) };
}

/** A seeded random walk with a daily season: `rows` hours of `assets` series, wide CSV. */
export function syntheticCsv(rows, assets, seed = 1) {
  let state = seed >>> 0;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const levels = Array.from({ length: assets }, () => 100);
  const lines = [`date,${levels.map((_, at) => `s${at + 1}`).join(',')}`];
  for (let row = 0; row < rows; row++) {
    const time = new Date(Date.UTC(2020, 0, 1) + row * 3_600_000).toISOString();
    const values = levels.map((level, at) => {
      levels[at] = level + random() - 0.5;
      return (levels[at] + 5 * Math.sin((row / 24) * 2 * Math.PI + at)).toFixed(4);
    });
    lines.push(`${time},${values.join(',')}`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Imports wide hourly data and saves an LSTM template on it that trains for a good while. */
export async function prepareTraining(api, { rows = 4_000, epochs = 30, name = 'bench' } = {}) {
  const dataset = await api.upload(
    `/datasets?name=${name}&layout=wide&columnsAs=assets`,
    syntheticCsv(rows, 3),
    'text/csv',
  );
  const template = await api.post('/templates', {
    name,
    parameters: {
      data: { datasetId: dataset.datasetId, targets: ['s1'], baseAssets: 'all' },
      windows: { lookBack: 24, horizon: 6 },
      algorithm: { name: 'lstm', hyperparameters: { epochs, patience: epochs } },
      training: { checkpointEveryEpochs: 1 },
    },
  });
  return { dataset, template };
}

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'STOPPED'];

export async function waitUntilEnded(api, executionId, timeoutMs = 300_000, pollMs = 250) {
  const begin = Date.now();
  while (Date.now() - begin < timeoutMs) {
    const execution = await api.get(`/executions/${executionId}`);
    if (ENDED.includes(execution.status)) return execution;
    await sleep(pollMs);
  }
  throw new Error(`execution ${executionId} did not end within ${timeoutMs} ms`);
}
