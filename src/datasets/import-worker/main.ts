import { parentPort, workerData } from 'node:worker_threads';
import { assertNever } from '../../common/assert-never.js';
import { runInBackground } from '../../common/background-thread.js';
import { encodeError } from '../../common/errors/index.js';
import type { ParsedAsset } from '../rows/reading.js';
import { encodeAsset, type BaseAsset, type EncodedAsset, type EncodedAxes } from '../storage/encode-asset.js';
import { FileImport, type FileImportSettings } from './file-import.js';
import { CHUNK_BYTES_IN_FLIGHT, type ImportRequest, type ImportResponse } from './protocol.js';

const port = parentPort;
if (port === null) throw new Error('the import worker runs in a worker thread');
runInBackground();

const files = new FileImport(workerData as FileImportSettings);
let assets: ParsedAsset[] = [];
let bytesInFlight = 0;
let onStored: (() => void) | null = null;
/** Requests are handled one after the other: the end of a file takes longer than the arrival of the next one. */
let last: Promise<void> = Promise.resolve();

function send(response: ImportResponse, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(response, transfer);
}

async function parsed(): Promise<void> {
  const result = await files.finish();
  assets = result.assets;
  send({
    type: 'parsed',
    parsed: {
      reading: result.reading,
      assets: assets.map(({ id, names, times }) => ({
        id,
        columns: names,
        rows: times.length,
        start: times[0] ?? NaN,
      })),
    },
  });
}

async function encode(bases: readonly BaseAsset[]): Promise<void> {
  const baseOf = new Map(bases.map((base) => [base.asset.id, base]));
  const axes: EncodedAxes = new Map();
  const encoded: EncodedAsset[] = [];
  for (const asset of assets) {
    const chunks = encodeAsset(asset, baseOf.get(asset.id) ?? null, axes);
    for (;;) {
      const next = chunks.next();
      if (next.done) {
        encoded.push(next.value);
        break;
      }
      bytesInFlight += next.value.bytes.length;
      send({ type: 'chunk', chunk: next.value }, [next.value.bytes.buffer]);
      await storedBelow(CHUNK_BYTES_IN_FLIGHT);
    }
  }
  await storedBelow(1);
  send({ type: 'encoded', assets: encoded });
}

async function storedBelow(limit: number): Promise<void> {
  while (bytesInFlight >= limit) await new Promise<void>((resolve) => (onStored = resolve));
}

async function handle(request: Exclude<ImportRequest, { type: 'stored' }>): Promise<void> {
  switch (request.type) {
    case 'file':
      await files.open(request.file);
      return;
    case 'bytes':
      files.push(request.bytes);
      send({ type: 'taken' });
      return;
    case 'end':
      await parsed();
      return;
    case 'encode':
      await encode(request.bases);
      return;
    default:
      assertNever(request);
  }
}

port.on('message', (request: ImportRequest) => {
  if (request.type === 'stored') {
    // Not behind the others: `encode` waits for it.
    bytesInFlight -= request.bytes;
    onStored?.();
    return;
  }
  last = last.then(() => handle(request));
  last.catch((error: unknown) => {
    send({ type: 'failed', error: encodeError(error) });
    port.close();
  });
});
