import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { waitUntilEnded } from './support.mjs';

/** Runs http-load.mjs in a process of its own; its figures. */
export function load(settings) {
  return new Promise((resolve, reject) => {
    const script = fileURLToPath(new URL('http-load.mjs', import.meta.url));
    const child = spawn(process.execPath, [script, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.once('exit', (code) =>
      code === 0 ? resolve(JSON.parse(output)) : reject(new Error(`load ended with ${code}`)),
    );
  });
}

/** Runs the template; the execution as it ended. */
export async function execute(api, templateId) {
  const { executionId } = await api.post('/executions', { templateId });
  return waitUntilEnded(api, executionId);
}

/** Trains on the dataset and deploys the model under the template's name. */
export async function deploy(api, datasetId, name, algorithm, lookBack) {
  const { templateId } = await api.post('/templates', {
    name,
    parameters: {
      data: { datasetId, targets: ['s1'], baseAssets: 'all' },
      windows: { lookBack, horizon: 1 },
      algorithm,
      registration: { model: name },
    },
  });
  const { executionId, status, model, error } = await execute(api, templateId);
  if (status !== 'SUCCEEDED') throw new Error(`${name}: ${status} ${error?.message ?? ''}`);
  await api.post('/endpoints', { name, model: model.name, version: model.version });
  return { executionId, templateId };
}

/** Bodies of native forecasts from windows one row apart; `rows` are [time, value]. */
export function windowBodies(rows, lookBack, count) {
  return Array.from({ length: count }, (_, at) => {
    const window = rows.slice(at, at + lookBack);
    return JSON.stringify({
      window: { times: window.map(([time]) => time), series: { s1: window.map(([, value]) => Number(value)) } },
    });
  });
}

/** The rows of a CSV of one series. */
export function rowsOf(csv) {
  return csv
    .toString()
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}
