import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { TrainyardError } from '../../common/errors/index.js';
import type { UploadedFile } from './uploaded-file.js';

const FIELD_LIMIT = 50;
const FIELD_BYTES = 1024 * 1024;
/** A thousand assets are a thousand files; more than ten times that is not sent in one form. */
const FILE_LIMIT = 10_000;

export interface FormUpload {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly files: AsyncIterable<UploadedFile>;
}

/** Reads the fields of a form up to its first file; the files stream, one after the other. */
export function openForm(request: IncomingMessage): Promise<FormUpload> {
  return new Promise((resolve, reject) => {
    const fields: Record<string, unknown> = {};
    const files = new FileQueue();
    let opened = false;
    const fail = (error: Error): void => {
      if (opened) files.fail(error);
      else reject(error);
    };
    const malformed = (message: string): void => fail(new TrainyardError('MALFORMED_BODY', message));
    let parser;
    try {
      parser = busboy({
        headers: request.headers,
        defParamCharset: 'utf8',
        limits: { fields: FIELD_LIMIT, fieldSize: FIELD_BYTES, files: FILE_LIMIT },
      });
    } catch (error) {
      malformed(`the form cannot be read (${error instanceof Error ? error.message : String(error)})`);
      return;
    }
    parser.on('field', (name, value, info) => {
      if (opened) malformed(`the field "${name}" comes after a file: put all fields before the files`);
      else if (info.valueTruncated) malformed(`the field "${name}" has more than ${FIELD_BYTES} bytes`);
      else addField(fields, name, value);
    });
    parser.on('file', (_name, stream, { filename, mimeType }) => {
      files.add({ name: filename ?? '', contentType: mimeType, stream });
      if (opened) return;
      opened = true;
      resolve({ fields, files });
    });
    parser.on('fieldsLimit', () => malformed(`the form has more than ${FIELD_LIMIT} fields`));
    parser.on('filesLimit', () => malformed(`the form has more than ${FILE_LIMIT} files: append the others`));
    parser.on('close', () => {
      if (!opened) malformed('the form has no file: add one part with a filename');
      files.end();
    });
    parser.on('error', (error: Error) => malformed(`the form cannot be read (${error.message})`));
    request.on('close', () => {
      if (!request.complete) malformed('the upload broke off');
    });
    request.pipe(parser);
  });
}

interface QueuedFile {
  readonly name: string;
  readonly contentType: string;
  readonly stream: Readable;
}

/** Files as the parser finds them; it finds the next one when the one before has been read. */
class FileQueue implements AsyncIterable<UploadedFile> {
  private readonly waiting: QueuedFile[] = [];
  private readonly all: Readable[] = [];
  private failure: Error | null = null;
  private ended = false;
  private wake: (() => void) | null = null;

  add(file: QueuedFile): void {
    // Whoever reads the file gets its error; when nobody does any more, it must not end the process.
    file.stream.on('error', () => undefined);
    this.all.push(file.stream);
    if (this.failure === null) this.waiting.push(file);
    else file.stream.resume();
    this.wake?.();
  }

  fail(error: Error): void {
    this.failure ??= error;
    for (const stream of this.all) stream.destroy(this.failure);
    this.wake?.();
  }

  end(): void {
    this.ended = true;
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<UploadedFile> {
    for (;;) {
      const next = this.waiting.shift();
      if (next !== undefined) {
        yield { name: next.name, contentType: next.contentType, body: next.stream as AsyncIterable<Uint8Array> };
        continue;
      }
      if (this.failure !== null) throw this.failure;
      if (this.ended) return;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

function addField(fields: Record<string, unknown>, name: string, value: string): void {
  const before = fields[name];
  fields[name] =
    before === undefined ? value : Array.isArray(before) ? [...(before as unknown[]), value] : [before, value];
}
