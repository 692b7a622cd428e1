import { Deserializer, Serializer } from 'node:v8';
import type { Readable, Writable } from 'node:stream';
import type { TrainingJob } from './worker/protocol.js';

/**
 * Carries a job through a pipe: 4 bytes with the length of a head, the head (the structured clone of the job, in which
 * arrays of numbers are a kind and a length), then the bytes of these arrays in the order of the head. The arrays go
 * from their memory into the pipe and from the pipe into theirs. The channel that Node puts between parent and child
 * copies all of them first, which holds up the event loop: 135 ms for 50 MB where this takes less than 20, on a busy machine.
 * Both ends run on one machine and one version of Node, as the structured clone requires.
 */
const KINDS = {
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  BigInt64Array,
  BigUint64Array,
} as const;
const KIND_NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];
const LENGTH_BYTES = 4;

class HeadWriter extends Serializer {
  readonly arrays: Uint8Array[] = [];

  constructor() {
    super();
    // Documented, missing in the typings.
    (
      this as unknown as { _setTreatArrayBufferViewsAsHostObjects(on: boolean): void }
    )._setTreatArrayBufferViewsAsHostObjects(true);
  }

  /** Called by V8 for each array that it meets for the first time. */
  _writeHostObject(array: ArrayBufferView): void {
    // By name: `constructor` may be that of another realm, and a Buffer is a Uint8Array.
    const tag = (array as unknown as Record<symbol, string>)[Symbol.toStringTag];
    const kind = KIND_NAMES.findIndex((name) => name === tag);
    if (kind === -1) throw new Error(`a job cannot hold a ${tag ?? 'DataView'}`);
    this.writeUint32(kind);
    this.writeDouble(array.byteLength);
    this.arrays.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
}

class HeadReader extends Deserializer {
  readonly arrays: Uint8Array[] = [];

  _readHostObject(): ArrayBufferView {
    const kind = KINDS[KIND_NAMES[this.readUint32()]!];
    const buffer = new ArrayBuffer(this.readDouble());
    this.arrays.push(new Uint8Array(buffer));
    return new kind(buffer);
  }
}

/** Writes the job and ends the stream. The job's arrays must not be changed until the stream has finished. */
export function sendJob(stream: Writable, job: TrainingJob): void {
  const writer = new HeadWriter();
  writer.writeHeader();
  writer.writeValue(job);
  const head = writer.releaseBuffer();
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.byteLength);
  for (const part of [length, head, ...writer.arrays]) if (part.byteLength > 0) stream.write(part);
  stream.end();
}

/** Null when the stream ends before a job begins. */
export async function receiveJob(stream: Readable): Promise<TrainingJob | null> {
  const source = new ByteSource(stream);
  const length = Buffer.alloc(LENGTH_BYTES);
  if (!(await source.hasMore())) return null;
  await source.fill(length);
  const head = Buffer.alloc(length.readUInt32LE());
  await source.fill(head);
  const reader = new HeadReader(head);
  reader.readHeader();
  const job = reader.readValue() as TrainingJob;
  for (const array of reader.arrays) await source.fill(array);
  return job;
}

class ByteSource {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest = new Uint8Array(0);

  constructor(stream: Readable) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  async hasMore(): Promise<boolean> {
    while (this.rest.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) return false;
      this.rest = next.value as Uint8Array<ArrayBuffer>;
    }
    return true;
  }

  async fill(target: Uint8Array): Promise<void> {
    let filled = 0;
    while (filled < target.length) {
      if (!(await this.hasMore())) throw new Error(`the job ended ${target.length - filled} bytes too early`);
      const part = this.rest.subarray(0, target.length - filled);
      target.set(part, filled);
      filled += part.length;
      this.rest = this.rest.subarray(part.length);
    }
  }
}
