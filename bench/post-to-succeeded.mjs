// From `POST /executions` to SUCCEEDED for a small LSTM, and where the time goes:
//   npm run build && node bench/post-to-succeeded.mjs [python] [times]
// 2,000 windows to train on, 30 rows of 8 columns, 32 units, 10 epochs. Where a Python with Keras is named (that of the
// lane conformance/keras), it reads the same rows from a CSV, trains the same network, tests it and writes its file, in one
// script that is started as many times.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { ApiClient, freshInstallation, sleep, startService, syntheticCsv } from './support.mjs';

const python = process.argv[2] || null;
const times = Number(process.argv[3] ?? 5);
/** 70 % of the rows, less a window and a step, are 2,000 windows. */
const ROWS = 2_900;
const SETTINGS = { lookBack: 30, units: 32, epochs: 10, batchSize: 64 };

const SPARE_STARTS_MS = 4_000;

const installation = freshInstallation();
const service = await startService(installation.environment);
const api = new ApiClient(service.url);

const TICK_MS = 1000 / Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout);

/** Processes below this one, and itself: processor time of their own and of children that have ended. */
function processes() {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [own, ended] = [fields.slice(11, 13), fields.slice(13, 15)].map(
        (ticks) => Number(ticks[0]) + Number(ticks[1]),
      );
      return [{ pid: Number(name), parent: Number(fields[1]), ownMs: own * TICK_MS, endedMs: ended * TICK_MS }];
    } catch {
      return [];
    }
  });
}

function cpuMsOfService() {
  const all = processes();
  const total = (pid) =>
    all.reduce(
      (sum, one) => sum + (one.pid === pid ? one.ownMs + one.endedMs : one.parent === pid ? total(one.pid) : 0),
      0,
    );
  return total(service.pid);
}

/** Processor time of the process that trains this execution; null when there is none, or none any more. */
function cpuMsOfTraining(executionId) {
  const found = processes().find(({ pid, parent }) => {
    if (parent !== service.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(executionId);
    } catch {
      return false;
    }
  });
  return found?.ownMs ?? null;
}

/** When each step began, in milliseconds after the request, with the processor time of the training so far. */
async function execute(templateId, seed) {
  const begin = performance.now();
  const steps = [{ step: 'posting', at: 0, cpuMs: null }];
  const { executionId } = await api.post('/executions', { templateId, overrides: { training: { seed } } });
  const mark = (step) => {
    const at = performance.now() - begin;
    if (steps.at(-1).step !== step) steps.push({ step, at, cpuMs: cpuMsOfTraining(executionId) });
  };
  mark('queued');
  const socket = io(`${service.url}/executions`, { auth: { executionId }, transports: ['websocket'] });
  try {
    await new Promise((resolve, reject) => {
      const refuse = (event) => reject(new Error(JSON.stringify(event)));
      socket.on('execution.progress', ({ step }) => mark(step));
      socket.on('execution.completed', () => {
        mark('SUCCEEDED');
        resolve();
      });
      socket.on('execution.failed', refuse);
      socket.on('execution.rejected', refuse);
      socket.on('connect_error', reject);
    });
  } finally {
    socket.disconnect();
  }
  return { executionId, steps };
}

function describe(steps) {
  return steps
    .slice(0, -1)
    .map(({ step, at, cpuMs }, n) => {
      const next = steps[n + 1];
      const cpu = next.cpuMs !== null && cpuMs !== null ? ` (${next.cpuMs - cpuMs})` : '';
      return `${step} ${(next.at - at).toFixed(0)}${cpu}`;
    })
    .join(', ');
}

try {
  const csv = syntheticCsv(ROWS, 8);
  const { datasetId } = await api.upload('/datasets?name=bench&layout=wide&columnsAs=assets', csv, 'text/csv');
  const { lookBack, units, epochs, batchSize } = SETTINGS;
  const { templateId } = await api.post('/templates', {
    name: 'post to succeeded',
    parameters: {
      data: { datasetId, targets: ['s1'], baseAssets: 'all' },
      windows: { lookBack, horizon: 1 },
      algorithm: { name: 'lstm', hyperparameters: { units: [units], epochs, patience: epochs, batchSize } },
    },
  });
  console.log('milliseconds, in brackets those of the processor in the training process');
  for (let run = 0; run <= times; run++) {
    const cpuBefore = cpuMsOfService();
    const { executionId, steps } = await execute(templateId, run + 1);
    // The process that waits for the next training has started by then: its time belongs to this one.
    await sleep(SPARE_STARTS_MS);
    const cpuMs = cpuMsOfService() - cpuBefore;
    const label = run === 0 ? 'first' : `run ${run}`;
    console.log(`${label}: ${steps.at(-1).at.toFixed(0)} to SUCCEEDED, all processes ${cpuMs.toFixed(0)}`);
    console.log(`  ${describe(steps)}`);
    if (process.env.VERBOSE) {
      const { items } = await api.get(`/executions/${executionId}/logs`);
      for (const { at, message } of items) console.log(`  ${at} ${message}`);
    }
  }
  if (python !== null) {
    const file = join(installation.dataDir, 'rows.csv');
    writeFileSync(file, csv);
    const script = fileURLToPath(new URL('post-to-succeeded-peer.py', import.meta.url));
    for (let run = 0; run <= times; run++) {
      const begin = performance.now();
      const given = [script, file, installation.dataDir, JSON.stringify(SETTINGS)];
      const output = execFileSync(python, given, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      const all = performance.now() - begin;
      console.log(
        `script with Keras: ${all.toFixed(0)} from its start to its end; ${output.trim().split('\n').at(-1)}`,
      );
    }
  }
} finally {
  await service.stop();
  installation.remove();
}
