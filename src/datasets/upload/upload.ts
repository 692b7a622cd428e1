import type { IncomingMessage } from 'node:http';
import { TrainyardError, isTrainyardError } from '../../common/errors/index.js';
import { openForm } from './form-upload.js';
import type { UploadedFile } from './uploaded-file.js';

/** What a route takes, with the words it refuses the rest in. */
export interface UploadRules {
  readonly limitBytes: number;
  /** What to do about an upload beyond the limit. */
  readonly remedy: string;
  /** Content types of a raw body. */
  readonly types: readonly string[];
  /** What to send, in words. */
  readonly expected: string;
}

/** Options as text and the files, as they arrive. */
export interface Upload {
  readonly options: Readonly<Record<string, unknown>>;
  readonly files: AsyncIterable<UploadedFile>;
}

/** After a refusal the rest of the upload is read away, so that the client gets to see the answer; up to so much. */
const DRAINED_BYTES = 64 * 1024 * 1024;

/**
 * Runs `use` over the files in a request: the raw body, with options in the query, or the files of a form, with options
 * in its fields before them. No file is ever held as a whole. `BODY_TOO_LARGE` beyond the limit.
 */
export async function receiveUpload<T>(
  request: IncomingMessage,
  query: Readonly<Record<string, unknown>>,
  rules: UploadRules,
  use: (upload: Upload) => Promise<T>,
): Promise<T> {
  try {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > rules.limitBytes) throw tooLarge(announced, rules);
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (type === 'multipart/form-data') {
      const form = await openForm(request);
      return await use({ options: mergeOptions(query, form.fields), files: limited(form.files, rules) });
    }
    if (!rules.types.includes(type) || request.headers['content-encoding'] !== undefined) {
      throw unsupported(type, request.headers['content-encoding'], rules);
    }
    // Not destroyed when a refusal ends the reading: the answer goes over the same connection.
    const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    return await use({ options: query, files: limited([{ name: null, contentType: type, body }], rules) });
  } finally {
    drain(request);
  }
}

/** Passes bytes on up to the limit of all files, and gives an upload that breaks off a code: it is no bug of ours. */
async function* limited(
  files: AsyncIterable<UploadedFile> | Iterable<UploadedFile>,
  rules: UploadRules,
): AsyncGenerator<UploadedFile> {
  let bytes = 0;
  const counted = async function* (body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of brokenOff(body, () => bytes)) {
      bytes += part.length;
      if (bytes > rules.limitBytes) throw tooLarge(bytes, rules);
      yield part;
    }
  };
  for await (const file of brokenOff(files, () => bytes)) yield { ...file, body: counted(file.body) };
}

async function* brokenOff<T>(source: AsyncIterable<T> | Iterable<T>, bytes: () => number): AsyncGenerator<T> {
  try {
    yield* source;
  } catch (error) {
    if (isTrainyardError(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the upload broke off after ${bytes()} bytes (${reason}): send it again`;
    throw new TrainyardError('MALFORMED_BODY', message, { bytes: bytes() }, { cause: error });
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

function tooLarge(bytes: number, { limitBytes: limit, remedy }: UploadRules): TrainyardError {
  return new TrainyardError(
    'BODY_TOO_LARGE',
    `the upload has ${bytes} bytes or more and this installation takes ${limit}: ${remedy}`,
    { bytes, limit },
  );
}

function unsupported(type: string, encoding: string | undefined, rules: UploadRules): TrainyardError {
  const message =
    encoding === undefined
      ? `Content-Type "${type}" cannot be imported: send ${rules.expected}`
      : `Content-Encoding "${encoding}" is not supported: send the file uncompressed`;
  return new TrainyardError('UNSUPPORTED_MEDIA_TYPE', message, {
    contentType: type,
    supported: [...rules.types, 'multipart/form-data'],
  });
}
