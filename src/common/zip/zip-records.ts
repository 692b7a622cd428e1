/** Where the records of a zip archive have what. Source: PKWARE APPNOTE 6.3.10, sections 4.3 and 4.4. */
const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const ENTRY_BYTES = 46;
const COMMENT_BYTES = 65_535;
const ENCRYPTED_FLAG = 1;

/** The end record is within these last bytes of an archive. */
export const ZIP_TAIL_BYTES = END_BYTES + COMMENT_BYTES;
/** Of a local header, up to its name. */
export const ZIP_LOCAL_BYTES = 30;

/** How the bytes of a file are packed; there are others, which nothing here unpacks. */
export const ZIP_STORED = 0;
export const ZIP_DEFLATED = 8;

/** The record at the end, which says where the directory is. */
export interface ZipEnd {
  readonly entries: number;
  readonly directoryBytes: number;
  readonly directoryAt: number;
  /** The archive is of the large kind (zip64), whose numbers stand elsewhere. */
  readonly isLarge: boolean;
}

/** What the directory says of one file. */
export interface ZipEntry {
  /** In UTF-8. */
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  readonly crc: number;
  readonly compressedBytes: number;
  /** Uncompressed. */
  readonly bytes: number;
  /** Where its local header is. */
  readonly at: number;
}

/** Null when `tail`, the last bytes of a file, has no end record: it is no zip archive, or it broke off. */
export function findZipEnd(tail: Uint8Array): ZipEnd | null {
  const view = viewOf(tail);
  const first = Math.max(0, tail.length - ZIP_TAIL_BYTES);
  for (let at = tail.length - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE) continue;
    const [entries, directoryAt] = [view.getUint16(at + 10, true), view.getUint32(at + 16, true)];
    const isLarge = entries === 0xffff || directoryAt === 0xffffffff;
    return { entries, directoryBytes: view.getUint32(at + 12, true), directoryAt, isLarge };
  }
  return null;
}

/** The first `entries` files of a directory; null where it is damaged. */
export function readZipDirectory(directory: Uint8Array, entries: number): ZipEntry[] | null {
  const view = viewOf(directory);
  const decoder = new TextDecoder();
  const found: ZipEntry[] = [];
  for (let at = 0; found.length < entries;) {
    if (at + ENTRY_BYTES > directory.length || view.getUint32(at, true) !== ENTRY_SIGNATURE) return null;
    const nameEnd = at + ENTRY_BYTES + view.getUint16(at + 28, true);
    found.push({
      name: decoder.decode(directory.subarray(at + ENTRY_BYTES, nameEnd)),
      method: view.getUint16(at + 10, true),
      isEncrypted: (view.getUint16(at + 8, true) & ENCRYPTED_FLAG) !== 0,
      crc: view.getUint32(at + 16, true),
      compressedBytes: view.getUint32(at + 20, true),
      bytes: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at = nameEnd + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return found;
}

/** Bytes from the local header of a file to its content; null when `local`, from there on, has no such header. */
export function zipContentOffset(local: Uint8Array): number | null {
  if (local.length < ZIP_LOCAL_BYTES) return null;
  const view = viewOf(local);
  if (view.getUint32(0, true) !== LOCAL_SIGNATURE) return null;
  return ZIP_LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
