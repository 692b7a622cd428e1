import { crc32 } from 'node:zlib';
import { inflateSync } from 'fflate';

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const COMMENT_BYTES = 65_535;
const ENCRYPTED_FLAG = 1;
const STORED = 0;
const DEFLATED = 8;

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
 * Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4.
 */
export function readZipFiles(
  bytes: Uint8Array,
  names: readonly string[],
  limitBytes: number,
): Readonly<Record<string, Uint8Array>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  let at = view.getUint32(end + 16, true);
  let total = 0;
  const files: Record<string, Uint8Array> = {};
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== ENTRY_SIGNATURE)
      throw new Error('its directory is damaged');
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameLength));
    if (names.includes(name)) {
      total += view.getUint32(at + 24, true);
      if (total > limitBytes) throw new ZipTooLarge(total);
      files[name] = readEntry(bytes, view, at, name);
    }
    at += ENTRY_BYTES + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return files;
}

function readEntry(bytes: Uint8Array, view: DataView, at: number, name: string): Uint8Array {
  if ((view.getUint16(at + 8, true) & ENCRYPTED_FLAG) !== 0) throw new Error(`${name} is encrypted`);
  const [method, crc] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
  const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
  const local = view.getUint32(at + 42, true);
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE) {
    throw new Error(`${name} is not where the directory says`);
  }
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > bytes.length) throw new Error(`${name} breaks off`);
  const content = unpack(bytes.subarray(start, start + packed), method, size, name);
  if (content.length !== size || crc32(content) !== crc) throw new Error(`${name} does not have the recorded checksum`);
  return content;
}

function unpack(packed: Uint8Array, method: number, size: number, name: string): Uint8Array {
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw new Error(`${name} is compressed by method ${method}, not by deflate`);
  try {
    // A given buffer does not grow.
    return inflateSync(packed, { out: new Uint8Array(size) });
  } catch (cause) {
    throw new Error(`${name} is damaged (${cause instanceof Error ? cause.message : String(cause)})`, { cause });
  }
}

function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - COMMENT_BYTES);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  throw new Error('it is not a zip archive, or it broke off: it has no directory at its end');
}
