import { TrainyardError } from '../errors/index.js';

/** The ETag of a resource whose writes are counted by `version`. */
export function formatETag(version: number): string {
  return `"${version}"`;
}

/** `PRECONDITION_FAILED` unless the If-Match header is absent, `*`, or names `version`. */
export function assertIfMatch(header: string | undefined, version: number): void {
  if (header === undefined || header.trim() === '*') return;
  const current = formatETag(version);
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (tags.includes(current)) return;
  throw new TrainyardError(
    'PRECONDITION_FAILED',
    `If-Match: ${header} does not name the current version ${current}: read the resource again and repeat the change`,
    { current, given: header },
  );
}
