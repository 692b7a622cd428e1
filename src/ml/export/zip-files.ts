import { crc32 } from 'node:zlib';
import { inflateSync } from 'fflate';
import {
  findZipEnd,
  readZipDirectory,
  zipContentOffset,
  ZIP_DEFLATED,
  ZIP_STORED,
  ZIP_TAIL_BYTES,
  type ZipEntry,
} from '../../common/zip/zip-records.js';

/** A file is longer unpacked than may be; `bytes` are those that its directory states. */
export class ZipTooLarge extends Error {
  constructor(readonly bytes: number) {
    super(`it has ${bytes} bytes unpacked`);
  }
}

/**
 * The files of these names in a zip archive, whole and checked: length and CRC-32 are those of the archive's directory.
 * Memory is bounded by `limitBytes`, of all of them together: a directory that says less than there is makes the
 * check fail, not the memory grow. Plain errors that say what is wrong; what is not named is not unpacked.
 */
export function readZipFiles(
  bytes: Uint8Array,
  names: readonly string[],
  limitBytes: number,
): Readonly<Record<string, Uint8Array>> {
  const end = findZipEnd(bytes.subarray(-ZIP_TAIL_BYTES));
  if (end === null) throw new Error('it is not a zip archive, or it broke off: it has no directory at its end');
  const entries = readZipDirectory(bytes.subarray(end.directoryAt), end.entries);
  if (entries === null) throw new Error('its directory is damaged');
  const wanted = entries.filter(({ name }) => names.includes(name));
  const files: Record<string, Uint8Array> = {};
  let total = 0;
  for (const entry of wanted) {
    total += entry.bytes;
    if (total > limitBytes) throw new ZipTooLarge(total);
    files[entry.name] = readEntry(bytes, entry);
  }
  return files;
}

function readEntry(
  bytes: Uint8Array,
  { name, isEncrypted, method, crc, compressedBytes, ...entry }: ZipEntry,
): Uint8Array {
  if (isEncrypted) throw new Error(`${name} is encrypted`);
  const offset = zipContentOffset(bytes.subarray(entry.at));
  if (offset === null) throw new Error(`${name} is not where the directory says`);
  const start = entry.at + offset;
  if (start + compressedBytes > bytes.length) throw new Error(`${name} breaks off`);
  const content = unpack(bytes.subarray(start, start + compressedBytes), method, entry.bytes, name);
  if (content.length !== entry.bytes || crc32(content) !== crc) {
    throw new Error(`${name} does not have the recorded checksum`);
  }
  return content;
}

function unpack(packed: Uint8Array, method: number, size: number, name: string): Uint8Array {
  if (method === ZIP_STORED) return packed;
  if (method !== ZIP_DEFLATED) throw new Error(`${name} is compressed by method ${method}, not by deflate`);
  try {
    // A given buffer does not grow.
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch (cause) {
    throw new Error(`${name} is damaged (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
}
