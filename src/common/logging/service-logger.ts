import { Logger } from 'nestjs-pino';

/** NestJS tells of each module and route at each start: a hundred lines that say nothing about this installation. */
const FRAMEWORK_CONTEXTS = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/** The application's logger, without the framework's own information lines; its warnings and errors stay. */
export class ServiceLogger extends Logger {
  override log(message: unknown, ...parameters: unknown[]): void {
    const context: unknown = parameters.at(-1);
    if (typeof context === 'string' && FRAMEWORK_CONTEXTS.has(context)) return;
    super.log(message, ...parameters);
  }
}
