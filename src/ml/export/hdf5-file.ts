import type * as h5wasm from 'h5wasm';
import { loadWithoutProcessListeners } from '../engine/quiet-load.js';

export interface Hdf5Dataset {
  /** Path from the root, groups made as needed. */
  readonly path: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A text attribute of a group. */
export interface Hdf5Attribute {
  readonly group: string;
  readonly name: string;
  readonly value: string;
}

/** The first bytes of every HDF5 file: ‰HDF␍␊␚␊. */
const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a] as const;

let files = 0;
let loading: Promise<{ readonly File: typeof h5wasm.File; readonly FS: Awaited<typeof h5wasm.ready>['FS'] }> | null =
  null;

/** Loaded when first asked for: it takes 0.1 s, and most processes never write a file. */
export function loadHdf5(): NonNullable<typeof loading> {
  loading ??= loadWithoutProcessListeners(async () => {
    const library = await import('h5wasm');
    return { File: library.File, FS: (await library.ready).FS };
  });
  return loading;
}

/**
 * An HDF5 file with float32 datasets, made in WebAssembly's memory. The same content gives the same bytes: the second
 * of writing, which HDF5 stamps on each dataset, is overwritten with 0.
 */
export async function writeHdf5(
  datasets: readonly Hdf5Dataset[],
  attributes: readonly Hdf5Attribute[] = [],
): Promise<Uint8Array> {
  const { File, FS } = await loadHdf5();
  const path = `/write-${files++}.h5`;
  // The library version bounds that h5py writes with, so that old readers read it, too.
  const file = new File(path, 'w', { libver: ['earliest', 'v110'] });
  try {
    const groups = new Map<string, h5wasm.Group>([['', file]]);
    const groupAt = (at: string): h5wasm.Group => {
      const known = groups.get(at);
      if (known) return known;
      const cut = at.lastIndexOf('/');
      const made = groupAt(at.slice(0, Math.max(0, cut))).create_group(at.slice(cut + 1));
      groups.set(at, made);
      return made;
    };
    for (const { path: at, shape, data } of datasets) {
      const cut = at.lastIndexOf('/');
      groupAt(at.slice(0, cut)).create_dataset({ name: at.slice(cut + 1), data, shape: [...shape], dtype: '<f4' });
    }
    for (const { group, name, value } of attributes) groupAt(group).create_attribute(name, value);
  } finally {
    file.close();
  }
  const bytes = Uint8Array.from(FS.readFile(path));
  FS.unlink(path);
  return withoutTimes(bytes, datasets.length);
}

/**
 * The float32 contents of datasets of an HDF5 file, in the order of `paths`; null where the file has no such dataset or
 * one of another kind. Nothing is kept in WebAssembly's memory, and no dataset is read that says it is longer than the
 * file: only a compressed one could be, and Keras compresses none.
 */
export async function readHdf5(bytes: Uint8Array, paths: readonly string[]): Promise<(Hdf5Dataset | null)[]> {
  if (!SIGNATURE.every((byte, at) => bytes[at] === byte)) throw new Error('these bytes are not an HDF5 file');
  const { File, FS } = await loadHdf5();
  const name = `/read-${files++}.h5`;
  FS.writeFile(name, bytes);
  try {
    const file = new File(name, 'r');
    // It does not throw for a damaged file.
    if (Number(file.file_id) < 0) throw new Error('the HDF5 file is damaged');
    try {
      return paths.map((path) => {
        const found = file.get(path) as h5wasm.Dataset | null;
        const elements = (found?.shape ?? []).reduce((product, extent) => product * extent, 1);
        const data = found && elements * 4 <= bytes.length && 'value' in found ? found.value : null;
        return data instanceof Float32Array ? { path, shape: found!.shape ?? [], data: data.slice() } : null;
      });
    } finally {
      file.close();
    }
  } finally {
    FS.unlink(name);
  }
}

/**
 * Zeroes the modification times of datasets. In a version 1 object header that is the message of type 0x0012 and size 8:
 * type (2 bytes), size (2), flags (1), reserved (3), version 1 (1), reserved (3), seconds (4). HDF5 File Format
 * Specification 3.0, IV.A.2.s. A dataset that happened to look like one would make the count wrong, which is an error
 * here and never a changed weight.
 */
function withoutTimes(bytes: Uint8Array, datasets: number): Uint8Array {
  const pattern = [0x12, 0, 8, 0, null, 0, 0, 0, 1, 0, 0, 0] as const;
  const found: number[] = [];
  // Messages are aligned to 8 bytes.
  for (let at = 0; at + 16 <= bytes.length; at += 8) {
    if (pattern.every((byte, offset) => byte === null || bytes[at + offset] === byte)) found.push(at + 12);
  }
  if (found.length !== datasets) {
    throw new Error(`an HDF5 file of ${datasets} datasets has ${found.length} modification times`);
  }
  for (const at of found) bytes.fill(0, at, at + 4);
  return bytes;
}
