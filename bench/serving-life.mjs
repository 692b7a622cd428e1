// What callers see of an endpoint's life: the first call after reaping, and switches and reaping under load.
//   npm run build && node bench/serving-life.mjs [wakes] [seconds]
import { deploy, execute, load, rowsOf, windowBodies } from './load.mjs';
import { ApiClient, freshInstallation, percentile, sleep, startService, syntheticCsv } from './support.mjs';

const [wakes = 100, seconds = 60] = process.argv.slice(2).map(Number);
const LOOK_BACK = 30;
const RATE = 200;
const installation = freshInstallation({ TRAINYARD_ENDPOINT_IDLE_MS: '20' });
const service = await startService(installation.environment);
const api = new ApiClient(service.url);
const csv = syntheticCsv(2_000, 1);
const bodies = windowBodies(rowsOf(csv), LOOK_BACK, 64);
const url = `${service.url}/api/v1/endpoints/lstm/forecast`;

async function call() {
  const begin = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodies[0],
  });
  await response.text();
  if (response.status !== 200) throw new Error(`answered ${response.status}`);
  return performance.now() - begin;
}

async function measureWakes(callers) {
  const first = [];
  for (let at = 0; at < wakes; at++) {
    await sleep(25);
    while ((await api.get('/endpoints/lstm')).status !== 'Idle') await api.post('/endpoint-reaper/sweep');
    first.push(...(await Promise.all(Array.from({ length: callers }, call))));
  }
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(first, share).toFixed(1));
  console.log(`first call after reaping, ${callers} at once, ${wakes} times: p50 ${p50} ms, p99 ${p99} ms`);
}

try {
  const { datasetId } = await api.upload('/datasets?name=bench&layout=wide&columnsAs=assets', csv, 'text/csv');
  const lstm = { name: 'lstm', hyperparameters: { epochs: 2 } };
  const { templateId } = await deploy(api, datasetId, 'lstm', lstm, LOOK_BACK);
  await execute(api, templateId);
  const creations = [];
  for (let at = 0; at < 20; at++) {
    const begin = performance.now();
    await api.post('/endpoints', { name: `new-${at}`, model: 'lstm', version: 1 + (at % 2) });
    await api.post(`/endpoints/new-${at}/forecast`, JSON.parse(bodies[0]));
    creations.push(performance.now() - begin);
    await fetch(`${service.url}/api/v1/endpoints/new-${at}`, { method: 'DELETE' });
  }
  console.log(
    `creation to first answer, 20 times: p50 ${percentile(creations, 0.5).toFixed(1)} ms, max ${Math.max(...creations).toFixed(1)} ms`,
  );
  for (const callers of [1, 10]) await measureWakes(callers);

  let isOver = false;
  const since = new Date().toISOString();
  const loading = load({ url, bodies, connections: 16, rate: RATE, seconds }).finally(() => (isOver = true));
  let switches = 0;
  let sweeps = 0;
  for (let version = 2; !isOver; version = 3 - version) {
    await api.request('PATCH', '/endpoints/lstm', JSON.stringify({ version }), 'application/json');
    switches++;
    await api.post('/endpoint-reaper/sweep');
    sweeps++;
    await sleep(200);
  }
  const { statuses, failed, p50, p99 } = await loading;
  const { items } = await api.get('/endpoints/lstm/activity?limit=500');
  const reaped = items.filter(({ type, createdAt }) => type === 'endpoint.reaped' && createdAt >= since).length;
  console.log(
    `${RATE} requests a second for ${seconds} s, ${switches} switches, ${sweeps} sweeps (${reaped} reaped meanwhile): ` +
      `${JSON.stringify(statuses)}, ${failed} without an answer, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  );
} finally {
  await service.stop();
  installation.remove();
}
