import { parentPort, workerData } from 'node:worker_threads';
import { assertNever } from '../../common/assert-never.js';
import { runInBackground } from '../../common/background-thread.js';
import { encodeError } from '../../common/errors/index.js';
import { CsvImport } from '../csv/csv-import.js';
import type { ParsedAsset } from '../csv/csv-options.js';
import { encodeAsset, type BaseAsset, type EncodedAsset, type EncodedAxes } from '../storage/encode-asset.js';
import { CHUNK_BYTES_IN_FLIGHT, type ImportRequest, type ImportResponse, type ImportWorkerData } from './protocol.js';

const port = parentPort;
if (port === null) throw new Error('the import worker runs in a worker thread');
runInBackground();

const { options, limits } = workerData as ImportWorkerData;
const file = new CsvImport(options, limits);
let assets: ParsedAsset[] = [];
let bytesInFlight = 0;
let onStored: (() => void) | null = null;

function send(response: ImportResponse, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(response, transfer);
}

function parsed(): void {
  const result = file.finish();
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

async function handle(request: ImportRequest): Promise<void> {
  switch (request.type) {
    case 'bytes':
      file.push(request.bytes);
      send({ type: 'taken' });
      return;
    case 'end':
      parsed();
      return;
    case 'encode':
      await encode(request.bases);
      return;
    case 'stored':
      bytesInFlight -= request.bytes;
      onStored?.();
      return;
    default:
      assertNever(request);
  }
}

port.on('message', (request: ImportRequest) => {
  handle(request).catch((error: unknown) => {
    send({ type: 'failed', error: encodeError(error) });
    port.close();
  });
});
