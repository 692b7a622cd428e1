import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The version of this service, as frozen into executions: results are reproducible within one. */
export const CODE_VERSION = manifest.version;
