import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { TrainyardError } from '../../common/errors/index.js';

const FIELD_LIMIT = 50;
const FIELD_BYTES = 1024 * 1024;

export interface FormUpload {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly file: AsyncIterable<Uint8Array>;
}

/** Reads the fields of a form up to its file, which streams. Whatever follows the file is refused at its end. */
export function openForm(request: IncomingMessage): Promise<FormUpload> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, unknown> = {};
    let file: Readable | null = null;
    let failure: Error | null = null;
    const fail = (error: Error): void => {
      failure ??= error;
      if (file === null) reject(failure);
      else file.destroy(failure);
    };
    const malformed = (message: string): void => fail(new TrainyardError('MALFORMED_BODY', message));
    let parser;
    try {
      parser = busboy({
        headers: request.headers,
        limits: { fields: FIELD_LIMIT, fieldSize: FIELD_BYTES, files: 2 },
      });
    } catch (error) {
      malformed(`the form cannot be read (${error instanceof Error ? error.message : String(error)})`);
      return;
    }
    parser.on('field', (name, value, info) => {
      if (file !== null) malformed(`the field "${name}" comes after the file: put all fields before it`);
      else if (info.valueTruncated) malformed(`the field "${name}" has more than ${FIELD_BYTES} bytes`);
      else addField(fields, name, value);
    });
    parser.on('file', (_name, stream) => {
      if (file !== null) {
        stream.resume();
        malformed('the form has more than one file: send one, and append the others');
        return;
      }
      file = stream;
      // Whoever reads the file gets its error; when nobody does any more, it must not end the process.
      stream.on('error', () => undefined);
      resolve({ fields, file: readFile(stream, ended, () => failure) });
    });
    parser.on('fieldsLimit', () => malformed(`the form has more than ${FIELD_LIMIT} fields`));
    const ended = new Promise<void>((done) => {
      parser.on('close', () => {
        if (file === null) malformed('the form has no file: add one part with a filename');
        done();
      });
      parser.on('error', (error: Error) => {
        malformed(`the form cannot be read (${error.message})`);
        done();
      });
      request.on('close', () => {
        if (!request.complete) malformed('the upload broke off');
        done();
      });
    });
    request.pipe(parser);
  });
}

/** The file, and then whatever is wrong with the rest of the form. */
async function* readFile(
  stream: Readable,
  ended: Promise<void>,
  failure: () => Error | null,
): AsyncGenerator<Uint8Array> {
  yield* stream as AsyncIterable<Uint8Array>;
  await ended;
  const error = failure();
  if (error !== null) throw error;
}

function addField(fields: Record<string, unknown>, name: string, value: string): void {
  const before = fields[name];
  fields[name] =
    before === undefined ? value : Array.isArray(before) ? [...(before as unknown[]), value] : [before, value];
}
