/**
 * Reads messages in the wire format of Protocol Buffers: as much of it as ONNX files take. Nothing is copied: the bytes of
 * a field are a view on those of its message. What ends too early or has a wire type that ONNX does not use is a plain
 * error, which the reader of the file turns into one of its own.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export interface ProtobufField {
  readonly number: number;
  /** Of a varint, as 64-bit two's complement; 0 for all others. */
  readonly integer: bigint;
  /** Of a text, a message, packed numbers, or a number of fixed size; empty for a varint. */
  readonly bytes: Uint8Array;
  readonly isVarint: boolean;
}

const NO_BYTES = new Uint8Array(0);
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH = 2;
const FIXED_32 = 5;
const MAXIMUM_VARINT_BYTES = 10;

export function* protobufFields(message: Uint8Array): Generator<ProtobufField> {
  const cursor = { at: 0 };
  while (cursor.at < message.length) {
    const tag = Number(readVarint(message, cursor));
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    if (number === 0) throw new Error(`byte ${cursor.at} begins a field of the number 0`);
    if (wire === VARINT) {
      const integer = BigInt.asIntN(64, readVarint(message, cursor));
      yield { number, integer, bytes: NO_BYTES, isVarint: true };
      continue;
    }
    const length = wire === LENGTH ? Number(readVarint(message, cursor)) : { [FIXED_64]: 8, [FIXED_32]: 4 }[wire];
    if (length === undefined) throw new Error(`byte ${cursor.at} begins a field of the wire type ${wire}`);
    const end = cursor.at + length;
    if (end > message.length) {
      throw new Error(`it breaks off: field ${number} has ${length} bytes, and ${message.length - cursor.at} are left`);
    }
    yield { number, integer: 0n, bytes: message.subarray(cursor.at, end), isVarint: false };
    cursor.at = end;
  }
}

/** The whole numbers of a repeated field, written one by one or packed. */
export function integersOf({ isVarint, integer, bytes }: ProtobufField): number[] {
  if (isVarint) return [Number(integer)];
  const cursor = { at: 0 };
  const found: number[] = [];
  while (cursor.at < bytes.length) found.push(Number(BigInt.asIntN(64, readVarint(bytes, cursor))));
  return found;
}

export const textOf = ({ bytes }: ProtobufField): string => new TextDecoder().decode(bytes);

function readVarint(bytes: Uint8Array, cursor: { at: number }): bigint {
  let value = 0n;
  for (let count = 0; count < MAXIMUM_VARINT_BYTES; count++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) throw new Error('it breaks off within a number');
    value |= BigInt(byte & 0x7f) << BigInt(7 * count);
    if (byte < 0x80) return value;
  }
  throw new Error(`byte ${cursor.at} is in a number of more than ${MAXIMUM_VARINT_BYTES} bytes`);
}
