// Requests a second and latency of endpoints under load from a second process, for ridge and an LSTM:
//   npm run build && node bench/serving.mjs [python] [seconds] [a second]
// Every answer is a stored prediction. Where a Python with onnxruntime and FastAPI is named (bench/serving-venv.sh
// <folder> makes one), it serves the same LSTM as ONNX in the same run; it checks and stores nothing.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deploy, load, rowsOf, windowBodies } from './load.mjs';
import { ApiClient, freshInstallation, sleep, startService, syntheticCsv } from './support.mjs';

const [python = '', seconds = 10, rate = 1000] = process.argv.slice(2);
const LOOK_BACK = 30;
const WINDOWS = 64;
const installation = freshInstallation({ TRAINYARD_TRAINING_CONCURRENCY: '1' });
const service = await startService(installation.environment);
const api = new ApiClient(service.url);
const csv = syntheticCsv(2_000, 1);
const rows = rowsOf(csv);

async function measure(label, url, bodies, headers = {}) {
  await load({ url, bodies, headers, connections: 8, rate: 0, seconds: 3 });
  for (const [how, connections, rateOfLoad] of [
    ['as fast as answered', 16, 0],
    [`${rate} a second`, 64, Number(rate)],
    ['200 a second', 16, 200],
  ]) {
    const figures = await load({ url, bodies, headers, connections, rate: rateOfLoad, seconds: Number(seconds) });
    const { perSecond, p50, p99, max, statuses, failed } = figures;
    const others = Object.entries(statuses).filter(([status]) => status !== '200');
    print(label, how, perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2), max.toFixed(1), [
      failed === 0 ? '' : `${failed} without an answer`,
      ...others.map(([status, count]) => `${count} × ${status}`),
    ]);
  }
}

function print(...cells) {
  console.log(`| ${cells.map((cell) => (Array.isArray(cell) ? cell.filter(Boolean).join(', ') : cell)).join(' | ')} |`);
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function measurePeer(executionId) {
  const file = join(installation.dataDir, 'model.onnx');
  writeFileSync(file, await api.bytes(`/executions/${executionId}/artifacts/model.onnx`));
  const port = await freePort();
  const script = fileURLToPath(new URL('serving-peer.py', import.meta.url));
  const peer = spawn(python, [script, file, String(port)], { stdio: ['ignore', 'inherit', 'inherit'] });
  const url = `http://127.0.0.1:${port}/forecast`;
  try {
    for (let tries = 0; ; tries++) {
      if (
        await fetch(url, { method: 'POST' }).then(
          () => true,
          () => false,
        )
      )
        break;
      if (tries > 300) throw new Error('the peer did not start');
      await sleep(100);
    }
    const bodies = Array.from({ length: WINDOWS }, (_, at) =>
      JSON.stringify({ values: rows.slice(at, at + LOOK_BACK).map(([, value]) => Number(value)) }),
    );
    await measure('LSTM as ONNX behind FastAPI', url, bodies);
  } finally {
    peer.kill();
  }
}

try {
  const { datasetId } = await api.upload('/datasets?name=bench&layout=wide&columnsAs=assets', csv, 'text/csv');
  await deploy(api, datasetId, 'ridge', { name: 'ridge' }, LOOK_BACK);
  const lstm = { name: 'lstm', hyperparameters: { epochs: 2, normalisation: 'none' } };
  const { executionId, templateId } = await deploy(api, datasetId, 'lstm', lstm, LOOK_BACK);
  print('endpoint', 'load', 'answers/s', 'p50 ms', 'p99 ms', 'max ms', 'failures');
  print(...Array.from({ length: 7 }, () => '---'));
  const native = windowBodies(rows, LOOK_BACK, WINDOWS);
  const csvBodies = Array.from({ length: WINDOWS }, (_, at) =>
    ['date,s1', ...rows.slice(at, at + LOOK_BACK).map((row) => row.join(','))].join('\n'),
  );
  for (const name of ['ridge', 'lstm']) {
    await measure(`${name}, native`, `${service.url}/api/v1/endpoints/${name}/forecast`, native);
    const invocations = `${service.url}/endpoints/${name}/invocations`;
    await measure(`${name}, SageMaker csv`, invocations, csvBodies, { 'Content-Type': 'text/csv' });
  }
  if (python !== '') await measurePeer(executionId);
  const overrides = { algorithm: { name: 'lstm', hyperparameters: { epochs: 1_000, patience: 1_000 } } };
  const training = await api.post('/executions', { templateId, overrides });
  while ((await api.get(`/executions/${training.executionId}`)).status !== 'TRAINING') await sleep(100);
  await measure('lstm, native, beside a training', `${service.url}/api/v1/endpoints/lstm/forecast`, native);
  await api.post(`/executions/${training.executionId}/cancel`);
} finally {
  await service.stop();
  installation.remove();
}
