import { crc32 } from 'node:zlib';
import { Inflate } from 'fflate';
import { TrainyardError, isTrainyardError } from '../../common/errors/index.js';
import {
  findZipEnd,
  readZipDirectory,
  zipContentOffset,
  ZIP_DEFLATED,
  ZIP_LOCAL_BYTES,
  ZIP_STORED,
  ZIP_TAIL_BYTES,
  type ZipEntry,
} from '../../common/zip/zip-records.js';

export interface ZipLimits {
  readonly entries: number;
  /** Of all files together, uncompressed. */
  readonly bytes: number;
}

export interface ZipSource {
  readonly size: number;
  read(start: number, end: number): Uint8Array<ArrayBuffer>;
}

/** Deflate reaches 1032 : 1; text of measured values comes to some 20 : 1. */
const RATIO_LIMIT = 250;
/** Small files may be as repetitive as they like. */
const RATIO_FREE_BYTES = 8 * 1024 * 1024;
/** Input of one step: at most 16 MB of output before the limits are looked at again. */
const STEP_BYTES = 16 * 1024;

/**
 * The files in a zip archive, by its directory at the end, never used as paths on this machine: no folders, no hidden files of macOS. Limits hold for what the
 * directory says, and again for what comes out. `DATASET_FORMAT_INVALID`, `LIMIT_EXCEEDED`.
 */
export function listZip(source: ZipSource, limits: ZipLimits): ZipEntry[] {
  const end = findZipEnd(source.read(Math.max(0, source.size - ZIP_TAIL_BYTES), source.size));
  if (end === null) throw invalid('it has no directory at its end: it broke off, or is no zip');
  if (end.isLarge) throw invalid('it is of the large kind (zip64)');
  if (end.entries > limits.entries) throw exceeded('entries', end.entries, limits.entries, 'the zip');
  const directoryEnd = end.directoryAt + end.directoryBytes;
  if (directoryEnd > source.size) throw invalid('its directory is damaged');
  const listed = readZipDirectory(source.read(end.directoryAt, directoryEnd), end.entries);
  if (listed === null) throw invalid('its directory is damaged');
  const entries = listed
    .map((entry) => ({ ...entry, name: entry.name.replaceAll('\\', '/') }))
    .filter(({ name }) => !name.endsWith('/') && !name.startsWith('__MACOSX/') && !/(^|\/)\.[^/]*$/.test(name));
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (bytes > limits.bytes) throw exceeded('bytes', bytes, limits.bytes, 'the zip, unpacked,');
  for (const entry of entries) assertRatio(entry.name, entry.bytes, entry.compressedBytes);
  return entries;
}

/** The bytes of one file, checked against what the directory says of them. */
export function* readZipEntry(source: ZipSource, entry: ZipEntry): Generator<Uint8Array> {
  const offset = zipContentOffset(source.read(entry.at, entry.at + ZIP_LOCAL_BYTES));
  if (offset === null) throw invalid(`"${entry.name}" is not where its directory says`);
  if (entry.isEncrypted) throw invalid(`"${entry.name}" is encrypted`);
  if (entry.method !== ZIP_STORED && entry.method !== ZIP_DEFLATED) {
    throw invalid(`"${entry.name}" is compressed by method ${entry.method}, not by deflate`);
  }
  const start = entry.at + offset;
  const end = start + entry.compressedBytes;
  if (end > source.size) throw invalid(`"${entry.name}" breaks off`);
  let crc = 0;
  let bytes = 0;
  for (const part of entry.method === ZIP_STORED
    ? stored(source, start, end)
    : inflated(source, start, end, entry.name)) {
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
