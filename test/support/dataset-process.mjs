// The dataset routes in a process of its own, which kills itself with SIGKILL at a chosen moment:
//   node dataset-process.mjs <moment>
// `none`; `chunks:<n>`: when n chunks are on their way to the database; `visible`: instead of making a version visible;
// `deleted`: after a deletion has made the dataset invisible and before its contents are removed.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import { ConfigModule } from '../../dist/common/config/index.js';
import { HttpModule, configureApplication } from '../../dist/common/http/index.js';
import { DatabaseModule } from '../../dist/database/index.js';
import { ChunkWriter } from '../../dist/datasets/chunks.repository.js';
import { DatasetCleaner } from '../../dist/datasets/dataset-cleaner.js';
import { DatasetsRepository } from '../../dist/datasets/datasets.repository.js';
import { DatasetsModule } from '../../dist/datasets/index.js';

const [moment, count] = (process.argv[2] ?? 'none').split(':');
const die = () => process.kill(process.pid, 'SIGKILL');

if (moment === 'chunks') {
  const write = ChunkWriter.prototype.write;
  let written = 0;
  ChunkWriter.prototype.write = function (chunk) {
    return write.call(this, chunk).then(() => {
      if (++written >= Number(count)) die();
    });
  };
}
if (moment === 'visible') {
  DatasetsRepository.prototype.create = die;
  DatasetsRepository.prototype.replaceNewest = die;
}
if (moment === 'deleted') DatasetCleaner.prototype.settle = die;

class ProcessModule {}
Module({ imports: [ConfigModule, HttpModule, DatabaseModule, DatasetsModule] })(ProcessModule);
const app = await NestFactory.create(ProcessModule, { bodyParser: false, logger: ['fatal'] });
configureApplication(app);
await app.listen(0, '127.0.0.1');
process.on('message', async () => {
  await app.close();
  process.disconnect();
});
process.send({ url: await app.getUrl() });
