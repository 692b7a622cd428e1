// A service in miniature, for tests that kill it: opens the embedded database in the given directory and prints one
// JSON line per event, so that whatever was printed was acknowledged before.
import { Buffer } from 'node:buffer';
import { setTimeout } from 'node:timers';
import { openDatabase } from '#src/database/index.js';
import { ARTIFACT_TABLES, ChunkedArtifactStore } from '#src/artifacts/index.js';

const [mode, dataDir] = process.argv.slice(2);
const print = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);

const ITEM_TABLE = {
  name: 'process-item',
  partitionKey: 'id',
  sortKey: 'number',
  attributes: { id: 'string', number: 'number', text: 'string' },
};

try {
  const database = await openDatabase({
    dataDir,
    database: { kind: 'embedded', endpoint: null, region: 'us-east-1', tablePrefix: '', createTables: true },
  });
  await database.ensureTables([ITEM_TABLE, ...ARTIFACT_TABLES]);
  const table = database.table(ITEM_TABLE);
  const opened = () => print({ event: 'open', pid: process.pid, address: database.address });
  if (mode !== 'drain') opened();
  if (mode === 'write') {
    const id = `run-${process.pid}`;
    for (let number = 0; ; number++) {
      await table.create({ id, number, text: 'x'.repeat(1_000) });
      print({ event: 'written', id, number });
    }
  }
  if (mode === 'artifacts') {
    const store = new ChunkedArtifactStore(database, { now: () => Date.now() });
    for (let number = 0; ; number++) {
      const { sha256 } = await store.write(
        'exe_1',
        'model.keras',
        Buffer.alloc(3_000_000, `${number}-`),
        'application/zip',
      );
      print({ event: 'written', number, sha256 });
    }
  }
  if (mode === 'drain') {
    // As a service on Ctrl-C: work is written after the signal, then everything is closed.
    process.once('SIGINT', async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      await table.create({ id: 'drained', number: 1, text: '' });
      print({ event: 'drained' });
      await database.close();
    });
    opened();
  }
  if (mode === 'exit') process.exit(0);
} catch (error) {
  print({ event: 'failed', code: error.code, message: error.message });
  process.exit(1);
}
