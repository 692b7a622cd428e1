// Runs a command with the address of a service as its last argument; the service has a fresh database and goes with it.
//   node conformance/with-service.mjs COMMAND [ARGUMENT…]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '../dist/cli/service-process.js';

const [command, ...args] = process.argv.slice(2);
if (command === undefined) throw new Error('usage: node conformance/with-service.mjs COMMAND [ARGUMENT…]');
const dataDir = mkdtempSync(join(tmpdir(), 'trainyard-conformance-'));
const service = await startService({
  TRAINYARD_PORT: '0',
  TRAINYARD_DATABASE: 'embedded',
  TRAINYARD_DATA_DIR: dataDir,
  TRAINYARD_LOG_LEVEL: 'error',
});
try {
  const child = spawn(command, [...args, service.url], { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await service.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
