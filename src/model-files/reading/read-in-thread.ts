import { Worker } from 'node:worker_threads';
import { TrainyardError, decodeError } from '../../common/errors/index.js';
import type { ModelFileSummary } from '../../ml/import/model-file.js';
import type { ReadingAnswer } from './protocol.js';

/** Far longer than any file within the limits takes. */
const TIMEOUT_MS = 60_000;
const HEAP_MB = 1_024;

/**
 * Reads a file in a thread of its own: what somebody sends may take long to unpack, and more memory than it should; the
 * thread then ends, and the service goes on. `MODEL_FILE_UNREADABLE`, `LIMIT_EXCEEDED`.
 */
export async function readInThread(content: Uint8Array): Promise<ModelFileSummary> {
  const worker = new Worker(new URL('./thread-entry.js', import.meta.url), {
    workerData: content,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      worker.on('message', (answer: ReadingAnswer) => {
        if (answer.type === 'read') resolve(answer.summary);
        else reject(decodeError(answer.error));
      });
      worker.on('error', (cause) =>
        reject(isOutOfMemory(cause) ? unreadable('reading it takes too much memory', cause) : cause),
      );
      worker.on('exit', (code) => reject(unreadable(`reading it ended with exit code ${code}`)));
      timer = setTimeout(() => reject(unreadable(`reading it takes more than ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function isOutOfMemory(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function unreadable(reason: string, cause?: unknown): TrainyardError {
  return new TrainyardError('MODEL_FILE_UNREADABLE', `The file cannot be imported: ${reason}.`, { reason }, { cause });
}
