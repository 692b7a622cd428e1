import { createApplication } from './application.js';
import { CONFIG, type TrainyardConfig } from './common/config/index.js';
import { isTrainyardError } from './common/errors/index.js';

try {
  const app = await createApplication();
  const config = app.get<TrainyardConfig>(CONFIG);
  await app.listen(config.port, config.host);
  const url = (await app.getUrl()).replace('[::1]', 'localhost');
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      // Not NestJS' own hooks: they end with the signal, and a supervisor should see that draining went well.
      app.close().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`shutting down failed: ${String(error)}\n`);
          process.exit(1);
        },
      );
    });
  }
  // The one line that a supervisor or a test waits for, whatever the log level.
  process.stdout.write(`Trainyard listens on ${url} (API documentation: ${url}/docs)\n`);
} catch (error) {
  // What an operator can mend is a sentence; anything else is a bug and keeps its stack.
  const text = isTrainyardError(error)
    ? `${error.code}: ${error.message}`
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`Trainyard could not start. ${text}\n`);
  process.exit(1);
}
