import 'reflect-metadata';
import type { RequestListener } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { PinoLogger } from 'nestjs-pino';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { AppModule } from './app.module.js';
import { API_PREFIX, configureApplication } from './common/http/index.js';
import { ServiceLogger } from './common/logging/index.js';
import { QuickForecasts } from './inference/index.js';
import { MetricsRegistry } from './operations/index.js';

/** The whole service, set up and not yet listening. */
export async function createApplication(): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule, {
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(ServiceLogger));
  configureApplication(app);
  answerQuickForecasts(app);
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    customSiteTitle: 'Trainyard API',
    swaggerOptions: { persistAuthorization: true, displayRequestDuration: true },
  });
  return app;
}

/** Puts `QuickForecasts` before the framework; what they answer is measured and logged as any other request. */
function answerQuickForecasts(app: NestExpressApplication): void {
  const server = app.getHttpServer();
  const [framework] = server.listeners('request') as RequestListener[];
  if (framework === undefined) throw new Error('the framework listens to no requests');
  const { httpDuration } = app.get(MetricsRegistry);
  server.removeListener('request', framework);
  server.on(
    'request',
    app.get(QuickForecasts).before(framework, ({ request, status, route, seconds }) => {
      const { method, url, requestId, actor } = request;
      httpDuration.observe({ method, route, status: String(status) }, seconds);
      PinoLogger.root.info(
        {
          req: { id: requestId, method, url },
          actor: actor?.name,
          res: { statusCode: status },
          responseTime: seconds * 1_000,
        },
        'request completed',
      );
    }),
  );
}

/** OpenAPI of every route, from the compiled DTO classes. */
export function describeApi(app: NestExpressApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('Trainyard')
    .setDescription(
      `Trains, compares, registers, serves and retires forecasting models. Native routes are under /${API_PREFIX}. ` +
        'Every error is a Problem: `{code, message, details, requestId}`.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key, where the installation has keys' })
    .build();
  description.openapi = '3.1.0';
  return SwaggerModule.createDocument(app, description, {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
}
