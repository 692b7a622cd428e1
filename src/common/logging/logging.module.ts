import { Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { CONFIG } from '../config/config.module.js';
import type { TrainyardConfig } from '../config/config.js';
import type { TrainyardRequest } from '../http/actor.js';
import { ServiceLogger } from './service-logger.js';

/** Structured logs (pino), one line of JSON each; a request's line carries its id, actor, status and duration. */
@Module({
  imports: [
    LoggerModule.forRootAsync({
      inject: [CONFIG],
      useFactory: (config: TrainyardConfig) => ({
        pinoHttp: {
          level: config.logLevel,
          redact: ['req.headers.authorization', 'req.headers.cookie'],
          genReqId: (request) => (request as unknown as TrainyardRequest).requestId ?? '',
          // Health checks and metrics come every few seconds and say nothing.
          autoLogging: { ignore: (request) => /^\/(health|metrics)/.test(request.url ?? '') },
          customProps: (request) => ({ actor: (request as unknown as TrainyardRequest).actor?.name }),
          serializers: {
            req: (request: { id: string; method: string; url: string }) => ({
              id: request.id,
              method: request.method,
              url: request.url,
            }),
            res: (response: { statusCode: number }) => ({ statusCode: response.statusCode }),
          },
        },
      }),
    }),
  ],
  providers: [ServiceLogger],
  exports: [ServiceLogger],
})
export class LoggingModule {}
