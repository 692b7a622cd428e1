// Open-loop HTTP load from a process of its own: requests fall due at a fixed rate, whether or not earlier ones were
// answered, and latency counts from when a request was due; a rate of 0 sends as fast as answers come. Prints JSON.
//   node bench/http-load.mjs '{"url","headers","bodies":[…],"connections","rate","seconds"}'
import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './percentile.mjs';

const { url, headers = {}, bodies, connections, rate, seconds } = JSON.parse(process.argv[2]);
const { hostname, port, pathname } = new URL(url);
const requests = bodies.map((body) => {
  const lines = Object.entries({
    Host: `${hostname}:${port}`,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  return Buffer.from(
    `POST ${pathname} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
  );
});

const latencies = [];
const statuses = {};
let sent = 0;
let failed = 0;
const idle = [];
/** When the requests that no connection was free for fell due. */
const waiting = [];

function send(connection, due) {
  connection.due = due;
  connection.isAsking = true;
  connection.socket.write(requests[sent++ % requests.length]);
}

function answered(connection, status) {
  latencies.push(performance.now() - connection.due);
  connection.isAsking = false;
  statuses[status] = (statuses[status] ?? 0) + 1;
  if (rate === 0 && performance.now() < end) send(connection, performance.now());
  else if (waiting.length > 0) send(connection, waiting.shift());
  else idle.push(connection);
}

async function open() {
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const connection = { socket, due: 0, isAsking: false, buffered: Buffer.alloc(0) };
  socket.on('data', (chunk) => {
    const buffered = connection.buffered.length === 0 ? chunk : Buffer.concat([connection.buffered, chunk]);
    connection.buffered = buffered;
    const head = buffered.indexOf('\r\n\r\n');
    if (head < 0) return;
    const text = buffered.toString('latin1', 0, head);
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (buffered.length < head + 4 + length) return;
    connection.buffered = buffered.subarray(head + 4 + length);
    answered(connection, text.slice(9, 12));
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    if (!isRunning) return;
    // Servers close connections that nobody uses; only one that owed an answer has failed.
    if (connection.isAsking) failed++;
    else idle.splice(idle.indexOf(connection), 1);
  });
  await new Promise((resolve) => socket.once('connect', resolve));
  return connection;
}

let isRunning = true;
const all = await Promise.all(Array.from({ length: connections }, open));
const begin = performance.now();
const end = begin + seconds * 1000;
if (rate === 0) for (const connection of all) send(connection, performance.now());
else {
  idle.push(...all);
  for (let due = 0; performance.now() < end; await sleep(1)) {
    for (; begin + (due * 1000) / rate <= performance.now(); due++) {
      const connection = idle.pop();
      if (connection === undefined) waiting.push(begin + (due * 1000) / rate);
      else send(connection, begin + (due * 1000) / rate);
    }
  }
}
while (latencies.length + failed < sent + waiting.length && performance.now() < end + 10_000) {
  await sleep(10);
}
isRunning = false;
const took = (performance.now() - begin) / 1000;
for (const { socket } of all) socket.destroy();
console.log(
  JSON.stringify({
    perSecond: latencies.length / took,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    max: latencies.reduce((most, one) => Math.max(most, one), 0),
    statuses,
    failed: failed + sent + waiting.length - latencies.length,
  }),
);
