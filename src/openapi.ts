import { readFileSync, writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { describeApi } from './application.js';
import { setRoutePrefix } from './common/http/index.js';

/**
 * `node dist/openapi.js FILE` writes the OpenAPI document, `--check FILE` fails when the file differs from it.
 * Preview mode reads the modules without starting them: no database, no port.
 */
const check = process.argv.includes('--check');
const file = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
if (file === undefined) throw new Error('usage: node dist/openapi.js [--check] FILE');

const app = await NestFactory.create<NestExpressApplication>(AppModule, {
  preview: true,
  logger: ['error'],
  bodyParser: false,
  abortOnError: false,
});
setRoutePrefix(app);
const text = `${JSON.stringify(describeApi(app), null, 2)}\n`;
if (!check) {
  writeFileSync(file, text);
} else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write(`${file} is not what the code describes: run "npm run openapi" and commit it\n`);
  process.exitCode = 1;
}
