import { availableParallelism } from 'node:os';
import { Global, Module } from '@nestjs/common';
import { ConfigModule as NestConfigModule } from '@nestjs/config';
import { CLOCK, systemClock } from '../clock.js';
import { readConfig } from './config.js';

/** Injects the checked `TrainyardConfig`. */
export const CONFIG = Symbol('TrainyardConfig');

/** Configuration and clock, for every module. `.env` in the working directory is read, the environment wins. */
@Global()
@Module({
  imports: [NestConfigModule.forRoot({ cache: true })],
  providers: [
    { provide: CONFIG, useFactory: () => readConfig(process.env, availableParallelism()) },
    { provide: CLOCK, useValue: systemClock },
  ],
  exports: [CONFIG, CLOCK],
})
export class ConfigModule {}
