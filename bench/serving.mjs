// Requests a second and latency of endpoints under load from a second process, for ridge and an LSTM:
//   npm run build && node bench/serving.mjs [python] [seconds]
// Every answer is a stored prediction. Where a Python with onnxruntime and a web server is named
// (bench/serving-venv.sh <folder> makes one), it serves the same LSTM as ONNX in the same run and stores nothing.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ApiClient, freshInstallation, startService, syntheticCsv, waitUntilEnded } from './support.mjs';

const [python, seconds = 10, names = 'ridge,lstm'] = process.argv.slice(2);
const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK']));
const LOOK_BACK = 30;
const WINDOWS = 64;
const installation = freshInstallation();
const service = await startService(installation.environment);
const api = new ApiClient(service.url);

const csv = syntheticCsv(2_000, 1);
const dataset = await api.upload('/datasets?name=bench&layout=wide&columnsAs=assets', csv, 'text/csv');
const rows = csv
  .toString()
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));

async function deploy(name, algorithm) {
  const { templateId } = await api.post('/templates', {
    name,
    parameters: {
      data: { datasetId: dataset.datasetId, targets: ['s1'], baseAssets: 'all' },
      windows: { lookBack: LOOK_BACK, horizon: 1 },
      algorithm,
      registration: { model: name },
    },
  });
  const { executionId } = await api.post('/executions', { templateId });
  const { status, model, error } = await waitUntilEnded(api, executionId);
  if (status !== 'SUCCEEDED') throw new Error(`${name}: ${status} ${error?.message ?? ''}`);
  await api.post('/endpoints', { name, model: model.name, version: model.version });
  return executionId;
}

function nativeBodies() {
  return Array.from({ length: WINDOWS }, (_, at) => {
    const window = rows.slice(at, at + LOOK_BACK);
    return JSON.stringify({
      window: { times: window.map(([time]) => time), series: { s1: window.map(([, value]) => Number(value)) } },
    });
  });
}

function load(settings) {
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

/** CPU seconds so far of the service, and of its database server. */
function cpuSeconds() {
  const of = (pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND };
  };
  const children = readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) &&
        of(name).parent === service.pid &&
        /dynoxide/.test(readFileSync(`/proc/${name}/cmdline`, 'latin1'))
      );
    } catch {
      return false;
    }
  });
  return [of(service.pid).seconds, children.reduce((sum, pid) => sum + of(pid).seconds, 0)];
}

async function measure(label, url, bodies, headers = {}) {
  await load({ url, bodies, headers, connections: 8, rate: 0, seconds: 2 });
  for (const [how, connections, rate] of [
    ['as fast as answered', 16, 0],
    ['1,000 a second', 32, 1000],
    ['200 a second', 16, 200],
  ]) {
    const before = cpuSeconds();
    const { perSecond, p50, p99, max, statuses, failed } = await load({
      url,
      bodies,
      headers,
      connections,
      rate,
      seconds,
    });
    const answers = Object.values(statuses).reduce((sum, count) => sum + count, 0);
    const cpu = cpuSeconds().map((one, at) => (((one - before[at]) * 1000) / answers).toFixed(2));
    const cells = [label, how, perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2), max.toFixed(1), ...cpu];
    console.log(
      `| ${[
        ...cells,
        Object.entries(statuses)
          .map((one) => one.join(': '))
          .join(', '),
        failed,
      ].join(' | ')} |`,
    );
  }
}

try {
  await deploy('ridge', { name: 'ridge' });
  const lstm = await deploy('lstm', { name: 'lstm', hyperparameters: { epochs: 2 } });
  console.log(
    '| endpoint | load | answers/s | p50 ms | p99 ms | max ms | CPU ms an answer | of the database | statuses | failed |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const name of names.split(',')) {
    await measure(`${name}, native`, `${service.url}/api/v1/endpoints/${name}/forecast`, nativeBodies());
  }
} finally {
  await service.stop();
  installation.remove();
}
