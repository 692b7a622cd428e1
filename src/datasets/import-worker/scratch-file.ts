import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes that must be read in another order than they arrive in. The directory is the import's own; its owner removes it. */
export class ScratchFile {
  size = 0;
  private readonly descriptor: number;

  constructor(directory: string, name: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.descriptor = openSync(join(directory, name), 'wx+', 0o600);
  }

  append(bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length;) {
      written += writeSync(this.descriptor, bytes, written, bytes.length - written, this.size + written);
    }
    this.size += bytes.length;
  }

  /** Bytes [start, end), fewer where the file ends before. */
  read(start: number, end: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.size) - start));
    for (let read = 0; read < bytes.length;) {
      const count = readSync(this.descriptor, bytes, read, bytes.length - read, start + read);
      if (count === 0) throw new Error('a scratch file is shorter than what was written to it');
      read += count;
    }
    return bytes;
  }

  close(): void {
    ftruncateSync(this.descriptor, 0);
    closeSync(this.descriptor);
  }
}
