import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Writes a worker thread's script to a fresh directory, for tests of what hosts do with workers that misbehave. */
export function workerScript(source: string): URL {
  const directory = mkdtempSync(join(tmpdir(), 'trainyard-worker-'));
  const file = join(directory, 'worker.mjs');
  writeFileSync(file, `import { parentPort, workerData } from 'node:worker_threads';\n${source}`);
  return pathToFileURL(file);
}
