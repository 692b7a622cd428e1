// Usage: npm run build && node bench/database-rates.mjs [seconds]
// Acknowledged writes and reads of 1 KB items a second through our Table, on the embedded database, one after the other
// and sixteen at once; beside them the AWS SDK's client alone, without tables, versions and checks of ours.
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { openDatabase } from '../dist/database/index.js';
import { freshInstallation } from './support.mjs';

const seconds = Number(process.argv[2] ?? 3);
const definition = {
  name: 'bench-rates',
  partitionKey: 'id',
  attributes: { id: 'string', payload: 'string' },
};
const payload = 'x'.repeat(1024);

async function rate(parallel, act) {
  const end = performance.now() + seconds * 1000;
  const begin = performance.now();
  let done = 0;
  const lane = async () => {
    while (performance.now() < end) await act(done++);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return Math.round((done / (performance.now() - begin)) * 1000);
}

const { dataDir, remove } = freshInstallation();
const database = await openDatabase({
  dataDir,
  database: { kind: 'embedded', endpoint: null, region: 'us-east-1', tablePrefix: 'b-', createTables: true },
});
try {
  await database.ensureTables([definition]);
  const table = database.table(definition);
  const put = (at) => table.put({ id: `item-${at % 5_000}`, payload });
  const get = (at) => table.find({ id: `item-${at % 5_000}` });
  const client = new DynamoDB({
    region: 'us-east-1',
    endpoint: database.address,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const TableName = 'b-bench-rates';
  const keyOf = (at) => ({ id: { S: `item-${at % 5_000}` } });
  const rawPut = (at) => client.putItem({ TableName, Item: { ...keyOf(at), payload: { S: payload } } });
  const rawGet = (at) => client.getItem({ TableName, Key: keyOf(at), ConsistentRead: true });
  await table.putMany(Array.from({ length: 5_000 }, (_, at) => ({ id: `item-${at}`, payload })));
  const figures = {};
  for (const parallel of [1, 16]) {
    figures[`put, ${parallel} at once`] = await rate(parallel, put);
    figures[`get, ${parallel} at once`] = await rate(parallel, get);
    figures[`SDK put, ${parallel} at once`] = await rate(parallel, rawPut);
    figures[`SDK get, ${parallel} at once`] = await rate(parallel, rawGet);
  }
  client.destroy();
  console.log(JSON.stringify({ node: process.version, unit: 'items of 1 KB per second', ...figures }, null, 2));
} finally {
  await database.close();
  remove();
}
