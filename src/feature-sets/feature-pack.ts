import { createHash } from 'node:crypto';
import { endianness } from 'node:os';
import type { FeatureBlock } from '../ml/processing/feature-blocks.js';

/** A block with its address. */
export interface AddressedBlock {
  readonly address: string;
  readonly block: FeatureBlock;
}

/** Some blocks as the bytes of one artifact. */
export interface FeaturePack {
  /** SHA-256 over the addresses: writers of the same blocks write the same pack. */
  readonly pack: string;
  readonly addresses: readonly string[];
  readonly content: Uint8Array;
}

interface PackEntry {
  readonly address: string;
  readonly names: readonly string[];
  readonly rows: number;
  readonly notes: readonly string[];
}

const NUMBER_BYTES = 8;
const LENGTH_BYTES = 8;
/**
 * Blocks are packed up to here. An artifact of its own for each block would cost six requests to write and two to read;
 * one for a whole feature set would be read whole for one block. See docs/adr/0008-feature-store.md.
 */
const PACK_BYTES = 4 * 1024 * 1024;
/** Keeps the list of addresses, which the pack's item carries, far below the item limit. */
const PACK_BLOCKS = 1_000;

/** Splits blocks, in their order, into groups of one pack each. */
export function groupForPacks(blocks: readonly AddressedBlock[]): AddressedBlock[][] {
  const groups: AddressedBlock[][] = [];
  let room = 0;
  for (const block of blocks) {
    const bytes = blockBytes(block.block);
    const last = groups.at(-1);
    if (last === undefined || last.length === PACK_BLOCKS || bytes > room) {
      groups.push([block]);
      room = PACK_BYTES - bytes;
    } else {
      last.push(block);
      room -= bytes;
    }
  }
  return groups;
}

export function blockBytes({ columns }: FeatureBlock): number {
  return columns.reduce((sum, column) => sum + column.byteLength, 0);
}

/**
 * The format: eight bytes with the length of the header (unsigned, little-endian), the header as JSON, blanks up to a
 * multiple of eight, then the columns of all blocks as little-endian doubles. A copy: the columns may be moved away.
 */
export function encodePack(blocks: readonly AddressedBlock[]): FeaturePack {
  const entries = blocks.map(({ address, block }): PackEntry => {
    const { names, columns, notes } = block;
    return { address, names, rows: columns[0]?.length ?? 0, notes };
  });
  const json = Buffer.from(JSON.stringify({ format: 1, blocks: entries }));
  const headerBytes = Math.ceil(json.length / NUMBER_BYTES) * NUMBER_BYTES;
  const numbers = blocks.reduce((sum, { block }) => sum + blockBytes(block), 0);
  const content = Buffer.alloc(LENGTH_BYTES + headerBytes + numbers, ' ');
  content.writeBigUInt64LE(BigInt(json.length), 0);
  json.copy(content, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const column of blocks.flatMap(({ block }) => block.columns)) {
    content.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    if (endianness() === 'BE') content.subarray(at, at + column.byteLength).swap64();
    at += column.byteLength;
  }
  const addresses = blocks.map(({ address }) => address);
  return { pack: createHash('sha256').update(addresses.join()).digest('hex'), addresses, content };
}

/** The wanted blocks of a pack, each column in a buffer of its own; throws when the bytes are not a pack. */
export function decodePack(content: Uint8Array, wanted: ReadonlySet<string>): AddressedBlock[] {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const jsonBytes = Number(bytes.readBigUInt64LE(0));
  const json = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + jsonBytes).toString();
  const header = JSON.parse(json) as { format: number; blocks: readonly PackEntry[] };
  if (header.format !== 1) throw new Error(`the pack has format ${header.format}, this version reads 1`);
  let at = LENGTH_BYTES + Math.ceil(jsonBytes / NUMBER_BYTES) * NUMBER_BYTES;
  const found: AddressedBlock[] = [];
  for (const { address, names, rows, notes } of header.blocks) {
    if (wanted.has(address)) {
      const columns = names.map((_, column) => readColumn(bytes, at + column * rows * NUMBER_BYTES, rows));
      found.push({ address, block: { names, columns, notes } });
    }
    at += names.length * rows * NUMBER_BYTES;
  }
  if (at !== bytes.length) throw new Error(`the pack has ${bytes.length} bytes, its header speaks of ${at}`);
  return found;
}

function readColumn(bytes: Buffer, at: number, rows: number): Float64Array {
  const column = new Float64Array(rows);
  const target = Buffer.from(column.buffer);
  bytes.copy(target, 0, at, at + target.length);
  if (endianness() === 'BE') target.swap64();
  return column;
}
