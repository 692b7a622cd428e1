import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EvaluationReport } from '../ml/evaluation/evaluation-report.js';
import { ApiClient } from './api-client.js';
import { runExecution } from './demo/run-execution.js';
import { startService } from './service-process.js';
import { scoreTable } from './score-table.js';

/**
 * The main job, end to end, as a user would do it: over HTTP and a socket against the service in its own process with
 * the embedded database in a fresh directory. Four years of daily weather in Seattle (CC0, from the npm package
 * vega-datasets): two targets, four input series, an LSTM.
 */
const OUTPUT = resolve('demo-output');
const ENDPOINT_IDLE_MS = 3_000;
const REAPER_PATIENCE_MS = 30_000;

interface ForecastAnswer {
  predictionId: string;
  forecasts: { asset: string; times: string[]; mean: number[] }[];
}

const startedAt = Date.now();
const dataDir = mkdtempSync(join(tmpdir(), 'trainyard-demo-'));
const service = await startService({
  TRAINYARD_PORT: '0',
  TRAINYARD_HOST: '127.0.0.1',
  TRAINYARD_DATABASE: 'embedded',
  TRAINYARD_DATA_DIR: dataDir,
  TRAINYARD_API_KEYS: '',
  TRAINYARD_LOG_LEVEL: 'warn',
  TRAINYARD_ENDPOINT_IDLE_MS: String(ENDPOINT_IDLE_MS),
  TRAINYARD_REAPER_CRON: '* * * * * *',
});
try {
  await demonstrate(service.url);
} finally {
  const code = await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
  say(`The service ended with exit code ${code} after draining.`);
}
say(`Done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);

async function demonstrate(url: string): Promise<void> {
  const api = new ApiClient(url);
  say(`Trainyard runs at ${url} with the embedded database in ${dataDir}`);

  heading('1. Import a dataset');
  const csv = await readFile(weatherFile());
  const query = new URLSearchParams({
    name: 'seattle-weather',
    layout: 'wide',
    columnsAs: 'assets',
    valueColumns: 'temp_max,temp_min,precipitation,wind',
  });
  const dataset = await api.upload<{ datasetId: string; version: number; rows: number; assets: { id: string }[] }>(
    `/datasets?${query.toString()}`,
    csv,
    'text/csv',
  );
  const inspected = await api.get<{
    contentHash: string;
    assets: { asset: string; rows: number; start: string; end: string; step: { description: string } }[];
  }>(`/datasets/${dataset.datasetId}/versions/${dataset.version}`);
  say(`  dataset ${dataset.datasetId} version ${dataset.version}, content ${inspected.contentHash.slice(0, 12)}…`);
  for (const { asset, rows, start, end } of inspected.assets) {
    say(`  ${asset.padEnd(14)} ${rows} rows, ${start.slice(0, 10)} to ${end.slice(0, 10)}`);
  }

  heading('2. Save a template');
  const template = await api.post<{ templateId: string; version: number }>('/templates', {
    name: 'seattle-temperatures',
    parameters: {
      data: { datasetId: dataset.datasetId, targets: ['temp_max', 'temp_min'], baseAssets: 'all' },
      features: {
        calendar: { enabled: true },
        technicalAnalysis: { enabled: true, assets: 'targets' },
      },
      windows: { lookBack: 28, horizon: 7 },
      split: { by: 'ratio', validation: 0.15, test: 0.2 },
      algorithm: { name: 'lstm', hyperparameters: { epochs: 15, patience: 5 } },
      registration: { model: 'seattle-temperatures' },
    },
  });
  say(`  template ${template.templateId} version ${template.version}`);

  heading('3. Run an execution, watched over the socket');
  const executionId = await runExecution(url, template.templateId, process.stdout);

  heading('4. Scores beside the naive and the seasonal-naive forecast');
  say(scoreTable(await api.get<EvaluationReport>(`/executions/${executionId}/report`)));

  heading('5. Artifacts');
  mkdirSync(OUTPUT, { recursive: true });
  for (const name of ['forecast.png', 'model.keras']) {
    const bytes = await api.bytes(`/executions/${executionId}/artifacts/${name}`);
    const file = join(OUTPUT, name);
    writeFileSync(file, bytes);
    say(`  ${relative(process.cwd(), file)}  (${bytes.length} bytes)`);
  }

  heading('6. Deploy an endpoint and ask it');
  const execution = await api.get<{ model: { name: string; version: number } }>(`/executions/${executionId}`);
  const deployAt = performance.now();
  await api.post('/endpoints', { name: 'seattle', model: execution.model.name, version: execution.model.version });
  const answer = await api.post<ForecastAnswer>('/endpoints/seattle/forecast');
  say(`  from deployment to first answer: ${(performance.now() - deployAt).toFixed(0)} ms`);
  printForecast(answer);

  heading('7. The stored prediction');
  const predictions = await api.get<{ items: { predictionId: string; createdAt: string }[] }>(
    '/endpoints/seattle/predictions',
  );
  for (const { predictionId, createdAt } of predictions.items) say(`  ${predictionId}  ${createdAt}`);
  if (!predictions.items.some(({ predictionId }) => predictionId === answer.predictionId)) {
    throw new Error(`prediction ${answer.predictionId} is not among the stored ones`);
  }

  heading(`8. The reaper removes the endpoint once it is idle for ${ENDPOINT_IDLE_MS / 1000} s`);
  await waitForReaper(api);
}

async function waitForReaper(api: ApiClient): Promise<void> {
  const begin = Date.now();
  while (Date.now() - begin < REAPER_PATIENCE_MS) {
    const { status } = await api.get<{ status: string }>('/endpoints/seattle');
    if (status === 'Idle') {
      say(
        `  after ${((Date.now() - begin) / 1000).toFixed(1)} s the endpoint is ${status}: reaped, remembered, will wake`,
      );
      return;
    }
    await sleep(250);
  }
  throw new Error(`the reaper did not remove the endpoint within ${REAPER_PATIENCE_MS} ms`);
}

function printForecast({ forecasts }: ForecastAnswer): void {
  const [first] = forecasts;
  if (first === undefined) throw new Error('the forecast is empty');
  say(`  ${'day'.padEnd(12)}${forecasts.map(({ asset }) => asset.padStart(10)).join('')}`);
  first.times.forEach((time, step) => {
    const values = forecasts.map(({ mean }) => (mean[step] ?? NaN).toFixed(1).padStart(10)).join('');
    say(`  ${time.slice(0, 10).padEnd(12)}${values}`);
  });
}

/** The package exports its code only, so the data file is found beside it. */
function weatherFile(): string {
  const entry = fileURLToPath(import.meta.resolve('vega-datasets'));
  const root = entry.slice(0, entry.lastIndexOf('vega-datasets') + 'vega-datasets'.length);
  return join(root, 'data', 'seattle-weather.csv');
}

function heading(text: string): void {
  say(`\n${text}`);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
