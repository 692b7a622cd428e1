import type { Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ConfigModule } from '#src/common/config/index.js';
import { HttpModule, configureApplication } from '#src/common/http/index.js';

export interface RunningApplication {
  readonly app: NestExpressApplication;
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  close(): Promise<void>;
}

/** A real application of the given modules with the shared HTTP behaviour, on a free loopback port. */
export async function startApplication(modules: readonly (Type | DynamicModule)[]): Promise<RunningApplication> {
  class TestModule {}
  Module({ imports: [ConfigModule, HttpModule, ...modules] })(TestModule);
  const app = await NestFactory.create<NestExpressApplication>(TestModule, {
    bodyParser: false,
    logger: ['fatal'],
    abortOnError: false,
  });
  return { app, url: await listen(app), close: () => app.close() };
}

/** Gives an application the shared HTTP behaviour and a free loopback port; its address. */
export async function listen(app: NestExpressApplication): Promise<string> {
  configureApplication(app);
  await app.listen(0, '127.0.0.1');
  return (await app.getUrl()).replace('[::1]', '127.0.0.1');
}
