/**
 * Writes messages in the wire format of Protocol Buffers: as much of it as ONNX files take.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export type Part = Uint8Array;

const WIRE_VARINT = 0;
const WIRE_LENGTH = 2;
const WIRE_FLOAT = 5;

function varint(value: number | bigint): Part {
  let left = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left === 0n ? low : low | 0x80);
  } while (left !== 0n);
  return Uint8Array.from(bytes);
}

const tag = (field: number, wire: number): Part => varint(field * 8 + wire);

export function joinParts(parts: readonly Part[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** A whole number or enumeration; negative ones as 64-bit two's complement. */
export const integerField = (field: number, value: number | bigint): Part =>
  joinParts([tag(field, WIRE_VARINT), varint(value)]);

/** Whole numbers that are not negative, as one field. */
export function packedIntegersField(field: number, values: ArrayLike<number>): Part {
  const bytes: number[] = [];
  for (let at = 0; at < values.length; at++) {
    let left = values[at]!;
    if (left < 0) throw new Error(`${left} is negative`);
    while (left > 0x7f) {
      bytes.push((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    bytes.push(left);
  }
  return bytesField(field, Uint8Array.from(bytes));
}

export function floatField(field: number, value: number): Part {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joinParts([tag(field, WIRE_FLOAT), bytes]);
}

export function bytesField(field: number, bytes: Uint8Array): Part {
  return joinParts([tag(field, WIRE_LENGTH), varint(bytes.length), bytes]);
}

export const textField = (field: number, text: string): Part => bytesField(field, new TextEncoder().encode(text));

export const messageField = (field: number, parts: readonly Part[]): Part => bytesField(field, joinParts(parts));
