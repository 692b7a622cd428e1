import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { serialize } from 'node:v8';
import type { TrainingJob } from '#src/training/worker/protocol.js';

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

/** The path of a program that trains as a service does, says so, and goes on until it is killed. */
export function parentScript(job: TrainingJob): string {
  const module = new URL('../../dist/training/training-host.js', import.meta.url).href;
  const directory = mkdtempSync(join(tmpdir(), 'trainyard-parent-'));
  const jobFile = join(directory, 'job');
  writeFileSync(jobFile, serialize(job));
  const file = join(directory, 'parent.mjs');
  writeFileSync(
    file,
    `import { readFileSync } from 'node:fs';
     import { deserialize } from 'node:v8';
     import { TrainingHost } from ${JSON.stringify(module)};
     const job = deserialize(readFileSync(${JSON.stringify(jobFile)}));
     const host = new TrainingHost();
     host.start(job, ({ type }) => {
       if (type !== 'epoch') return;
       host.expect(job);
       console.log('trains');
     });`,
  );
  return file;
}

function script(source: string): URL {
  const directory = mkdtempSync(join(tmpdir(), 'trainyard-worker-'));
  const file = join(directory, 'worker.mjs');
  writeFileSync(file, source);
  return pathToFileURL(file);
}
