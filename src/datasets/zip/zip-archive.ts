import { crc32 } from 'node:zlib';
import { Inflate } from 'fflate';
import { TrainyardError, isTrainyardError } from '../../common/errors/index.js';

export interface ZipLimits {
  readonly entries: number;
  /** Of all files together, uncompressed. */
  readonly bytes: number;
}

export interface ZipSource {
  readonly size: number;
  read(start: number, end: number): Uint8Array<ArrayBuffer>;
}

export interface ZipEntry {
  /** Path as the archive has it, with `/`. Never used as a path on this machine. */
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Where its local header is. */
  readonly at: number;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const COMMENT_BYTES = 65_535;
const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED_FLAG = 1;
/** Deflate reaches 1032 : 1; text of measured values comes to some 20 : 1. */
const RATIO_LIMIT = 250;
/** Small files may be as repetitive as they like. */
const RATIO_FREE_BYTES = 8 * 1024 * 1024;
/** Input of one step: at most 16 MB of output before the limits are looked at again. */
const STEP_BYTES = 16 * 1024;

/**
 * The files in a zip archive, by its directory at the end: no folders, no hidden files of macOS. Limits hold for what the
 * directory says, and again for what comes out. `DATASET_FORMAT_INVALID`, `LIMIT_EXCEEDED`.
 */
export function listZip(source: ZipSource, limits: ZipLimits): ZipEntry[] {
  const end = findEnd(source);
  const entryCount = end.getUint16(10, true);
  const directoryBytes = end.getUint32(12, true);
  const directoryAt = end.getUint32(16, true);
  if (entryCount === 0xffff || directoryAt === 0xffffffff) throw invalid('it is of the large kind (zip64)');
  if (entryCount > limits.entries) throw exceeded('entries', entryCount, limits.entries, 'the zip');
  if (directoryAt + directoryBytes > source.size) throw invalid('its directory is damaged');
  const directory = source.read(directoryAt, directoryAt + directoryBytes);
  const view = new DataView(directory.buffer);
  const entries: ZipEntry[] = [];
  for (let at = 0, count = 0; count < entryCount; count++) {
    if (at + ENTRY_BYTES > directory.length || view.getUint32(at, true) !== ENTRY_SIGNATURE) {
      throw invalid('its directory is damaged');
    }
    const nameLength = view.getUint16(at + 28, true);
    const name = Buffer.from(directory.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength))
      .toString('utf8')
      .replaceAll('\\', '/');
    const entry: ZipEntry = {
      name,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    };
    at += ENTRY_BYTES + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (name.endsWith('/') || name.startsWith('__MACOSX/') || /(^|\/)\.[^/]*$/.test(name)) continue;
    entries.push(entry);
  }
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes > limits.bytes) throw exceeded('bytes', bytes, limits.bytes, 'the zip, unpacked,');
  for (const entry of entries) assertRatio(entry.name, entry.bytes, entry.compressedBytes);
  return entries;
}

/** The bytes of one file, checked against what the directory says of them. */
export function* readZipEntry(source: ZipSource, entry: ZipEntry): Generator<Uint8Array> {
  const local = source.read(entry.at, entry.at + LOCAL_BYTES);
  const header = new DataView(local.buffer);
  if (local.length < LOCAL_BYTES || header.getUint32(0, true) !== LOCAL_SIGNATURE) {
    throw invalid(`"${entry.name}" is not where its directory says`);
  }
  if ((header.getUint16(6, true) & ENCRYPTED_FLAG) !== 0) throw invalid(`"${entry.name}" is encrypted`);
  if (entry.method !== STORED && entry.method !== DEFLATED) {
    throw invalid(`"${entry.name}" is compressed by method ${entry.method}, not by deflate`);
  }
  const start = entry.at + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  const end = start + entry.compressedBytes;
  if (end > source.size) throw invalid(`"${entry.name}" breaks off`);
  let crc = 0;
  let bytes = 0;
  for (const part of entry.method === STORED ? stored(source, start, end) : inflated(source, start, end, entry.name)) {
    bytes += part.length;
    if (bytes > entry.bytes) throw invalid(`"${entry.name}" has more bytes than the ${entry.bytes} its directory says`);
    crc = crc32(part, crc);
    yield part;
  }
  if (bytes !== entry.bytes || crc !== entry.crc) throw invalid(`"${entry.name}" does not have the recorded checksum`);
}

function* stored(source: ZipSource, start: number, end: number): Generator<Uint8Array> {
  for (let at = start; at < end; at += STEP_BYTES) yield source.read(at, Math.min(end, at + STEP_BYTES));
}

function* inflated(source: ZipSource, start: number, end: number, name: string): Generator<Uint8Array> {
  const ready: Uint8Array[] = [];
  const inflate = new Inflate((part) => {
    if (part.length > 0) ready.push(part);
  });
  for (let at = start; at < end; at += STEP_BYTES) {
    const next = Math.min(end, at + STEP_BYTES);
    try {
      inflate.push(source.read(at, next), next === end);
    } catch (error) {
      if (isTrainyardError(error)) throw error;
      throw invalid(`"${name}" is damaged (${error instanceof Error ? error.message : String(error)})`);
    }
    yield* ready.splice(0);
  }
}

function findEnd(source: ZipSource): DataView {
  const start = Math.max(0, source.size - END_BYTES - COMMENT_BYTES);
  const tail = source.read(start, source.size);
  const view = new DataView(tail.buffer);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return new DataView(tail.buffer, at, END_BYTES);
  }
  throw invalid('it has no directory at its end: it broke off, or is no zip');
}

function assertRatio(name: string, bytes: number, compressedBytes: number): void {
  if (bytes <= RATIO_FREE_BYTES || bytes <= compressedBytes * RATIO_LIMIT) return;
  const ratio = Math.round(bytes / Math.max(1, compressedBytes));
  throw exceeded('compression ratio', ratio, RATIO_LIMIT, `"${name}" in the zip`);
}

function exceeded(what: string, value: number, limit: number, of: string): TrainyardError {
  return new TrainyardError(
    'LIMIT_EXCEEDED',
    `${of} has ${what === 'compression ratio' ? `a compression ratio of ${value}` : `${value} ${what}`} and may have ${limit}: send fewer or smaller files, and append the others`,
    { what, value, limit },
  );
}

function invalid(what: string): TrainyardError {
  return new TrainyardError(
    'DATASET_FORMAT_INVALID',
    `the zip cannot be read: ${what}; pack the files anew, without a password, or send them in a form`,
    { reason: what },
  );
}
