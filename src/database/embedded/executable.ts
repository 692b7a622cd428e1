import { createRequire } from 'node:module';
import { TrainyardError } from '../../common/errors/index.js';

/**
 * The database binary of this platform. It comes from an optional npm package named after platform and processor,
 * looked up at run time, because a package that lists absent platforms cannot be installed anywhere.
 */
export function findExecutable(platform: string = process.platform, arch: string = process.arch): string {
  const name = `@dynoxide/${platform}-${arch}`;
  try {
    return createRequire(import.meta.url).resolve(`${name}/dynoxide`);
  } catch (cause) {
    throw new TrainyardError(
      'DATABASE_START_FAILED',
      `the embedded database has no binary for ${platform}-${arch} (${name} is not installed): ` +
        'run `docker compose up -d dynamodb` and set DYNAMO_ENDPOINT=http://127.0.0.1:8000',
      { package: name },
      { cause },
    );
  }
}
