// Two LSTM trainings at once against one after the other, the API meanwhile, and what a training leaves behind:
//   npm run build && node bench/two-trainings.mjs [epochs] [trainings]
import { clearInterval, setInterval } from 'node:timers';
import { readdirSync, readFileSync } from 'node:fs';
import { twoOverOne } from './machine.mjs';
import {
  ApiClient,
  freshInstallation,
  percentile,
  prepareTraining,
  sleep,
  startService,
  waitUntilEnded,
} from './support.mjs';

const epochs = Number(process.argv[2] ?? 60);
const trainings = Number(process.argv[3] ?? 100);
const installation = freshInstallation({ TRAINYARD_TRAINING_CONCURRENCY: '2' });
const service = await startService(installation.environment);
const api = new ApiClient(service.url);

/** Of /proc/<pid>/status, in MiB; 0 for a process that is gone. */
function memoryMiB(pid, field) {
  try {
    return (
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) /
      1024
    );
  } catch {
    return 0;
  }
}

/** Children of the service that train, or wait to. */
function trainingProcesses() {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(parent) !== service.pid || state === 'Z') return [];
      const title = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')[0];
      return title.startsWith('trainyard training') ? [{ pid: Number(name), title }] : [];
    } catch {
      return [];
    }
  });
}

/** Peak memory of each process while it trained, by process. */
const peaks = new Map();
const watching = setInterval(() => {
  for (const { pid, title } of trainingProcesses()) {
    const peak = memoryMiB(pid, 'VmHWM');
    if (peak > 0) peaks.set(pid, { peak, trained: title.includes('exe_') });
  }
}, 250);

/** Of the least-squares line through the points. */
function slopeOf(points) {
  const [meanX, meanY] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const square = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return square === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / square;
}

/** As a page that is kept up to date asks, whether or not the last answer has come. */
const REQUESTS_A_SECOND = 20;
const latencies = [];
function measureApi() {
  const asked = [];
  const timer = setInterval(() => {
    const begin = performance.now();
    asked.push(api.get('/executions?limit=20').then(() => latencies.push(performance.now() - begin)));
  }, 1_000 / REQUESTS_A_SECOND);
  return async () => {
    clearInterval(timer);
    await Promise.all(asked);
  };
}

/** Asking takes a share of the two processors: 50 times a second it took half of one. */
const POLL_MS = 500;

async function train(template, seeds, hyperparameters) {
  const begin = performance.now();
  const started = await Promise.all(
    seeds.map((seed) =>
      api.post('/executions', {
        templateId: template.templateId,
        overrides: { training: { seed, checkpointEveryEpochs: 5 }, algorithm: { name: 'lstm', hyperparameters } },
      }),
    ),
  );
  const ended = [];
  for (const { executionId } of started) ended.push(await waitUntilEnded(api, executionId, 3_600_000, POLL_MS));
  const failed = ended.find(({ status }) => status !== 'SUCCEEDED');
  if (failed !== undefined) throw new Error(`${failed.executionId}: ${failed.status} ${failed.error?.message ?? ''}`);
  return (performance.now() - begin) / 1000;
}

try {
  const { template } = await prepareTraining(api, { rows: 2_600, epochs });
  const long = { epochs, patience: epochs };
  await train(template, [1], { epochs: 1 });
  await sleep(3_000);
  const single = await train(template, [2], long);
  await sleep(3_000);
  const both = await train(template, [3, 4], long);
  await sleep(3_000);
  // Not in the same run: answering takes a share of the two processors that the trainings would have had.
  const endMeasuring = measureApi();
  const bothAsked = await train(template, [5, 6], long);
  await endMeasuring();
  console.log(`one training of ${epochs} epochs ${single.toFixed(2)} s, two at once ${both.toFixed(2)} s:`);
  console.log(`  ${((2 * single) / both).toFixed(2)} times the throughput of one`);
  console.log(`  two processes that only compute: ${(await twoOverOne()).toFixed(2)} times one`);
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(latencies, share).toFixed(1));
  console.log(
    `two more with ${REQUESTS_A_SECOND} GET /executions a second: ${bothAsked.toFixed(2)} s; ` +
      `${latencies.length} requests, p50 ${p50} ms, p99 ${p99} ms`,
  );
  const trained = [...peaks.values()].filter((one) => one.trained).map(({ peak }) => peak);
  console.log(`peak memory of a training process: ${percentile(trained, 0.5).toFixed(0)} MiB`);

  const short = { epochs: 1 };
  const resident = [];
  for (let at = 0; at < trainings; at += 2) {
    await train(template, [at, at + 1], short);
    resident.push([at + 2, memoryMiB(service.pid, 'VmRSS')]);
    if (at + 2 === Math.min(20, trainings) || at + 2 >= trainings || (at + 2) % 20 === 0) {
      const descriptors = readdirSync(`/proc/${service.pid}/fd`).length;
      console.log(
        `after ${at + 2} short trainings: service ${memoryMiB(service.pid, 'VmRSS').toFixed(0)} MiB, ` +
          `${descriptors} open files, ${trainingProcesses().length} training processes (one waits)`,
      );
    }
  }
  // What the service first needs is no leak: the first part is left out.
  const later = resident.slice(Math.floor(resident.length * 0.4));
  console.log(
    `memory of the service over the last ${2 * later.length} trainings: ${(1024 * slopeOf(later)).toFixed(0)} KiB a training`,
  );
} finally {
  clearInterval(watching);
  await service.stop();
  const left = trainingProcesses();
  if (left.length > 0) console.log(`left behind: ${left.map(({ title }) => title).join(', ')}`);
  installation.remove();
}
