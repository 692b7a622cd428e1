// Imports a generated file through HTTP into a fresh embedded database and prints time, memory and responsiveness:
//   npm run build && node bench/dataset-import.mjs [rows] [columns] [csv|parquet|parquet-one-group]
// Parquet is written with Snappy, in row groups of 100,000 rows or all rows in one.
// The service runs in a process of its own, so that its peak memory is not that of the client.
import { Buffer } from 'node:buffer';
import { fork } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { URLSearchParams } from 'node:url';
import { fileURLToPath } from 'node:url';

const rows = Number(process.argv[2] ?? 1_000_000);
const columns = Number(process.argv[3] ?? 5);
const form = process.argv[4] ?? 'csv';
const GROUP_ROWS = { parquet: 100_000, 'parquet-one-group': rows };
const CONTENT_TYPES = { csv: 'text/csv', parquet: 'application/vnd.apache.parquet' };
const contentType = form === 'csv' ? CONTENT_TYPES.csv : CONTENT_TYPES.parquet;
if (form !== 'csv' && GROUP_ROWS[form] === undefined)
  throw new Error(`"${form}" is not csv, parquet or parquet-one-group`);

if (process.send !== undefined) await serve();
else await measure();

/** Child: the dataset routes on a free loopback port. */
async function serve() {
  await import('reflect-metadata');
  const { NestFactory } = await import('@nestjs/core');
  const { Module } = await import('@nestjs/common');
  const { ConfigModule } = await import('../dist/common/config/index.js');
  const { HttpModule, configureApplication } = await import('../dist/common/http/index.js');
  const { DatabaseModule } = await import('../dist/database/index.js');
  const { DatasetsModule, DatasetsService } = await import('../dist/datasets/index.js');
  class BenchModule {}
  Module({ imports: [ConfigModule, HttpModule, DatabaseModule, DatasetsModule] })(BenchModule);
  const app = await NestFactory.create(BenchModule, { bodyParser: false, logger: ['fatal', 'error', 'warn'] });
  configureApplication(app);
  await app.listen(0, '127.0.0.1');
  const eventLoopDelay = monitorEventLoopDelay({ resolution: 5 });
  eventLoopDelay.enable();
  let cpuBefore = process.cpuUsage();
  process.on('message', async (message) => {
    if (message === 'reset') {
      eventLoopDelay.reset();
      cpuBefore = process.cpuUsage();
      return;
    }
    if (message === 'stop') {
      await app.close();
      process.exit(0);
    }
    const eventLoop = { p99Ms: round(eventLoopDelay.percentile(99) / 1e6), maxMs: round(eventLoopDelay.max / 1e6) };
    const cpu = process.cpuUsage(cpuBefore);
    const startedAt = performance.now();
    const frames = await app.get(DatasetsService).loadFrames(message.datasetId, 1, [message.asset]);
    process.send({
      loadMs: performance.now() - startedAt,
      loadedRows: frames[0].frame.times.length,
      eventLoop,
      cpuSeconds: round((cpu.user + cpu.system) / 1e6),
      peakMiB: process.resourceUsage().maxRSS / 1024,
    });
  });
  process.send({ url: await app.getUrl() });
}

async function measure() {
  const dataDir = mkdtempSync(join(tmpdir(), 'trainyard-bench-'));
  const child = fork(fileURLToPath(import.meta.url), [], {
    env: { ...process.env, TRAINYARD_DATA_DIR: dataDir, TRAINYARD_LIMIT_ROWS: '100000000' },
  });
  try {
    const { url } = await answer(child);
    const file = join(dataDir, 'bench.data');
    const names = Array.from({ length: columns }, (_, at) => `c${at + 1}`);
    if (form === 'csv') await pipeline(Readable.from(csv(names)), createWriteStream(file));
    else await writeParquet(file, names);
    const query = new URLSearchParams({ name: 'bench', columnsAs: 'columns', asset: 'bench' });
    const latencies = [];
    let importing = true;
    const probing = (async () => {
      while (importing) {
        const startedAt = performance.now();
        await send('GET', `${url}/api/v1/datasets?limit=1`, null);
        latencies.push(performance.now() - startedAt);
        await delay(10);
      }
    })();
    const idleMiB = residentMiB(child.pid);
    child.send('reset');
    const startedAt = performance.now();
    const result = await send('POST', `${url}/api/v1/datasets?${query}`, file);
    const importMs = performance.now() - startedAt;
    importing = false;
    await probing;
    const idle = answer(child);
    child.send({ datasetId: result.datasetId, asset: 'bench' });
    const { loadMs, loadedRows, peakMiB, eventLoop, cpuSeconds } = await idle;
    latencies.sort((a, b) => a - b);
    const percentile = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
    console.log(
      JSON.stringify(
        {
          form,
          rows,
          columns,
          fileMiB: Math.round(statSync(file).size / 2 ** 20),
          node: process.version,
          importSeconds: round(importMs / 1000),
          serviceCpuSeconds: cpuSeconds,
          loadSeconds: round(loadMs / 1000),
          loadedRows,
          serviceIdleMiB: idleMiB,
          servicePeakMiB: Math.round(peakMiB),
          serviceEventLoop: eventLoop,
          otherRequests: latencies.length,
          otherRequestsMsP50: round(percentile(0.5)),
          otherRequestsMsP99: round(percentile(0.99)),
          otherRequestsMsMax: round(percentile(1)),
        },
        null,
        2,
      ),
    );
  } finally {
    child.send('stop');
    await new Promise((resolve) => child.once('exit', resolve));
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** One minute per row from 2000 on, prices with six decimals from a fixed linear congruential generator. */
function* csv(names) {
  const random = generator();
  let text = `time,${names.join(',')}\n`;
  for (let row = 0; row < rows; row++) {
    const time = new Date(Date.UTC(2000, 0, 1) + row * 60_000).toISOString().slice(0, 19).replace('T', ' ');
    text += `${time},${names.map(() => (100 + random() * 50).toFixed(6)).join(',')}\n`;
    if (text.length > 65_536) {
      yield Buffer.from(text);
      text = '';
    }
  }
  yield Buffer.from(text);
}

async function writeParquet(file, names) {
  const { parquetWriteFile } = await import('hyparquet-writer');
  const random = generator();
  const drawn = names.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++)
    for (const column of drawn) column[row] = Math.round((100 + random() * 50) * 1e6) / 1e6;
  const times = Array.from({ length: rows }, (_, row) => new Date(Date.UTC(2000, 0, 1) + row * 60_000));
  const columnData = [
    { name: 'time', data: times, type: 'TIMESTAMP' },
    ...drawn.map((data, at) => ({ name: names[at], data, type: 'DOUBLE', encoding: 'PLAIN' })),
  ];
  await parquetWriteFile({ filename: file, columnData, rowGroupSize: GROUP_ROWS[form] });
}

function generator() {
  let state = 42;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Of Linux; null elsewhere. */
function residentMiB(pid) {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);
  } catch {
    return null;
  }
}

function send(method, url, file) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { 'content-type': contentType } }, async (response) => {
      const body = Buffer.concat(await response.toArray()).toString();
      if (response.statusCode < 300) resolve(JSON.parse(body));
      else reject(new Error(`${response.statusCode}: ${body}`));
    });
    sent.on('error', reject);
    if (file === null) sent.end();
    else createReadStream(file).pipe(sent);
  });
}

function answer(child) {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
}

function round(value) {
  return Math.round(value * 100) / 100;
}
