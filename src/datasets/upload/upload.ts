import type { IncomingMessage } from 'node:http';
import { TrainyardError, isTrainyardError } from '../../common/errors/index.js';
import { openForm } from './form-upload.js';

/** Options as text and the bytes of the file, as they arrive. */
export interface Upload {
  readonly options: Readonly<Record<string, unknown>>;
  readonly body: AsyncIterable<Uint8Array>;
}

const RAW_TYPES = ['text/csv', 'application/csv', 'text/plain', 'application/octet-stream'];

/** After a refusal the rest of the upload is read away, so that the client gets to see the answer; up to so much. */
const DRAINED_BYTES = 64 * 1024 * 1024;

/**
 * Runs `use` over the file in a request: the raw body, with options in the query, or the one file of a form, with options
 * in its fields before it. The file is never held as a whole. `BODY_TOO_LARGE` beyond `limitBytes`.
 */
export async function receiveUpload<T>(
  request: IncomingMessage,
  query: Readonly<Record<string, unknown>>,
  limitBytes: number,
  use: (upload: Upload) => Promise<T>,
): Promise<T> {
  try {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > limitBytes) throw tooLarge(announced, limitBytes);
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (type === 'multipart/form-data') {
      const form = await openForm(request);
      return await use({ options: mergeOptions(query, form.fields), body: limited(form.file, limitBytes) });
    }
    if (!RAW_TYPES.includes(type) || request.headers['content-encoding'] !== undefined) {
      throw unsupported(type, request.headers['content-encoding']);
    }
    // Not destroyed when a refusal ends the reading: the answer goes over the same connection.
    const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    return await use({ options: query, body: limited(body, limitBytes) });
  } finally {
    drain(request);
  }
}

/** Passes bytes on up to the limit, and gives an upload that breaks off a code: it is no bug of ours. */
async function* limited(source: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const part of source) {
      bytes += part.length;
      if (bytes > limitBytes) throw tooLarge(bytes, limitBytes);
      yield part;
    }
  } catch (error) {
    if (isTrainyardError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the upload broke off after ${bytes} bytes (${reason}): send it again`;
    throw new TrainyardError('MALFORMED_BODY', message, { bytes }, { cause: error });
  }
}

/** An option in the query and in the form would be one of two: it is refused rather than chosen. */
function mergeOptions(
  query: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const twice = Object.keys(fields).find((name) => name in query);
  if (twice !== undefined) {
    throw new TrainyardError('VALIDATION_FAILED', `${twice} is stated in the query and in the form: state it once`, {
      errors: [{ path: twice, value: fields[twice], message: 'is stated twice' }],
    });
  }
  return { ...query, ...fields };
}

function drain(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.unpipe();
  let bytes = 0;
  request.on('data', (part: Uint8Array) => {
    bytes += part.length;
    if (bytes > DRAINED_BYTES) request.destroy();
  });
  request.on('error', () => undefined);
  request.resume();
}

function tooLarge(bytes: number, limit: number): TrainyardError {
  return new TrainyardError(
    'BODY_TOO_LARGE',
    `the upload has ${bytes} bytes or more and this installation takes ${limit}: split the file and append its parts, or raise TRAINYARD_LIMIT_IMPORT_BYTES`,
    { bytes, limit },
  );
}

function unsupported(type: string, encoding: string | undefined): TrainyardError {
  const message =
    encoding === undefined
      ? `Content-Type "${type}" cannot be imported: send text/csv, or multipart/form-data with one file`
      : `Content-Encoding "${encoding}" is not supported: send the file uncompressed`;
  return new TrainyardError('UNSUPPORTED_MEDIA_TYPE', message, {
    contentType: type,
    supported: [...RAW_TYPES, 'multipart/form-data'],
  });
}
