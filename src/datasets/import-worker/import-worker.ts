import { rm } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { assertNever } from '../../common/assert-never.js';
import { TrainyardError, decodeError } from '../../common/errors/index.js';
import type { Chunk } from '../storage/chunk.js';
import type { BaseAsset, EncodedAsset } from '../storage/encode-asset.js';
import type { UploadedFile } from '../upload/uploaded-file.js';
import type { FileImportSettings } from './file-import.js';
import type { ImportRequest, ImportResponse, ParsedFile } from './protocol.js';

/** Bytes that may wait for the worker before the upload is held up. */
const WAITING_BYTES = 4 * 1024 * 1024;

/**
 * Host side of one import's worker thread. Parsing, hashing and statistics run over there, so that the event loop goes on
 * answering. Its steps are sequential: `parse` once, then `encode` once. `close` ends the thread at any time.
 */
export class ImportWorker {
  private readonly worker: Worker;
  private waitingBytes: number[] = [];
  private failure: Error | null = null;
  private wake: (() => void) | null = null;
  private parsed: ParsedFile | null = null;
  private encoded: readonly EncodedAsset[] | null = null;
  private storing: ((chunk: Chunk) => Promise<void>) | null = null;

  constructor(private readonly settings: FileImportSettings) {
    this.worker = new Worker(new URL('./main.js', import.meta.url), { workerData: settings });
    this.worker.on('message', (response: ImportResponse) => this.receive(response));
    this.worker.on('error', (error: Error) => this.fail(isOutOfMemory(error) ? tooLargeForMemory() : error));
    this.worker.on('exit', (code) =>
      this.fail(new TrainyardError('WORKER_DIED', `the import worker ended with exit code ${code}; import again`)),
    );
  }

  /** Feeds the files to the worker no faster than they are read there. */
  async parse(files: AsyncIterable<UploadedFile>): Promise<ParsedFile> {
    for await (const { name, contentType, body } of files) {
      this.send({ type: 'file', file: { name, contentType } });
      for await (const part of body) {
        // The part may be a view on a larger pooled buffer: only its own bytes are sent, and moved rather than copied twice.
        const bytes = new Uint8Array(part);
        this.waitingBytes.push(bytes.length);
        this.send({ type: 'bytes', bytes }, [bytes.buffer]);
        await this.until(() => this.waitingBytes.reduce((sum, length) => sum + length, 0) < WAITING_BYTES);
      }
    }
    this.send({ type: 'end' });
    await this.until(() => this.parsed !== null);
    if (this.parsed === null) throw new Error('the wait ends when the files are parsed');
    return this.parsed;
  }

  /** Gets the chunks, each handed to `store`, and the records of the assets. */
  async encode(bases: readonly BaseAsset[], store: (chunk: Chunk) => Promise<void>): Promise<readonly EncodedAsset[]> {
    this.storing = store;
    this.send({ type: 'encode', bases });
    await this.until(() => this.encoded !== null);
    if (this.encoded === null) throw new Error('the wait ends when the assets are encoded');
    return this.encoded;
  }

  async close(): Promise<void> {
    this.worker.removeAllListeners('exit');
    await this.worker.terminate();
    await rm(this.settings.scratchDir, { recursive: true, force: true });
  }

  private send(request: ImportRequest, transfer: ArrayBuffer[] = []): void {
    this.worker.postMessage(request, transfer);
  }

  private receive(response: ImportResponse): void {
    switch (response.type) {
      case 'taken':
        this.waitingBytes.shift();
        break;
      case 'parsed':
        this.parsed = response.parsed;
        break;
      case 'chunk':
        this.store(response.chunk);
        return;
      case 'encoded':
        this.encoded = response.assets;
        break;
      case 'failed':
        this.fail(decodeError(response.error));
        return;
      default:
        assertNever(response);
    }
    this.wake?.();
  }

  private store(chunk: Chunk): void {
    if (this.storing === null) throw new Error('chunks come after encode()');
    const bytes = chunk.bytes.length;
    this.storing(chunk).then(
      () => this.send({ type: 'stored', bytes }),
      (error: unknown) => this.fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.wake?.();
  }

  private async until(done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.failure !== null) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    if (this.failure !== null) throw this.failure;
  }
}

function isOutOfMemory(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooLargeForMemory(): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    'reading the file takes more memory than an import may have: is it damaged? Split it otherwise, and append its parts',
    { what: 'memory' },
  );
}
