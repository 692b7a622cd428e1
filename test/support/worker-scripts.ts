import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Writes a worker thread's script to a fresh directory, for tests of what hosts do with workers that misbehave. */
export function workerScript(source: string): URL {
  return script(`import { parentPort, workerData } from 'node:worker_threads';\n${source}`);
}

/** The same for a training process: with `receive()` for the job, `post()`, and `cancelled`. */
export function processScript(source: string): URL {
  const transfer = new URL('../../dist/training/job-transfer.js', import.meta.url).href;
  return script(`
    import { Socket } from 'node:net';
    const receive = async () =>
      (await import(${JSON.stringify(transfer)})).receiveJob(new Socket({ fd: 4, readable: true, writable: false }));
    const post = (message) => new Promise((resolve) => process.send(message, resolve));
    const cancelled = new Promise((resolve) => process.on('message', resolve));
    process.on('disconnect', () => process.exit(0));
    ${source}`);
}

function script(source: string): URL {
  const directory = mkdtempSync(join(tmpdir(), 'trainyard-worker-'));
  const file = join(directory, 'worker.mjs');
  writeFileSync(file, source);
  return pathToFileURL(file);
}
